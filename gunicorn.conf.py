"""What gunicorn reads by itself when it is started here, however it is started."""

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from gunicorn.http import message

LONGEST_ADDRESS = 128 * 1024  # bytes

# A question may have 1,000 Chinese characters, 9,000 bytes once they are percent-encoded; gunicorn stops at 8,190 with a page of its
# own. Up to here the portal itself answers, with 413 and the reason.
message.MAX_REQUEST_LINE = LONGEST_ADDRESS
limit_request_line = LONGEST_ADDRESS

# Threads that never wait for somebody who sends slowly; portal/worker.py says how. TLS ends at the proxy in front.
worker_class = "portal.worker.Worker"
threads = 4

# The workers' counters for /metrics, which any of them answers for all: a folder that lives as long as this gunicorn. The name is
# prometheus-client's, which reads it when a worker is loaded.
METRICS = "PROMETHEUS_MULTIPROC_DIR"
OURS = "zhixin-metrics-"
if METRICS not in os.environ:
    os.environ[METRICS] = tempfile.mkdtemp(prefix=OURS)


def child_exit(server: Any, worker: Any) -> None:
    """A worker that is gone says nothing of now any more; what it counted stays."""
    from prometheus_client.multiprocess import mark_process_dead  # not before the name above is set

    mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def on_exit(server: Any) -> None:
    """Clean up after the last worker."""
    if Path(os.environ[METRICS]).name.startswith(OURS):
        shutil.rmtree(os.environ[METRICS], ignore_errors=True)
