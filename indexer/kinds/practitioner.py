"""Practitioners (从业人员): auditors, inspectors, operators of special equipment. Masked in public (domain.md
part 6).

A person is no subject with an address: there is no search by a person's name or identity number, no list of
persons and no credit file of one. The record belongs to the employer (docs/decisions/0005-practitioners.md), is known by
the number of its certificate and shown on the employer's file.
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
    Term("valid", "有效", "Valid", ("正常", "在册"), Tone.GOOD),
    Term("suspended", "暂停", "Suspended", ("暂停执业",), Tone.WARN),
    Term("revoked", "撤销", "Revoked", ("已撤销", "撤消"), Tone.BAD, final=True),
    Term("forfeited", "吊销", "Revoked as a penalty", ("已吊销",), Tone.BAD, final=True),
    Term("cancelled", "注销", "Cancelled", ("已注销",), Tone.BAD, final=True),
    Term("expired", "过期失效", "Expired", ("过期", "失效", "已过期"), Tone.BAD),
    Term("not_yet_valid", "未生效", "Not yet valid", ("尚未生效",), Tone.WARN),
)


class Practitioner(Kind):
    """从业人员, one row per certificate of a person."""

    name = "practitioner"
    label = "从业人员"
    label_en = "Practitioners"
    of_persons = True
    aliases = ("人员资格", "持证人员", "作业人员", "审核员")
    columns = (
        Column(
            "person",
            "姓名",
            required=True,
            aliases=("人员姓名", "持证人姓名"),
            show=Show.PERSON,
            maximum=100,
        ),
        Column(
            "qualification",
            "资格",
            aliases=("资格名称", "作业项目", "从业资格"),
            find=Find.TITLE,
            maximum=500,
        ),
        Column(
            "number",
            "证号",
            required=True,
            aliases=(
                "证书编号",
                "资格证号",
                "资格证书编号",
                "certificate_number",
                "certificate number",
            ),
            find=Find.CODE,
            maximum=120,
        ),
        Column(
            "employer",
            "所在机构",
            aliases=(
                "执业机构",
                "所在单位",
                "聘用单位",
            ),
            find=Find.TEXT,
            maximum=300,
        ),
        Column(
            "issuer",
            "发证机构",
            aliases=("发证机关", "注册机构"),
            find=Find.ISSUER,
            maximum=300,
        ),
        Column("issued_on", "发证日期", Type.DATE, aliases=("颁证日期", "注册日期")),
        Column("valid_until", "有效期至", Type.DATE, aliases=("有效期止",)),
        Column(
            "status",
            "资格状态",
            Type.CHOICE,
            aliases=("状态", "证书状态"),
            choices=STATUSES,
        ),
        Column("status_changed_on", "状态变更日期", Type.DATE),
    )
    key = ("number",)
    section = Section(
        60,
        (
            "person",
            "qualification",
            "number",
            "employer",
            "issued_on",
            "valid_until",
            "status",
        ),
    )
    title = "qualification"
    number = "number"
    category = "qualification"
    dated = "issued_on"
    valid_from = "issued_on"
    valid_until = "valid_until"
    status_since = "status_changed_on"
    statuses = STATUSES
    subject_optional = True

    def status_on(
        self,
        states: Sequence[State],
        valid_from: date | None,
        valid_until: date | None,
        day: date,
    ) -> str | None:
        """The effective state of the certificate on `day`."""
        return effective_status(self.statuses, states, valid_from, valid_until, day)


KIND = Practitioner()
