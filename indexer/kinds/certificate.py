"""Certification certificates (认证证书): management systems, products (CCC, organic, green …) and services.

States and their order: domain.md 2.2 (认证证书和认证标志管理办法, 令63; CNCA rules of each scheme). What a
management-system certificate must name — holder, scope, standard, number, body, dates — is 令63. Numbers are
opaque: foreign bodies use schemes of their own, so no form of a number is refused.
"""

from collections.abc import Iterator, Sequence
from datetime import date

from indexer.kinds.base import (
    Column,
    Find,
    Kind,
    Problem,
    Section,
    Show,
    State,
    Term,
    Tone,
    Type,
    Value,
    Vocabulary,
    effective_status,
    text_in,
)

STATUSES = Vocabulary(
    Term("valid", "有效", "Valid", ("正常", "有效期内"), Tone.GOOD),
    Term("suspended", "暂停", "Suspended", ("证书暂停", "暂停使用"), Tone.WARN),
    Term(
        "revoked",
        "撤销",
        "Revoked",
        ("撤消", "已撤销", "证书撤销"),
        Tone.BAD,
        final=True,
    ),
    Term("cancelled", "注销", "Cancelled", ("已注销", "证书注销"), Tone.BAD, final=True),
    Term("expired", "过期失效", "Expired", ("过期", "失效", "已过期", "到期"), Tone.BAD),
    Term("not_yet_valid", "未生效", "Not yet valid", ("尚未生效",), Tone.WARN),
)

PLATFORM_CODES = {"01": "valid", "02": "suspended"}
"""State codes of the national platform whose meaning its own answers show; others need the state's name
beside them.
"""


