"""Administrative penalties (行政处罚): decisions against enterprises; those against natural persons are kept
but never public.

The columns take the 双公示 template `CF_*` (发改办财金〔2018〕424号) and its older names (before 2018) as
they are; amounts are in 元 except in the template's NR_FK and NR_WFFF, which are in 万元. What the public
sees is the summary of 总局令45 art. 4, for as long as `indexer.rules.publicity` says; a decision that its
authority withdrew or changed is taken down (行政处罚法 48).
"""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import lru_cache

from indexer.kinds.base import (
    Column,
    Find,
    Kind,
    Problem,
    Section,
    Show,
    Term,
    Tone,
    Type,
    Value,
    Values,
    Vocabulary,
    day_in,
    text_in,
)
from indexer.kinds.national import NATIONAL_COLUMNS
from indexer.kinds.persons import is_natural_person, settle_subject_kind
from indexer.rules.publicity import CLASSES, PenaltyClass, Publicity, penalty_publicity
from indexer.rules.repair import Repair, penalty_repair

PENALTY_KINDS = Vocabulary(
    Term("warning", "警告", "Warning"),
    Term("criticism", "通报批评", "Public criticism"),
    Term("fine", "罚款", "Fine", ("处罚款", "处以罚款")),
    Term("confiscation_gains", "没收违法所得", "Confiscation of unlawful gains"),
    Term(
        "confiscation_goods",
        "没收非法财物",
        "Confiscation of unlawful goods",
        ("没收违法财物", "没收非法财产"),
    ),
    Term(
        "licence_suspension", "暂扣许可证件", "Licence suspended", ("暂扣许可证", "暂扣执照", "暂扣营业执照")
    ),
    Term("downgrade", "降低资质等级", "Qualification downgraded", ("降低资质",)),
    Term(
        "licence_revocation",
        "吊销许可证件",
        "Licence revoked",
        ("吊销许可证", "吊销执照", "吊销营业执照", "吊销"),
    ),
    Term(
        "business_restriction",
        "限制开展生产经营活动",
        "Business restricted",
        ("限制生产经营", "限制开展生产经营"),
    ),
    Term(
        "business_stop",
        "责令停产停业",
        "Production or business stopped",
        ("停产停业", "责令停业", "停业整顿"),
    ),
    Term("closure", "责令关闭", "Closed down", ("关闭",)),
    Term("practice_ban", "限制从业", "Barred from practice", ("禁止从业", "从业禁止", "行业禁入")),
    Term("detention", "行政拘留", "Detention", ("拘留",)),
    Term("other", "其他", "Other", ("其他行政处罚", "其它")),
)
"""处罚类别 (CFLB) of the template, after 行政处罚法 (2021) art. 9."""

OLD_KINDS = {
    "0": "警告",
    "1": "罚款",
    "2": "没收违法所得、没收非法财物",
    "3": "责令停产停业",
    "4": "暂扣或者吊销许可证件",
    "5": "行政拘留",
    "6": "其他",
}
"""CF_CFLB1 and CF_CFLB2 before 2018; "4" does not say which of its two acts it was."""

STATUSES = Vocabulary(
    Term("in_force", "有效", "In force", ("正常", "生效", "已生效", "0"), Tone.BAD),
    Term("disputed", "异议", "Disputed", ("异议处理中", "复议中", "诉讼中", "2"), Tone.WARN),
    Term("changed", "变更", "Changed", ("已变更", "部分变更"), Tone.NEUTRAL),
    Term(
        "withdrawn",
        "撤销",
        "Withdrawn",
        ("已撤销", "撤消", "撤回", "确认违法", "确认无效", "1"),
        Tone.NEUTRAL,
    ),
)
"""The digits are CF_ZT before 2018; its 3 其他 does not say enough and is refused."""

TAKEN_DOWN = frozenset({"changed", "withdrawn"})
"""States that end publication at once (行政处罚法 48; domain.md 3.3)."""

SEVERITIES = Vocabulary(
    Term("minor", "轻微", "Minor", ("轻微失信", "轻微失信信息"), Tone.NEUTRAL),
    Term("general", "一般", "General", ("一般失信", "一般失信信息"), Tone.WARN),
    Term("serious", "严重", "Serious", ("严重失信", "严重失信信息"), Tone.BAD),
)
"""Classes of 信用修复管理办法 (发改委令36, from 2026-04-01); set by the sector's authority, derived where the
file is silent.
"""

