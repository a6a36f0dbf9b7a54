"""The commands of the change feed and of webhooks."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from indexer.clock import Clock
from indexer.feed.recording import record
from indexer.register.database import connect, migrate
from indexer.register.reading import Register
from portal.cli import main
from tests.register.conftest import Desk, row, uscc


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    url = f"sqlite:///{tmp_path / 'register.sqlite3'}"
    migrate(url)
    engine = connect(url)
    Desk(engine).publish("enterprise", [row(2, "示例有限公司", uscc(1))])
    record(Register(engine, Clock()))
    engine.dispose()
    return tmp_path


def run(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, arguments, env={"ZHIXIN_DATA": str(folder)})


def test_positions_are_printed_and_change_when_the_feed_begins_anew(folder: Path) -> None:
    before = run(folder, "changes", "position")
    assert before.exit_code == 0 and len(before.stdout.strip()) == 27
    assert run(folder, "changes", "recheck").exit_code == 0
    assert run(folder, "work", "--once", "changes").stdout == "changes\t0\n"
    assert run(folder, "changes", "restart").exit_code == 130  # nobody has said yes
    assert run(folder, "changes", "position").stdout == before.stdout
    assert run(folder, "changes", "restart", "--yes").exit_code == 0
    assert run(folder, "work", "--once", "changes").stdout == "changes\t1\n"
    assert run(folder, "changes", "position").stdout != before.stdout


def test_receivers_are_registered_listed_rotated_and_stopped(folder: Path) -> None:
    add = (
        "webhooks",
        "add",
        "https://hooks.example.cn/x",
        "--name",
        "示例平台",
        "--mail",
        "ops@firm.example",
    )
    number, secret = run(folder, *add, "--kind", "certificate", "--list", "black").stdout.split()
    assert number == "1" and secret.startswith("whsec_")
    assert run(folder, "webhooks", "list").stdout == "1\tnew\t-\t示例平台\thttps://hooks.example.cn/x\n"
    rotated = run(folder, "webhooks", "rotate", "1").stdout.strip()
    assert rotated.startswith("whsec_") and rotated != secret
    assert "test\t0\t-" in run(folder, "webhooks", "ledger", "1").stdout
    assert run(folder, "webhooks", "switch", "1", "stop").exit_code == 0
    assert "stopped" in run(folder, "webhooks", "list").stdout
    again = run(folder, "webhooks", "switch", "1", "test")
    assert again.exit_code == 1 and "恢复" in again.stderr
    assert run(folder, "webhooks", "switch", "1", "resume").exit_code == 0
    assert run(folder, "webhooks", "ledger", "7").exit_code == 1


def test_what_is_wrong_with_a_receiver_is_one_line(folder: Path) -> None:
    add = ("webhooks", "add", "http://127.0.0.1/", "--name", "示例", "--mail", "ops@firm.example")
    refused = run(folder, *add)
    assert refused.exit_code == 1 and "https://" in refused.stderr and refused.stderr.count("\n") == 1
