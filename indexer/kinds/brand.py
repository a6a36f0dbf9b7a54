"""Brands and honours (品牌与荣誉): 江苏精品, 名牌, quality prizes, geographical indications, demonstration
zones (domain.md 2.1, 3.1).

An honour whose time is over, or whose award is no longer given, stays on record as a former title (历史称号).
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

STATUSES = Vocabulary(
    Term("valid", "有效", "Current", ("正常", "有效期内"), Tone.GOOD),
    Term(
        "withdrawn",
        "撤销",
        "Withdrawn",
        ("取消", "已撤销", "已取消", "撤销称号"),
        Tone.BAD,
        final=True,
    ),
    Term(
        "expired",
        "历史称号",
        "Former title",
        ("过期失效", "过期", "已过期", "失效"),
        Tone.NEUTRAL,
    ),
    Term("not_yet_valid", "未生效", "Not yet valid", ("尚未生效",), Tone.NEUTRAL),
)


class Brand(Kind):
    """品牌与荣誉, one row per award."""

    name = "brand"
    label = "品牌与荣誉"
    label_en = "Brands and honours"
    aliases = ("荣誉", "品牌", "名牌", "质量奖", "江苏精品", "地理标志")
    columns = (
        Column(
            "title",
            "荣誉名称",
            required=True,
            aliases=("品牌名称", "奖项名称", "称号", "荣誉称号"),
            find=Find.TITLE,
            maximum=300,
        ),
        Column("level", "级别", aliases=("荣誉级别", "奖项级别"), maximum=100),
        Column(
            "product",
            "产品",
            aliases=("产品名称", "获奖产品", "名牌产品"),
            find=Find.TITLE,
            maximum=1000,
        ),
        Column("year", "年度", aliases=("评定年度", "获奖年度"), maximum=50),
        Column(
            "awarded_by",
            "授予机关",
            aliases=("颁发机构", "颁发单位", "授予单位", "评定机构", "认定机关"),
            find=Find.ISSUER,
            maximum=300,
        ),
        Column(
            "awarded_on",
            "授予日期",
            Type.DATE,
            aliases=("颁发日期", "获奖日期", "认定日期", "公布日期"),
        ),
        Column("valid_until", "有效期至", Type.DATE, aliases=("有效期止", "有效截止日期")),
        Column(
            "document_number",
            "公布文号",
            aliases=("文号", "公告文号", "证书编号"),
            find=Find.CODE,
            maximum=200,
        ),
        Column("status", "荣誉状态", Type.CHOICE, aliases=("状态",), choices=STATUSES),
        Column("status_changed_on", "状态变更日期", Type.DATE, aliases=("撤销日期",)),
        Column(
            "status_reason",
            "变更原因",
            aliases=("撤销原因",),
            show=Show.SCANNED,
            maximum=2000,
        ),
    )
    key = ("title", "product", "awarded_on", "year")
    section = Section(
        35,
        (
            "title",
            "level",
            "product",
            "awarded_by",
            "awarded_on",
            "valid_until",
            "status",
        ),
        "没有品牌与荣誉记录。",
    )
    title = "title"
    category = "title"
    dated = "awarded_on"
    valid_from = "awarded_on"
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
        """The effective state of the honour on `day`."""
        return effective_status(self.statuses, states, valid_from, valid_until, day)


KIND = Brand()
