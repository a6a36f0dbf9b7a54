"""`zhixin keys`, and what `zhixin doctor` warns of where limits can not be right."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from indexer.doctor import _limits
from indexer.serving import Seen, Serving, serving
from indexer.settings import Settings
from tests.cli.command import Ended, Zhixin
from tests.servers import CHECKOUT

MAIL = "developer@firm.example"


def run(zhixin: Zhixin, *arguments: str, **environ: str) -> Ended:
    """A command of the portal's."""
    done = subprocess.run(
        [sys.executable, "-m", "portal", *arguments],
        cwd=CHECKOUT,
        env=zhixin.environ | environ,
        capture_output=True,
        text=True,
        check=False,
    )
    return Ended(done.returncode, done.stdout, done.stderr)


def test_an_operator_hands_a_key_over_and_takes_it_back(zhixin: Zhixin) -> None:
    assert zhixin("init").code == 0
    made = run(zhixin, "keys", "create", MAIL, "--name", "采购系统", "--plan", "basic", "--scope", "read")
    assert made.code == 0
    assert re.fullmatch(r"zhixin_[0-9A-Za-z]{36}\n", made.out)
    assert made.out.strip() not in made.err
    [line] = run(zhixin, "keys", "list").out.splitlines()
    assert line.split("\t")[:6] == ["1", MAIL, "采购系统", "basic", "read", "live"]
    assert run(zhixin, "keys", "revoke", "1", "--reason", "不再使用").code == 0
    assert "\trevoked\t" in run(zhixin, "keys", "list", "--state", "revoked").out
    again = run(zhixin, "keys", "revoke", "1", "--reason", "不再使用")
    assert again.code == 1
    assert "已经失效" in again.complaint


def test_a_table_of_plans_is_looked_at_before_the_portal_reads_it(zhixin: Zhixin, tmp_path: Path) -> None:
    assert [line.split("\t")[0] for line in run(zhixin, "keys", "plans").out.splitlines()] == [
        "basic",
        "partner",
    ]
    wrong = tmp_path / "plans.toml"
    wrong.write_text("[anonymous]\nat_once = 0\n", "utf-8")
    told = run(zhixin, "keys", "plans", ZHIXIN_PLANS=str(wrong))
    assert told.code == 1
    assert "anonymous.at_once" in told.complaint


@contextmanager
def another(data: Path) -> Iterator[None]:
    """Another process that counts for itself, over the same data folder."""
    code = (
        "import sys; from pathlib import Path; from indexer.serving import Seen, Serving\n"
        "Serving(Path(sys.argv[1])).say(Seen(alone=True)); print('said', flush=True); sys.stdin.read()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(data)], cwd=CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None and process.stdout.readline() == b"said\n"
    try:
        yield
    finally:
        process.kill()
        process.communicate()


def codes(settings: Settings) -> list[str]:
    return [each.code for each in _limits(settings)]


def test_several_processes_that_count_each_for_itself_are_warned_of_while_they_live(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    assert codes(settings) == []
    Serving(tmp_path).say(Seen(alone=True))
    assert codes(settings) == []
    with another(tmp_path):
        assert codes(settings) == ["limits-not-shared"]
        assert "2" in next(iter(_limits(settings))).en
    assert codes(settings) == []
    assert len(list(serving(tmp_path))) == 1


def test_limits_that_are_off_and_proxies_that_are_not_trusted_are_warned_of(tmp_path: Path) -> None:
    assert codes(Settings(data=tmp_path, rate_limits=())) == ["limits-off"]
    https = Settings(data=tmp_path, base_url="https://credit.example.cn")
    assert codes(https) == ["proxy-not-trusted"]
    assert codes(Settings(data=tmp_path, base_url=https.base_url, trusted_proxies=1)) == []
    Serving(tmp_path).say(Seen(alone=False, forwarded="short"))
    assert codes(Settings(data=tmp_path)) == ["proxies-too-many"]


def test_warnings_are_told_and_make_nothing_unsound(zhixin: Zhixin) -> None:
    assert zhixin("init").code == 0
    assert zhixin("reindex").code == 0
    ended = zhixin("doctor", "--json", environ={"ZHIXIN_RATE_LIMITS": "off"})
    assert ended.code == 0
    assert [each["code"] for each in json.loads(ended.out)["warnings"]] == ["limits-off"]
    assert "压力测试" in zhixin("doctor", environ={"ZHIXIN_RATE_LIMITS": "off"}).err