class Certificate(Kind):
    """认证证书, one row per certificate; the national platform's JSON fields are taken as they are."""

    name = "certificate"
    label = "认证证书"
    label_en = "Certificates"
    aliases = ("证书", "获证信息", "体系认证", "产品认证")
    columns = (
        Column(
            "number",
            "证书编号",
            required=True,
            aliases=(
                "证书号",
                "证书号码",
                "认证证书编号",
                "认证证书号",
                "certNumber",
                "certificate_number",
            ),
            find=Find.CODE,
            maximum=120,
        ),
        Column(
            "category",
            "证书类别",
            aliases=(
                "认证项目",
                "认证类别",
                "证书种类",
                "证书类型",
                "authProjCodeName",
            ),
            find=Find.TITLE,
            maximum=200,
        ),
        Column("category_code", "认证项目代码", aliases=("authProjCode",), maximum=50),
        Column(
            "standard",
            "认证依据",
            aliases=("认证标准", "依据标准", "认证依据标准"),
            find=Find.TEXT,
            maximum=1000,
        ),
        Column(
            "scope",
            "认证范围",
            aliases=("认证覆盖范围", "认证覆盖的业务范围", "证书范围", "业务范围"),
            show=Show.SCANNED,
            find=Find.TEXT,
            maximum=8000,
        ),
        Column(
            "product",
            "产品",
            aliases=("产品名称", "认证产品", "获证产品"),
            find=Find.TITLE,
            maximum=2000,
        ),
        Column(
            "model",
            "型号",
            aliases=("规格型号", "产品型号", "型号规格", "产品型号规格"),
            find=Find.TEXT,
            maximum=8000,
        ),
        Column(
            "issuer",
            "发证机构",
            aliases=("认证机构", "发证机构名称", "认证机构名称", "rzjgIdName"),
            find=Find.ISSUER,
            maximum=300,
        ),
        Column(
            "issuer_number",
            "认证机构批准号",
            aliases=("发证机构批准号", "rzjgId"),
            maximum=50,
        ),
        Column(
            "issued_on",
            "颁证日期",
            Type.DATE,
            aliases=("发证日期", "颁发日期", "本次发证日期", "zersda"),
        ),
        Column(
            "first_issued_on",
            "初次获证日期",
            Type.DATE,
            aliases=("首次发证日期", "初次发证日期", "首次颁证日期"),
        ),
        Column(
            "valid_from",
            "有效期起",
            Type.DATE,
            aliases=("有效期自", "生效日期", "证书有效期起"),
        ),
        Column(
            "valid_until",
            "有效期至",
            Type.DATE,
            aliases=(
                "证书到期日期",
                "到期日期",
                "有效期止",
                "有效期截止日期",
                "证书有效期至",
                "certiEDate",
            ),
        ),
        Column(
            "status",
            "证书状态",
            Type.CHOICE,
            aliases=("状态", "certiStatusName"),
            choices=STATUSES,
        ),
        Column(
            "status_code",
            "证书状态代码",
            aliases=("certiStatus",),
            show=Show.NEVER,
            maximum=20,
        ),
        Column(
            "status_changed_on",
            "状态变更日期",
            Type.DATE,
            aliases=("变更日期", "状态日期", "暂停日期", "撤销日期", "注销日期"),
        ),
        Column(
            "status_reason",
            "变更原因",
            aliases=("状态变更原因", "暂停原因", "撤销原因", "注销原因"),
            show=Show.SCANNED,
            maximum=2000,
        ),
        Column(
            "platform_mark",
            "平台显示标志",
            aliases=("showtemp",),
            show=Show.NEVER,
            maximum=20,
        ),
    )
    signature = ("number", "standard")
    key = ("number",)
    section = Section(
        10,
        (
            "number",
            "category",
            "standard",
            "scope",
            "product",
            "issuer",
            "issued_on",
            "valid_until",
            "status",
        ),
        "没有认证证书记录。认证机构可在次月10日前上报当月数据，查不到不等于伪造。",
    )
    title = "category"
    number = "number"
    category = "category"
    dated = "issued_on"
    valid_from = "valid_from"
    valid_until = "valid_until"
    status_since = "status_changed_on"
    statuses = STATUSES
    verifiable = True

    def check(self, values: dict[str, Value], today: date) -> Iterator[Problem]:
        """A state needs a name or a code of known meaning, a change of state can not be older than the
        certificate, and a state that only the calendar makes (过期失效, 未生效) must agree with the dates; it
        is computed then, not stored (domain.md 2.2).

        The start of validity is the day of issue unless the row states one.
        """
        if "valid_from" not in values and "issued_on" in values:
            values["valid_from"] = values["issued_on"]
        if "status" not in values and (code := text_in(values, "status_code")):
            if code in PLATFORM_CODES:
                values["status"] = PLATFORM_CODES[code]
            else:
                yield Problem(
                    "证书状态",
                    f"状态代码“{code}”的含义不明，请补上状态名称（有效、暂停、撤销、注销）。",
                )
        yield from calendar_state(values, today)
        issued, changed = (
            text_in(values, "issued_on"),
            text_in(values, "status_changed_on"),
        )
        if issued and changed and changed < (text_in(values, "first_issued_on") or issued):
            yield Problem(
                "状态变更日期",
                f"状态变更日期{changed}早于颁证日期{issued}，请核对两个日期。",
            )

    def status_on(
        self,
        states: Sequence[State],
        valid_from: date | None,
        valid_until: date | None,
        day: date,
    ) -> str | None:
        """The effective state on `day`, one of the six of domain.md 2.2."""
        return effective_status(self.statuses, states, valid_from, valid_until, day)


def calendar_state(values: dict[str, Value], today: date) -> Iterator[Problem]:
    """Takes a stated 过期失效 or 未生效 back to 有效, because the dates say it for every day; a problem if
    they contradict it.

    Where the date that would say it is missing, the stated state stays.
    """
    status, begin, end = (
        values.get("status"),
        text_in(values, "valid_from"),
        text_in(values, "valid_until"),
    )
    if status == "expired" and end:
        if end >= today.isoformat():
            yield Problem("有效期至", f"状态写的是过期失效，但有效期至{end}，还没有到期，请核对。")
        values["status"] = "valid"
        values.pop("status_changed_on", None)
    elif status == "not_yet_valid" and begin:
        values["status"] = "valid"
        values.pop("status_changed_on", None)


KIND = Certificate()
