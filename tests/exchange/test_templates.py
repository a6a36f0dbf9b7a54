"""The national templates: what goes out and is taken in again is the same record, and what does not meet them stays here with a reason."""

import csv
import io
from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer.clock import SHANGHAI
from indexer.exchange.templates import NOT_EXCHANGED, faults_in, in_wan, template
from indexer.kinds import kinds
from indexer.kinds.base import Values
from indexer.kinds.penalty import PENALTY_KINDS
from indexer.register.disclosure import PublicRecord, PublicSubject, disclose
from indexer.register.draft import Draft
from indexer.sources.amounts import parse_amount
from indexer.sources.check import Checker, Rejection
from indexer.sources.table import Row
from tests.exchange.conftest import START
from tests.register.conftest import uscc

TODAY = START.astimezone(SHANGHAI).date()
PERSONAL = "110101199003077571"
PIECES = ("产品质量", "不合格，", "（一）", "。", '"', "'", " ", ",", ";", "\n", "-A1", "甲")
TEXT = st.lists(st.sampled_from(PIECES), max_size=6).map(lambda pieces: f"示{''.join(pieces)}例")
DAYS = st.dates(date(2026, 4, 1), TODAY)
AMOUNTS = st.decimals(Decimal("60000"), Decimal("99999999999.99"), places=2).map(lambda yuan: f"{yuan}元")


def as_public(kind_name: str, header: list[str], cells: list[str]) -> PublicRecord | list[str]:
    """A row as the register would show it: checked, and through the door; the reasons where it is not taken."""
    kind = kinds()[kind_name]
    checked = Checker(kind, header, TODAY).check(Row(2, cells))
    if isinstance(checked, Rejection):
        return [each.zh for each in checked.reasons]
    if withheld := kind.publicity(checked.values, TODAY).withheld:
        return [withheld]
    return through_the_door(kind_name, checked)


def through_the_door(kind_name: str, draft: Draft) -> PublicRecord:
    kind = kinds()[kind_name]
    values: Values = draft.values
    publicity = kind.publicity(values, TODAY)
    assert draft.codes is not None
    uscc_, organisation = draft.codes.uscc, draft.codes.organisation_code
    subject = PublicSubject(1, "enterprise", uscc_ or "", uscc_, organisation, None, draft.name or "", None)

    def day(column: str | None) -> date | None:
        return date.fromisoformat(str(values[column])) if column and column in values else None

    version = SimpleNamespace(
        record_id="0" * 24,
        kind=kind_name,
        name=draft.name,
        payload=values,
        extra=draft.extra,
        category=None,
        region=None,
        dated=day(kind.dated),
        valid_from=day(kind.valid_from),
        valid_until=day(kind.valid_until),
        public_until=publicity.public_until,
        source=None,
        recorded_in=1,
        recorded_at=START,
        notes=None,
        disputed=None,
    )
    return disclose(version, subject, [], TODAY)


def taken_again(record: PublicRecord) -> PublicRecord:
    """A record written by its template, as a CSV, and read by the ordinary check."""
    made = template(record.kind.name)
    cells = made.render(record)
    assert not faults_in(cells), cells
    file = io.StringIO()
    csv.writer(file).writerows((made.header, cells))
    header, row = csv.reader(io.StringIO(file.getvalue()))
    again = as_public(record.kind.name, header, row)
    assert isinstance(again, PublicRecord), again
    return again


def said(record: PublicRecord) -> tuple[Any, ...]:
    values = {name: value for name, value in record.values.items() if name != "public_until"}
    return (*(record.name, record.subject, record.public_until, record.source, record.extra), values)


