"""Quality credit grades (质量信用等级): AAA, AA, A, B, C, D, best first.

GB/T 23791-2009 divides enterprises into A to D; the Jiangsu scheme for industrial enterprises
(江苏工业企业质量信用, since 2011) splits A into A, AA and AAA (domain.md 3.1). The internal risk class
(企业信用风险分类, 国市监信发〔2022〕6号) is no rating and never shown.
"""

from collections.abc import Sequence
from datetime import date

from indexer.kinds.base import (
    Column,
    Find,
    Kind,
    Section,
    Show,
    State,
    Term,
    Tone,
    Type,
    Vocabulary,
    effective_status,
)

GRADES = Vocabulary(
    *(
        Term(
            grade,
            grade,
            f"Grade {grade}",
            (f"{grade}级", f"{grade}等", f"{grade}级企业", f"质量信用{grade}级"),
            tone,
        )
        for grade, tone in (
            ("AAA", Tone.GOOD),
            ("AA", Tone.GOOD),
            ("A", Tone.GOOD),
            ("B", Tone.NEUTRAL),
            ("C", Tone.WARN),
            ("D", Tone.BAD),
        )
    )
)

STATUSES = Vocabulary(
    Term("valid", "有效", "Current", ("正常",), Tone.GOOD),
    Term(
        "withdrawn",
        "取消",
        "Withdrawn",
        ("撤销", "已取消", "已撤销", "取消等级"),
        Tone.BAD,
        final=True,
    ),
    Term("expired", "过期失效", "Expired", ("过期", "失效", "已过期"), Tone.NEUTRAL),
    Term("not_yet_valid", "未生效", "Not yet valid", ("尚未生效",), Tone.NEUTRAL),
)


class Rating(Kind):
    """质量信用等级, one row per grade given."""

    name = "rating"
    label = "质量信用等级"
    label_en = "Quality credit grades"
    aliases = ("信用等级", "信用评价", "质量信用")
    columns = (
        Column(
            "grade",
            "等级",
            Type.CHOICE,
            required=True,
            aliases=("信用等级", "质量信用等级", "评价等级"),
            choices=GRADES,
        ),
        Column(
            "scheme",
            "评价体系",
            aliases=("评价名称", "评价标准", "评价项目"),
            find=Find.TITLE,
            maximum=300,
        ),
        Column(
            "issuer",
            "评价机构",
            aliases=("评定机构", "评价单位", "评定单位"),
            find=Find.ISSUER,
            maximum=300,
        ),
        Column("rated_on", "评定日期", Type.DATE, aliases=("评价日期", "公布日期")),
        Column("valid_until", "有效期至", Type.DATE, aliases=("有效期止", "有效截止日期")),
        Column(
            "document_number",
            "公布文号",
            aliases=("文号", "公告文号"),
            find=Find.CODE,
            maximum=200,
        ),
        Column("status", "等级状态", Type.CHOICE, aliases=("状态",), choices=STATUSES),
        Column("status_changed_on", "状态变更日期", Type.DATE, aliases=("取消日期",)),
        Column(
            "status_reason",
            "变更原因",
            aliases=("取消原因",),
            show=Show.SCANNED,
            maximum=2000,
        ),
    )
    key = ("scheme", "issuer", "rated_on")
    section = Section(
        30,
        ("grade", "scheme", "issuer", "rated_on", "valid_until", "status"),
        "没有质量信用等级记录。",
    )
    title = "scheme"
    category = "grade"
    dated = "rated_on"
    valid_from = "rated_on"
    valid_until = "valid_until"
    status_since = "status_changed_on"
    statuses = STATUSES

    def status_on(
        self,
        states: Sequence[State],
        valid_from: date | None,
        valid_until: date | None,
        day: date,
    ) -> str | None:
        """The effective state of the grade on `day`."""
        return effective_status(self.statuses, states, valid_from, valid_until, day)


KIND = Rating()
