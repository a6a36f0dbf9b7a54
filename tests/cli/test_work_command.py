"""`zhixin work`: all background jobs in one process, as `zhixin serve` starts it, until it is told to stop or left alone."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable

from indexer.accounts.audit import Caller
from indexer.accounts.opening import Accounts
from indexer.accounts.roles import Role
from indexer.settings import Settings
from tests.accounts.test_post import open_box
from tests.cli.command import Zhixin, certificate, write
from tests.cli.test_sync_command import wait_until_found
from tests.servers import CHECKOUT

WORK = [sys.executable, "-m", "portal", "work"]


def wait_for(what: Callable[[], bool], seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until, "it did not come"
        time.sleep(0.05)


def test_one_process_keeps_the_index_up_and_sends_letters_until_it_is_told_to_stop(zhixin: Zhixin) -> None:
    assert zhixin.ingest(write(zhixin.folder / "a.csv", [certificate(1)])).code == 0
    with open_box() as box:
        mail = {
            "ZHIXIN_SMTP_URL": f"smtp+plain://127.0.0.1:{box.port}",
            "ZHIXIN_MAIL_FROM": "noreply@credit.example.cn",
            "ZHIXIN_BASE_URL": "https://credit.example.cn",
        }
        environ = zhixin.environ | mail
        worker = subprocess.Popen(WORK, cwd=CHECKOUT, env=environ, stderr=subprocess.PIPE, text=True)
        try:
            wait_until_found(zhixin, "SL0000001Q", 60)
            register = zhixin.register()
            accounts = Accounts(register.engine, register.clock, Settings.from_environ(environ))
            accounts.links.invite(Caller(), "示例", "new@firm.example", Role.OPERATOR, "")
            wait_for(lambda: [letter["To"] for letter in box.letters] == ["new@firm.example"])
        finally:
            worker.send_signal(signal.SIGTERM)
            _, said = worker.communicate(timeout=30)
    assert worker.returncode == 0
    assert said == ""


def test_a_worker_whose_parent_was_killed_ends_by_itself(zhixin: Zhixin) -> None:
    assert zhixin("init").code == 0
    started = f"import subprocess, time; print(subprocess.Popen({WORK!r}).pid, flush=True); time.sleep(60)"
    parent = subprocess.Popen(
        [sys.executable, "-c", started], cwd=CHECKOUT, env=zhixin.environ, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    worker = int(parent.stdout.readline())
    time.sleep(3)  # it has begun
    parent.kill()
    parent.communicate()

    def gone() -> bool:
        try:
            os.kill(worker, 0)
        except ProcessLookupError:
            return True
        with open(f"/proc/{worker}/stat") as stat:  # noqa: PTH123  nobody reaps an orphan here
            return stat.read().split()[2] == "Z"

    wait_for(gone)


def test_a_job_that_is_none_is_named(zhixin: Zhixin) -> None:
    ran = subprocess.run(
        [*WORK, "tidy"], cwd=CHECKOUT, env=zhixin.environ, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 1
    assert "没有名为 tidy 的任务" in ran.stderr
    assert "Traceback" not in ran.stderr
