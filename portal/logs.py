"""Logs: one JSON object a line on standard error. What people asked is not logged, since it may name a person."""

import logging
import sys
from collections.abc import Callable
from typing import Any

import orjson
import structlog

from indexer.settings import Settings
from portal.tracing import add_request_id


def init_logs(settings: Settings) -> None:
    """Log at the level of the settings."""
    structlog.configure(
        processors=[
            add_request_id,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(serializer=_line),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, settings.log_level)),
        logger_factory=lambda *_: _STDERR,
    )


class _Stderr:
    """Standard error where it is when something is logged, which is not always where it was at the start."""

    def info(self, line: str) -> None:
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()

    debug = warning = error = critical = info


_STDERR = _Stderr()


def _line(event: object, default: Callable[[Any], Any]) -> str:
    return orjson.dumps(event, default=default).decode()
