"""`zhixin rules`: an edited table is checked whole, and says whom it would restrict before it does."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from portal.restrictions.rules import SHIPPED
from tests.cli.command import Ended, Zhixin, uscc
from tests.servers import CHECKOUT

LISTED = 3
HEADER = "统一社会信用代码,主体名称,名单,名单名称,列入机关,文号,列入日期,主体类别\n"
FAILED = """
[[rule]]
id = "failed-twice"
version = 1
domains = ["honours"]
effect = "restricted"
trigger = { kind = "inspection", mentions = { result = ["不合格"] }, repeated = { times = 2, months = 12 } }
duration = { type = "years", years = 1 }
basis = "示例办法第一条"
source = "示例"
verified = false
valid_from = 2026-07-01
zh = "到{day}，{count} 次不合格。期限：{until}。"
en = "By {day} failed {count} times. Until: {until}."
"""


def rules(zhixin: Zhixin, *arguments: object, **environ: str) -> Ended:
    """Run `zhixin rules …`."""
    ended = subprocess.run(
        [sys.executable, "-m", "portal", "rules", *map(str, arguments)],
        cwd=CHECKOUT,
        env=zhixin.environ | environ,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert "Traceback" not in ended.stderr, ended.stderr
    return Ended(ended.returncode, ended.stdout, ended.stderr)


def without(rule: str) -> str:
    """The shipped table without one rule."""
    parts = SHIPPED.read_text("utf-8").split("[[rule]]\n")
    left = [part for part in parts if not part.startswith(f'id = "{rule}"')]
    assert len(left) == len(parts) - 1
    return "[[rule]]\n".join(left)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """The shipped table without a rule of honours, and with one of inspections from July 2026 on."""
    path = tmp_path / "edited.toml"
    path.write_text(without("honours-serious-violation") + FAILED, "utf-8")
    return path


@pytest.fixture
def filled(zhixin: Zhixin) -> Zhixin:
    """Three enterprises on the list of serious violations, of which the first failed two inspections, as did one more."""
    assert zhixin("init").code == 0
    rows = [
        f"{uscc(n)},示例{n}号有限公司,黑名单,严重违法失信名单,示例市场监督管理局,示例列〔2026〕{n}号,2026-01-15,法人及非法人组织\n"
        for n in range(LISTED)
    ]
    (zhixin.folder / "名单.csv").write_text(HEADER + "".join(rows), "utf-8")
    failures = [
        f"{uscc(n)},示例{n}号有限公司,示例计划{month},监督抽查,示例玩具,不合格,示例市场监督管理局,2026-0{month}-01\n"
        for n in (0, 7)
        for month in (2, 5)
    ]
    header = "统一社会信用代码,主体名称,抽查计划,检查类型,检查事项或产品,检查结果,检查机关,检查日期\n"
    (zhixin.folder / "抽查.csv").write_text(header + "".join(failures), "utf-8")
    ended = zhixin.ingest(zhixin.folder / "名单.csv", zhixin.folder / "抽查.csv")
    assert [report["added"] for report in ended.files] == [LISTED, 4], ended
    return zhixin


def test_a_sound_table_is_named_with_its_version_and_what_is_unverified(zhixin: Zhixin, table: Path) -> None:
    ended = rules(zhixin, "check", table)
    assert ended.code == 0
    assert "规则表正确：16 条规则，版本 " in ended.out and "unverified: failed-twice" in ended.out


def test_all_that_is_wrong_is_told_line_by_line(zhixin: Zhixin, table: Path) -> None:
    table.write_text(FAILED.replace("times = 2", "times = 1").replace("honours", "honour"), "utf-8")
    ended = rules(zhixin, "check", table)
    assert ended.code == 1 and ended.out == ""
    assert [line[:8] for line in ended.err.splitlines()] == ["zhixin: "] * 2
    assert "times 应当是 2" in ended.err and "不认识的领域 honour" in ended.err


def previewed(zhixin: Zhixin, table: Path, day: str, *more: str, **environ: str) -> Any:
    ended = rules(zhixin, "preview", table, "--as-of", day, "--json", *more, **environ)
    assert ended.code == 0, ended.err
    return json.loads(ended.out)


def test_a_change_says_whom_it_restricts_and_whom_it_frees_from_its_day_on(
    filled: Zhixin, table: Path
) -> None:
    assert previewed(filled, table, "2026-06-30")["enterprises"] == {"freed": LISTED}
    after = previewed(filled, table, "2026-07-01")
    assert after["enterprises"] == {"freed": LISTED - 1, "restricted": 1, "shorter": 1}
    told = {(change["code"], change["what"]): change["rules"] for change in after["changes"]}
    lost = "honours-serious-violation"
    assert told == {
        (uscc(0), "shorter"): ["failed-twice", lost],
        (uscc(1), "freed"): [lost],
        (uscc(2), "freed"): [lost],
        (uscc(7), "restricted"): ["failed-twice"],
    }
    assert {change["domain"] for change in after["changes"]} == {"honours"}


def test_the_sums_count_those_that_are_not_listed_too(filled: Zhixin, table: Path) -> None:
    ended = rules(filled, "preview", table, "--as-of", "2026-07-01", "--limit", "1")
    assert "新增限制 1 家，解除限制 2 家" in ended.out
    assert "newly restrict 1 enterprises and free 2." in ended.out
    assert "还有 3 处没有列出" in ended.out
    assert "  评先评优\t解除限制\t2 家" in ended.out


def test_the_table_in_use_against_itself_changes_nothing(filled: Zhixin, table: Path) -> None:
    same = previewed(filled, table, "2026-07-01", ZHIXIN_RULES=str(table))
    assert same["before"] == same["after"] and same["enterprises"] == {} and same["changes"] == []
    back = previewed(filled, SHIPPED, "2026-06-30", ZHIXIN_RULES=str(table))
    assert back["enterprises"] == {"restricted": LISTED}
