"""Institutions (机构): certification bodies, inspection and testing bodies, and other bodies that work under
an approval.

One institution may hold several approvals (CNCA-R-… for certification, CMA for testing): one record for each
category.
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
    Term("valid", "有效", "Approved", ("正常", "存续"), Tone.GOOD),
    Term("suspended", "暂停", "Suspended", ("暂停资质", "责令停业整顿"), Tone.WARN),
    Term(
        "revoked",
        "撤销",
        "Revoked",
        ("已撤销", "撤消", "撤销批准"),
        Tone.BAD,
        final=True,
    ),
    Term("cancelled", "注销", "Cancelled", ("已注销",), Tone.BAD, final=True),
    Term("expired", "过期失效", "Expired", ("过期", "失效", "已过期"), Tone.BAD),
    Term("not_yet_valid", "未生效", "Not yet valid", ("尚未生效",), Tone.WARN),
)


class Institution(Kind):
    """机构, one row per institution and category of approval."""

    name = "institution"
    label = "机构"
    label_en = "Institutions"
    aliases = ("认证机构", "检验检测机构", "检验机构", "检测机构")
    columns = (
        Column(
            "category",
            "机构类别",
            aliases=("机构类型", "机构性质"),
            find=Find.TITLE,
            maximum=200,
        ),
        Column(
            "approval_number",
            "批准号",
            aliases=("机构批准号", "批准书编号", "资质认定证书编号", "核准证编号"),
            find=Find.CODE,
            maximum=120,
        ),
        Column(
            "approval_scope",
            "批准范围",
            aliases=("业务范围", "检验检测能力范围"),
            find=Find.TEXT,
            maximum=8000,
        ),
        Column(
            "approved_by",
            "批准机关",
            aliases=("审批机关", "发证机关"),
            find=Find.ISSUER,
            maximum=300,
        ),
        Column("approved_on", "批准日期", Type.DATE, aliases=("发证日期",)),
        Column("valid_until", "有效期至", Type.DATE, aliases=("有效期止", "批准有效期至")),
        Column(
            "address",
            "地址",
            aliases=("住所", "机构地址", "注册地址"),
            show=Show.ADDRESS,
            maximum=1000,
        ),
        Column(
            "status",
            "机构状态",
            Type.CHOICE,
            aliases=("状态", "批准状态"),
            choices=STATUSES,
        ),
        Column(
            "status_changed_on",
            "状态变更日期",
            Type.DATE,
            aliases=("撤销日期", "注销日期"),
        ),
        Column("status_reason", "变更原因", show=Show.SCANNED, maximum=2000),
    )
    key = ("category",)
    section = Section(
        5,
        (
            "category",
            "approval_number",
            "approval_scope",
            "approved_on",
            "valid_until",
            "status",
        ),
    )
    title = "name"
    number = "approval_number"
    category = "category"
    dated = "approved_on"
    valid_from = "approved_on"
    valid_until = "valid_until"
    status_since = "status_changed_on"
    statuses = STATUSES
    subject_type = "institution"

    def status_on(
        self,
        states: Sequence[State],
        valid_from: date | None,
        valid_until: date | None,
        day: date,
    ) -> str | None:
        """The effective state of the approval on `day` (domain.md 2.2)."""
        return effective_status(self.statuses, states, valid_from, valid_until, day)


KIND = Institution()
