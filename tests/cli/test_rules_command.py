"""`zhixin rules`: an edited table is checked whole, and says whom it would restrict before it does."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from indexer.accounts.opening import Accounts
from indexer.accounts.roles import Role
from indexer.clock import Clock
from indexer.register.database import connect
from indexer.register.reading import Register
from portal.restrictions.rules import SHIPPED
from portal.rules_desk import RulesDesk
from tests.accounts.cast import somebody
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
    return portal(zhixin, "rules", *arguments, **environ)


def portal(zhixin: Zhixin, *arguments: object, **environ: str) -> Ended:
    """Run a command that starts in the portal."""
    ended = subprocess.run(
        [sys.executable, "-m", "portal", *map(str, arguments)],
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


def test_the_table_in_use_against_itself_changes_nothing(filled: Zhixin, tmp_path: Path) -> None:
    shown = rules(filled, "show")
    assert shown.code == 0
    (own := tmp_path / "own.toml").write_text(shown.out, "utf-8")
    same = previewed(filled, own, "2026-07-01")
    assert same["before"] == same["after"] and same["enterprises"] == {} and same["changes"] == []


def test_a_table_is_sent_in_by_an_operator_and_waits_for_another(filled: Zhixin, table: Path) -> None:
    settings = filled.settings
    accounts = Accounts(connect(settings.database_url), Clock(), settings)
    for role in (Role.OPERATOR, Role.REVIEWER):
        somebody(accounts, f"{role}@rules.example", role)
    day = str(accounts.clock.today())
    given = ("--from", day, "--reason", "示例办法修订")
    refused = rules(filled, "submit", table, "--by", "reviewer@rules.example", *given)
    assert refused.code == 1 and "没有起草限制规则的权限" in refused.err
    assert rules(filled, "submit", table, "--by", "nobody@rules.example", *given).code == 1
    sent = rules(filled, "submit", table, "--by", "operator@rules.example", *given)
    assert sent.code == 0, sent.err
    assert "已提交，等待另一人复核" in sent.out and "/desk/rules/drafts/1" in sent.out
    assert f"free {LISTED - 1 if day >= '2026-07-01' else LISTED}." in sent.out
    desk = RulesDesk(Register(accounts.engine, accounts.clock))
    [draft] = desk.drafts.open()
    assert (draft.state, draft.reason, draft.content) == (
        "proposed",
        "示例办法修订",
        table.read_text("utf-8"),
    )
    assert rules(filled, "show").out == SHIPPED.read_text("utf-8")
    accounts.engine.dispose()


def test_a_late_day_or_a_faulty_table_leaves_nothing_behind(filled: Zhixin, table: Path) -> None:
    settings = filled.settings
    accounts = Accounts(connect(settings.database_url), Clock(), settings)
    somebody(accounts, "operator@rules.example", Role.OPERATOR)
    given = ("--by", "operator@rules.example", "--reason", "示例")
    late = rules(filled, "submit", table, *given, "--from", "2020-01-01")
    assert late.code == 1 and "不能早于今天" in late.err
    table.write_text(FAILED.replace("honours", "honour"), "utf-8")
    faulty = rules(filled, "submit", table, *given, "--from", str(accounts.clock.today()))
    assert faulty.code == 1 and "不认识的领域 honour" in faulty.err
    assert RulesDesk(Register(accounts.engine, accounts.clock)).drafts.open() == []
    accounts.engine.dispose()


def test_the_setting_of_before_stops_the_start_with_what_to_do(zhixin: Zhixin, table: Path) -> None:
    ended = rules(zhixin, "show", ZHIXIN_RULES=str(table))
    assert ended.code == 1 and "zhixin rules submit" in ended.err


def test_the_doctor_names_an_edition_that_this_release_can_not_read(filled: Zhixin) -> None:
    engine = connect(filled.settings.database_url)
    with engine.begin() as connection:
        connection.execute(text("DROP TRIGGER rule_edition_update"))
        broken = "UPDATE rule_edition SET content = replace(content, 'ended_by', 'ended_with')"
        connection.execute(text(broken))
    engine.dispose()
    ended = portal(filled, "doctor")
    assert ended.code == 1
    assert "第 1 版限制规则与这一版程序不相容" in ended.err and "ended_with" in ended.err