PENALTY = {
    "CF_XDR_MC": TEXT.map(lambda text: text.replace("\n", "")[:60]),
    "CF_XDR_LB": st.sampled_from(["法人及非法人组织"]),
    "CF_XDR_SHXYM": st.integers(1, 500).map(uscc),
    "CF_WSH": TEXT,
    "CF_WFXW": TEXT,
    "CF_SY": TEXT,
    "CF_YJ": TEXT,
    "CF_CFLB": st.lists(
        st.sampled_from([t.zh for t in PENALTY_KINDS if t.code != "warning"]), min_size=1, max_size=4
    ).map(lambda words: "；".join(("罚款", *words))),
    "CF_NR": TEXT,
    "罚款金额": AMOUNTS,
    "没收金额": AMOUNTS,
    "CF_NR_ZKDX": TEXT,
    "CF_JDRQ": DAYS.map(str),
    "CF_GSJZQ": st.integers(400, 1000).map(lambda days: str(TODAY + timedelta(days=days))),
    "CF_CFJG": TEXT,
    "CF_CFJGDM": st.just(uscc(900)),
    "CF_SJLY": TEXT,
    "CF_SJLYDM": st.just(uscc(900)),
    "BZ": TEXT,
}
LICENCE = {
    "XK_XDR_MC": PENALTY["CF_XDR_MC"],
    "XK_XDR_SHXYM": PENALTY["CF_XDR_SHXYM"],
    "XK_XKWS": TEXT,
    "XK_WSH": TEXT,
    "XK_XKLB": st.sampled_from(["普通", "特许", "认可", "核准", "登记", "其他"]),
    "XK_XKZS": TEXT,
    "XK_XKBH": TEXT,
    "XK_NR": TEXT,
    "XK_JDRQ": DAYS.map(str),
    "XK_YXQZ": DAYS.map(str),
    "XK_YXQZI": st.dates(TODAY, date(2099, 12, 31)).map(str),
    "XK_XKJG": TEXT,
    "XK_XKJGDM": st.just(uscc(900)),
    "XK_ZT": st.sampled_from(["1", "2"]),
    "XK_LYDW": TEXT,
    "XK_LYDWDM": st.just(uscc(900)),
    "BZ": TEXT,
}
LISTING = {
    "统一社会信用代码": PENALTY["CF_XDR_SHXYM"],
    "主体名称": PENALTY["CF_XDR_MC"],
    "名单": st.sampled_from(["红名单", "黑名单", "重点关注"]),
    "名单名称": TEXT,
    "列入事由": TEXT,
    "列入机关": TEXT,
    "文号": TEXT,
    "列入日期": DAYS.map(str),
    "列入期满日": st.dates(TODAY, date(2029, 12, 31)).map(str),
    "数据来源": TEXT,
}
RATING = {
    "统一社会信用代码": PENALTY["CF_XDR_SHXYM"],
    "主体名称": PENALTY["CF_XDR_MC"],
    "等级": st.sampled_from(["AAA", "AA", "A", "B级", "C", "D"]),
    "评价体系": TEXT,
    "评价机构": TEXT,
    "评定日期": DAYS.map(str),
    "有效期至": st.dates(TODAY, date(2029, 12, 31)).map(str),
    "等级状态": st.sampled_from(["", "有效", "取消"]),
    "数据来源": TEXT,
}


@pytest.mark.parametrize(
    ("kind", "columns"),
    [("penalty", PENALTY), ("licence", LICENCE), ("listing", LISTING), ("rating", RATING)],
)
def test_a_record_that_goes_out_and_is_taken_in_again_is_the_same(
    kind: str, columns: dict[str, st.SearchStrategy[str]]
) -> None:
    taken = 0

    @settings(suppress_health_check=[HealthCheck.too_slow], max_examples=40)
    @given(st.fixed_dictionaries(columns))
    def the_same(row: dict[str, str]) -> None:
        nonlocal taken
        record = as_public(kind, list(row), list(row.values()))
        if isinstance(record, PublicRecord) and not faults_in(template(kind).render(record)):
            taken += 1
            again = taken_again(record)
            assert said(again) == said(record)
            assert template(kind).render(again) == template(kind).render(record)

    the_same()
    assert taken > 20  # the property was asked of many


