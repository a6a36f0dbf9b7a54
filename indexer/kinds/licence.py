"""Licences (许可): production licences (XK, SC), special equipment (TS), measuring instruments, CMA and other
administrative permits.

撤销 (wrongly granted, 行政许可法 69), 吊销 (a penalty) and 注销 (end of validity or of the firm, 行政许可法
70) are three different acts (domain.md 2.2) and stay three different states here; 撤回 (circumstances
changed, 行政许可法 8) is a fourth.

The 双公示 template of 2018 has a licence's number in XKBH and the decision's in WSH; a decision is one
record, so a renewal under the same licence number stands beside the first grant.
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
    Values,
    Vocabulary,
    effective_status,
    text_in,
)
from indexer.kinds.certificate import calendar_state
from indexer.kinds.national import NATIONAL_COLUMNS
from indexer.kinds.persons import NATURAL_PERSON, is_natural_person, settle_subject_kind
from indexer.rules.publicity import Publicity

STATUSES = Vocabulary(
    Term("valid", "有效", "Valid", ("正常", "有效期内"), Tone.GOOD),
    Term("suspended", "暂停", "Suspended", ("暂扣", "停用"), Tone.WARN),
    Term(
        "revoked",
        "撤销",
        "Revoked (wrongly granted)",
        ("撤消", "已撤销"),
        Tone.BAD,
        final=True,
    ),
    Term("forfeited", "吊销", "Revoked as a penalty", ("已吊销",), Tone.BAD, final=True),
    Term("withdrawn", "撤回", "Withdrawn", ("已撤回",), Tone.BAD, final=True),
    Term("cancelled", "注销", "Cancelled", ("已注销",), Tone.BAD, final=True),
    Term("invalid", "无效", "Not valid", (), Tone.BAD),
    Term("expired", "过期失效", "Expired", ("过期", "失效", "已过期", "到期"), Tone.BAD),
    Term("not_yet_valid", "未生效", "Not yet valid", ("尚未生效",), Tone.WARN),
)

STATE_CODES = {"1": "valid", "2": "invalid"}
"""XK_ZT in the template of 2018: which act made a licence "2" is not said."""

OLD_STATE_CODES = {"0": "valid", "1": "revoked", "2": "valid"}
"""XK_ZT before 2018: 0 正常, 1 撤销, 2 异议 (an objection leaves the licence as it is); 3 其他 does not say
enough.
"""

PERMISSION_TYPES = {
    "0": "普通",
    "1": "特许",
    "2": "认可",
    "3": "核准",
    "4": "登记",
    "5": "其他",
}
"""XK_SPLB before 2018; later XK_XKLB has the words."""


class Licence(Kind):
    """许可, one row per licence, or per decision in the national template."""

    name = "licence"
    label = "许可"
    label_en = "Licences"
    aliases = ("行政许可", "许可证", "生产许可", "资质")
    columns = (
        Column(
            "number",
            "许可证编号",
            aliases=(
                "许可证号",
                "许可编号",
                "生产许可证编号",
                "资质证书编号",
                "licence_number",
                "XK_XKBH",
                "XKBH",
            ),
            find=Find.CODE,
            maximum=120,
        ),
        Column(
            "category",
            "许可类别",
            aliases=("许可证类别", "许可证名称", "许可证书名称", "XK_XKZS", "XKZS"),
            find=Find.TITLE,
            maximum=200,
        ),
        Column(
            "document_title",
            "行政许可决定文书名称",
            aliases=("决定文书名称", "许可决定文书名称", "XK_XKWS", "XKWS"),
            find=Find.TITLE,
            maximum=500,
        ),
        Column(
            "document_number",
            "行政许可决定文书号",
            aliases=(
                "决定文书号",
                "许可决定文书号",
                "行政许可决定书文号",
                "许可文号",
                "XK_WSH",
                "WSH",
            ),
            find=Find.CODE,
            maximum=200,
        ),
        Column(
            "project",
            "项目名称",
            aliases=("许可项目", "XK_XMMC", "XMMC"),
            find=Find.TITLE,
            maximum=1000,
        ),
        Column(
            "permission_type",
            "行政许可类别",
            aliases=("审批类别", "XK_XKLB", "XKLB", "XK_SPLB", "SPLB"),
            maximum=256,
        ),
        Column(
            "content",
            "许可内容",
            aliases=("许可范围", "许可明细", "XK_NR", "NR"),
            show=Show.SCANNED,
            find=Find.TEXT,
            maximum=8000,
        ),
        Column(
            "product",
            "产品",
            aliases=("产品名称", "产品单元", "许可产品"),
            find=Find.TEXT,
            maximum=4000,
        ),
        Column(
            "issuer",
            "发证机关",
            aliases=(
                "许可机关",
                "发证机构",
                "审批机关",
                "XK_XKJG",
                "XKJG",
                "XK_XZJG",
                "XZJG",
            ),
            find=Find.ISSUER,
            maximum=300,
        ),
        Column(
            "issuer_code",
            "许可机关统一社会信用代码",
            aliases=("XK_XKJGDM", "XKJGDM"),
            maximum=64,
            label_en="Issuer's unified social credit code",
        ),
        Column(
            "issued_on",
            "发证日期",
            Type.DATE,
            aliases=("许可决定日期", "决定日期", "批准日期", "XK_JDRQ", "JDRQ"),
        ),
        Column(
            "valid_from",
            "有效期自",
            Type.DATE,
            aliases=("有效期起", "生效日期", "XK_YXQZ", "YXQZ"),
        ),
        Column(
            "valid_until",
            "有效期至",
            Type.DATE,
            aliases=(
                "有效期止",
                "有效期截止日期",
                "许可截止期",
                "截止日期",
                "XK_YXQZI",
                "YXQZI",
                "XK_JZQ",
                "JZQ",
            ),
        ),
        Column(
            "status",
            "许可状态",
            Type.CHOICE,
            aliases=("状态", "证书状态", "许可证状态"),
            choices=STATUSES,
        ),
        Column(
            "status_code",
            "当前状态",
            aliases=("XK_ZT", "ZT"),
            show=Show.NEVER,
            maximum=20,
        ),
        Column(
            "status_changed_on",
            "状态变更日期",
            Type.DATE,
            aliases=("注销日期", "撤销日期", "吊销日期"),
        ),
        Column(
            "status_reason",
            "变更原因",
            aliases=("注销原因", "撤销原因", "吊销原因"),
            show=Show.SCANNED,
            maximum=2000,
        ),
        *NATIONAL_COLUMNS,
    )
    signature = ("number", "category", "issuer", "issued_on", "valid_until", "status")
    key = ("number", "document_number")
    section = Section(
        20,
        (
            "number",
            "category",
            "content",
            "product",
            "issuer",
            "issued_on",
            "valid_until",
            "status",
        ),
        "没有许可记录。",
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
        """A licence has a number or its decision has one, and its state is in words or in a code of the
        templates.

        The start of validity is the day of issue unless the row states one.
        """
        if "number" not in values and "document_number" not in values:
            yield Problem("许可证编号", "许可证编号和决定文书号都没有填，请至少填一个。")
        yield from self._state(values)
        if "valid_from" not in values and "issued_on" in values:
            values["valid_from"] = values["issued_on"]
        yield from calendar_state(values, today)
        kind = text_in(values, "permission_type")
        if kind in PERMISSION_TYPES:
            values["permission_type"] = PERMISSION_TYPES[kind]
        if "category" not in values and (title := values.get("document_title") or values.get("project")):
            values["category"] = title
        settle_subject_kind(values)

    def _state(self, values: dict[str, Value]) -> Iterator[Problem]:
        """ZT means different things in the two templates; only that of 2018 has a start of validity and the
        offices' codes.
        """
        code = text_in(values, "status_code")
        if not code or "status" in values:
            return
        current = any(
            column in values for column in ("document_title", "valid_from", "issuer_code", "source_code")
        )
        word = self.statuses.find(code)
        known = (STATE_CODES if current else OLD_STATE_CODES).get(code) or (word.code if word else None)
        if known:
            values["status"] = known
        else:
            yield Problem(
                "当前状态",
                f"不认识的状态“{code}”，请在“许可状态”一栏写明有效、暂停、撤销、吊销、撤回或注销。",
            )

    def publicity(self, values: Values, today: date) -> Publicity:
        """Always, except a natural person's: its name would be a person's."""
        return Publicity(withheld=NATURAL_PERSON if is_natural_person(values) else None)

    def status_on(
        self,
        states: Sequence[State],
        valid_from: date | None,
        valid_until: date | None,
        day: date,
    ) -> str | None:
        """The effective state on `day`; besides those of a certificate `forfeited` 吊销, `withdrawn` 撤回 and
        `invalid` 无效.
        """
        return effective_status(self.statuses, states, valid_from, valid_until, day)


KIND = Licence()