PROCEDURES = Vocabulary(
    Term("simple", "简易程序", "Simple procedure", ("简易", "当场处罚")),
    Term("ordinary", "普通程序", "Ordinary procedure", ("普通", "一般程序")),
)

_separators = re.compile(r"[；;、，,/|\n+＋]+|\s+")


@lru_cache(maxsize=4096)
def penalty_kinds(text: str) -> str:
    """Kinds of penalty (处罚种类), however separated, in the words of 行政处罚法 art. 9, joined with `、`,
    each once.

    A word that is none of these stays as it is.
    """
    words = [word for word in _separators.split(text) if word]
    known = [
        OLD_KINDS.get(word) or (term.zh if (term := PENALTY_KINDS.find(word)) else word) for word in words
    ]
    return "、".join(dict.fromkeys(known))


class Penalty(Kind):
    """行政处罚, one row per decision and enterprise."""

    name = "penalty"
    label = "行政处罚"
    label_en = "Administrative penalties"
    aliases = ("处罚", "处罚决定", "双公示处罚")
    columns = (
        Column(
            "document_number",
            "文号",
            required=True,
            aliases=(
                "处罚决定书文号",
                "行政处罚决定书文号",
                "行政处罚决定文书号",
                "决定书文号",
                "决定文书号",
                "处罚文号",
                "CF_WSH",
                "WSH",
            ),
            find=Find.CODE,
            maximum=200,
        ),
        Column(
            "case_name", "案件名称", aliases=("处罚名称", "CF_CFMC", "CFMC"), show=Show.SCANNED, maximum=500
        ),
        Column(
            "cause",
            "案由",
            aliases=("违法行为类型", "处罚事由", "CF_WFXW", "WFXW"),
            show=Show.SCANNED,
            find=Find.TITLE,
            maximum=2000,
        ),
        Column(
            "fact",
            "违法事实",
            aliases=("主要违法事实", "CF_SY", "SY"),
            show=Show.SCANNED,
            find=Find.TEXT,
            maximum=10_000,
        ),
        Column(
            "basis",
            "处罚依据",
            aliases=("法律依据", "CF_YJ", "YJ"),
            show=Show.SCANNED,
            find=Find.TEXT,
            maximum=4000,
        ),
        Column(
            "kinds",
            "处罚种类",
            aliases=("处罚类别", "CF_CFLB", "CFLB", "处罚类别1", "CF_CFLB1", "CFLB1"),
            maximum=500,
        ),
        Column("more_kinds", "处罚类别2", aliases=("CF_CFLB2", "CFLB2"), show=Show.NEVER, maximum=500),
        Column(
            "content",
            "处罚内容",
            aliases=("处罚结果", "CF_NR", "NR", "CF_JG", "JG"),
            show=Show.SCANNED,
            find=Find.TEXT,
            maximum=8000,
        ),
        Column(
            "fine",
            "罚款金额",
            Type.AMOUNT,
            aliases=("罚款数额", "罚没金额", "CF_NR_FK", "NR_FK"),
            units={"CF_NR_FK": "万元", "NR_FK": "万元"},
        ),
        Column(
            "confiscated",
            "没收金额",
            Type.AMOUNT,
            aliases=(
                "没收违法所得金额",
                "没收违法所得、没收非法财物的金额",
                "CF_NR_WFFF",
                "NR_WFFF",
            ),
            units={"CF_NR_WFFF": "万元", "NR_WFFF": "万元"},
        ),
        Column(
            "licence_affected",
            "暂扣或吊销证照名称及编号",
            aliases=("CF_NR_ZKDX", "NR_ZKDX"),
            show=Show.SCANNED,
            maximum=500,
        ),
        Column(
            "authority",
            "处罚机关",
            aliases=("处罚机构", "作出处罚决定的机关", "CF_CFJG", "CFJG", "CF_XZJG", "XZJG"),
            find=Find.ISSUER,
            maximum=300,
        ),
        Column(
            "authority_code",
            "处罚机关统一社会信用代码",
            aliases=("CF_CFJGDM", "CFJGDM"),
            maximum=64,
            label_en="Authority's unified social credit code",
        ),
        Column(
            "decided_on",
            "处罚日期",
            Type.DATE,
            required=True,
            aliases=("处罚决定日期", "决定日期", "作出处罚决定日期", "CF_JDRQ", "JDRQ"),
        ),
        Column("effective_until", "处罚有效期", Type.DATE, aliases=("处罚有效期至", "CF_YXQ", "YXQ")),
        Column(
            "public_until", "公示截止", Type.DATE, aliases=("公示截止期", "公示截止日期", "CF_GSJZQ", "GSJZQ")
        ),
        Column("repaired_on", "修复日期", Type.DATE, aliases=("信用修复日期", "修复完成日期")),
        Column("corrected_on", "履行完毕日期", Type.DATE, aliases=("整改完成日期", "履行日期", "改正日期")),
        Column("severity", "失信程度", Type.CHOICE, aliases=("失信等级", "严重程度"), choices=SEVERITIES),
        Column("procedure", "处罚程序", Type.CHOICE, aliases=("适用程序", "程序类型"), choices=PROCEDURES),
        Column("sector", "监管领域", aliases=("所属领域", "行业领域", "执法领域"), maximum=100),
        Column(
            "status", "处罚状态", Type.CHOICE, aliases=("状态", "当前状态", "CF_ZT", "ZT"), choices=STATUSES
        ),
        Column("status_changed_on", "状态变更日期", Type.DATE, aliases=("撤销日期", "变更日期")),
        Column("status_reason", "变更原因", aliases=("撤销原因",), show=Show.SCANNED, maximum=2000),
        *NATIONAL_COLUMNS,
    )
    key = ("document_number",)
    section = Section(
        45,
        ("document_number", "cause", "kinds", "content", "fine", "authority", "decided_on", "public_until"),
        "没有在公示期内的行政处罚记录。",
    )
    title = "cause"
    number = "document_number"
    category = "kinds"
    dated = "decided_on"
    valid_from = "decided_on"
    valid_until = "effective_until"
    status_since = "status_changed_on"
    statuses = STATUSES
    lasting = ("repaired_on",)

    def check(self, values: dict[str, Value], today: date) -> Iterator[Problem]:
        """Nothing is decided in the future, and nothing is repaired or changed before it was decided.

        The kinds of both template columns become one list in the words of the law, and what is known of the
        subject is settled.
        """
        decided, now = text_in(values, "decided_on"), today.isoformat()
        if decided > now:
            yield Problem("处罚日期", f"处罚日期{decided}还没有到，请核对。")
        for column, label in (
            ("repaired_on", "修复日期"),
            ("corrected_on", "履行完毕日期"),
            ("status_changed_on", "状态变更日期"),
            ("public_until", "公示截止"),
        ):
            day = text_in(values, column)
            if day and decided and day < decided:
                yield Problem(label, f"{label}{day}早于处罚日期{decided}，请核对两个日期。")
        if text_in(values, "repaired_on") > now:
            yield Problem("修复日期", "修复日期还没有到，请在修复完成后再报送。")
        stated = "、".join(filter(None, (text_in(values, "kinds"), text_in(values, "more_kinds"))))
        values.pop("more_kinds", None)
        if kinds := penalty_kinds(stated):
            values["kinds"] = kinds
        if "cause" not in values and "case_name" in values:
            values["cause"] = values["case_name"]
        settle_subject_kind(values)

    def publicity(self, values: Values, today: date) -> Publicity:
        """The period of the decision's class, by `indexer.rules.publicity`; never for a natural person, nor once
        the authority took the decision back.
        """
        return penalty_publicity(
            day_in(values, "decided_on") or today,
            _kinds(values),
            _yuan(values),
            stated_until=day_in(values, "public_until"),
            repaired_on=day_in(values, "repaired_on"),
            natural_person=is_natural_person(values),
            withdrawn=values.get("status") in TAKEN_DOWN,
            given_class=_given_class(values),
            simple_procedure=values.get("procedure") == "simple",
        )

    def repair(self, values: Values, today: date) -> Repair:
        """The repair by the edition of the decision's day, by `indexer.rules.repair`."""
        return penalty_repair(
            day_in(values, "decided_on") or today,
            _kinds(values),
            _yuan(values),
            self.publicity(values, today),
            authority=text_in(values, "authority"),
            about=" ".join(text_in(values, column) for column in ("sector", "cause", "basis")),
            given_class=_given_class(values),
            simple_procedure=values.get("procedure") == "simple",
        )


def _kinds(values: Values) -> list[str]:
    return penalty_kinds(text_in(values, "kinds")).split("、") if values.get("kinds") else []


def _yuan(values: Values) -> Decimal | None:
    fine = values.get("fine")
    return Decimal(fine["value"]) if isinstance(fine, dict) and fine["currency"] == "CNY" else None


def _given_class(values: Values) -> PenaltyClass | None:
    return next((name for name in CLASSES if name == values.get("severity")), None)


KIND = Penalty()