@given(st.decimals(Decimal("0.01"), Decimal("999999999999.99"), places=2))
def test_amounts_go_out_in_wan_exactly(yuan: Decimal) -> None:
    written = in_wan({"value": str(yuan), "currency": "CNY"})
    assert Decimal(written) * 10_000 == yuan
    back = parse_amount(f"{written}万元")
    assert back is not None and Decimal(back["value"]) == yuan


def penalty(**cells: str) -> PublicRecord:
    row = {
        "CF_XDR_MC": "示例第一有限公司",
        "CF_XDR_LB": "法人及非法人组织",
        "CF_XDR_SHXYM": uscc(1),
        "CF_WSH": "示罚〔2026〕1号",
        "CF_WFXW": "生产不合格产品",
        "CF_SY": "事实",
        "CF_YJ": "依据",
        "CF_CFLB": "罚款",
        "CF_NR": "罚款二万元",
        "CF_NR_FK": "2",
        "CF_JDRQ": "2026-05-20",
        "CF_GSJZQ": "2027-05-20",
        "CF_CFJG": "示例局",
        "CF_CFJGDM": uscc(900),
        "CF_SJLY": "示例局",
        "CF_SJLYDM": uscc(900),
        "法定代表人": "示例张三",
        "CF_FR_ZJHM": PERSONAL,
        "CF_XDR_ZJHM": PERSONAL,
        "联系电话": "13812345678",
    } | cells
    record = as_public("penalty", list(row), list(row.values()))
    assert isinstance(record, PublicRecord), record
    return record


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"CF_CFJGDM": ""}, "CF_CFJGDM"),
        ({"CF_YJ": ""}, "CF_YJ"),
        ({"CF_NR_FK": ""}, "CF_NR_FK"),
        ({"CF_CFLB": "没收违法所得"}, "CF_NR_WFFF"),
        ({"CF_CFLB": "吊销许可证件"}, "CF_NR_ZKDX"),
        ({"CF_CFLB": "罚款、罚站"}, "CF_CFLB"),
        ({"CF_WSH": "示" * 129}, "CF_WSH"),
        ({"CF_SY": "示" * 5001}, "CF_SY"),
        ({"CF_NR_FK": "", "罚款金额": "20000美元"}, "CF_NR_FK"),
    ],
)
def test_what_does_not_meet_the_template_is_named_and_neither_sent_nor_cut(
    cells: dict[str, str], column: str
) -> None:
    rendered = template("penalty").render(penalty(**cells))
    assert [each.column for each in faults_in(rendered)] == [column]


def test_nothing_about_persons_goes_out() -> None:
    made = template("penalty")
    cells = made.render(penalty(CF_SY=f"负责人身份证{PERSONAL}，电话13812345678"))
    assert not faults_in(cells)
    text = "\n".join(map(str, cells))
    for secret in (PERSONAL, "13812345678", "示例张三", "张三"):
        assert secret not in text
    for name in ("penalty", "licence"):
        assert not {f"{prefix}{column}" for prefix in ("CF_", "XK_") for column in NOT_EXCHANGED} & set(
            template(name).header
        )


def test_a_state_that_the_template_has_no_word_for_is_told_as_not_valid() -> None:
    row = dict.fromkeys(LICENCE, "") | {
        "XK_XDR_MC": "示例第一有限公司",
        "XK_XDR_SHXYM": uscc(1),
        "XK_WSH": "示许〔2026〕1号",
        "XK_JDRQ": "2026-05-01",
    }
    states = {}
    for word in ("有效", "暂停", "撤销", "吊销", "注销", "撤回"):
        named = row | {"许可状态": word}
        del named["XK_ZT"]
        record = as_public("licence", list(named), list(named.values()))
        assert isinstance(record, PublicRecord), record
        column = next(each for each in template("licence").columns if each.heading == "XK_ZT")
        states[word] = column.said(record)
    assert states == {"有效": "1", "暂停": "2", "撤销": "2", "吊销": "2", "注销": "2", "撤回": "2"}
