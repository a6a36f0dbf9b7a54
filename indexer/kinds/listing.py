"""Red and black lists (红黑名单): entries on lists of honour, of serious dishonesty, of closer watch and of
abnormal operation.

"红黑榜" is only a display label: a list needs a legal basis and a name of its own (国办发〔2020〕49号), which
stands in `scheme`. Bases and periods: domain.md 3.2, 3.3. Entries of natural persons are kept but never
public.
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
    day_in,
    stored_status,
    text_in,
)
from indexer.kinds.persons import SUBJECT_KIND, is_natural_person, settle_subject_kind
from indexer.rules.publicity import Publicity, listing_publicity
from indexer.rules.repair import Repair, listing_repair

LISTS = Vocabulary(
    Term("red", "红名单", "Red list", ("红榜", "守信红名单", "守信激励名单", "守信联合激励对象"), Tone.GOOD),
    Term(
        "black",
        "黑名单",
        "Black list",
        ("黑榜", "失信黑名单", "失信惩戒名单", "严重失信主体名单", "失信联合惩戒对象"),
        Tone.BAD,
    ),
    Term("watch", "重点关注", "Watch list", ("重点关注名单", "重点关注对象", "关注名单"), Tone.WARN),
    Term("abnormal", "经营异常", "Abnormal operation", ("异常名录",), Tone.WARN),
)

SCHEMES = Vocabulary(
    Term(
        "serious_violation",
        "严重违法失信名单",
        "Serious violations of market rules",
        ("市场监督管理严重违法失信名单", "严重违法失信企业名单", "严重违法失信企业"),
    ),
    Term("judgment_debtor", "失信被执行人", "Judgment debtors", ("失信被执行人名单", "失信被执行人名单信息")),
    Term(
        "procurement_violation",
        "政府采购严重违法失信行为记录名单",
        "Serious violations in government procurement",
        ("政府采购严重违法失信行为信息记录", "政府采购严重违法失信名单", "政府采购严重违法失信行为记录"),
    ),
    Term(
        "tax_violation",
        "重大税收违法失信主体",
        "Serious tax violations",
        ("重大税收违法失信主体名单", "重大税收违法案件当事人名单", "重大税收违法案件当事人"),
    ),
    Term(
        "abnormal_operation", "经营异常名录", "Abnormal operation", ("企业经营异常名录", "列入经营异常名录")
    ),
    Term(
        "certification_blacklist",
        "认证检验机构与人员黑名单",
        "Certification and testing bodies",
        ("认证/检验机构与人员黑名单", "认证机构黑名单", "检验检测机构黑名单"),
    ),
)
"""The named lists of domain.md 3.2; a list by another name is taken too."""

_LIST_OF = {
    "serious_violation": "black",
    "judgment_debtor": "black",
    "procurement_violation": "black",
    "tax_violation": "black",
    "certification_blacklist": "black",
    "abnormal_operation": "abnormal",
}

STATUSES = Vocabulary(
    Term("listed", "在列", "Listed", ("列入", "正常", "有效"), Tone.NEUTRAL),
    Term("removed", "已移出", "Removed", ("移出", "移除", "已移除", "撤销列入"), Tone.NEUTRAL, final=True),
    Term("expired", "期满", "Expired", ("到期", "已到期", "已期满"), Tone.NEUTRAL),
)


class Listing(Kind):
    """红黑名单, one row per entry; a later row with a day of removal ends it."""

    name = "listing"
    label = "红黑名单"
    label_en = "Red and black lists"
    aliases = ("名单", "黑名单", "红名单", "失信名单", "经营异常名录")
    columns = (
        Column("list", "名单", Type.CHOICE, aliases=("名单类型", "名单类别", "红黑名单类型"), choices=LISTS),
        Column("scheme", "名单名称", aliases=("名录名称", "名单全称"), find=Find.TITLE, maximum=300),
        SUBJECT_KIND,
        Column(
            "legal_representative",
            "法定代表人",
            aliases=("法定代表人姓名", "负责人"),
            show=Show.PERSON,
            maximum=200,
        ),
        Column(
            "reason",
            "列入事由",
            aliases=("列入原因", "失信行为", "具体情形"),
            show=Show.SCANNED,
            find=Find.TEXT,
            maximum=8000,
        ),
        Column(
            "basis",
            "列入依据",
            aliases=("认定依据", "列入法律依据"),
            show=Show.SCANNED,
            find=Find.TEXT,
            maximum=2000,
        ),
        Column(
            "authority",
            "列入机关",
            aliases=("列入决定机关", "认定单位", "认定机关", "作出决定机关", "执行法院"),
            find=Find.ISSUER,
            maximum=300,
        ),
        Column(
            "document_number",
            "文号",
            aliases=("列入决定书文号", "决定文号", "列入文号", "案号", "执行案号", "认定文号"),
            find=Find.CODE,
            maximum=200,
        ),
        Column(
            "listed_on",
            "列入日期",
            Type.DATE,
            required=True,
            aliases=("列入时间", "认定日期", "公布日期"),
        ),
        Column("until", "列入期满日", Type.DATE, aliases=("期满日", "列入截止日期", "名单有效期至")),
        Column("removed_on", "移出日期", Type.DATE, aliases=("移出时间", "移除日期")),
        Column(
            "removal_reason", "移出原因", aliases=("移出事由", "移除原因"), show=Show.SCANNED, maximum=4000
        ),
        Column("removal_authority", "移出机关", aliases=("移出决定机关",), maximum=300),
        Column("repaired_on", "修复日期", Type.DATE, aliases=("信用修复日期",)),
        Column("status", "名单状态", Type.CHOICE, aliases=("状态", "当前状态"), choices=STATUSES),
        Column("remark", "备注", aliases=("BZ",), show=Show.SCANNED, maximum=4000),
    )
    key = ("list", "scheme", "document_number", "listed_on")
    section = Section(
        40,
        (
            "list",
            "scheme",
            "reason",
            "authority",
            "document_number",
            "listed_on",
            "until",
            "removed_on",
            "status",
        ),
        "没有在公示期内的红黑名单记录。",
    )
    title = "scheme"
    number = "document_number"
    category = "list"
    dated = "listed_on"
    valid_from = "listed_on"
    valid_until = "until"
    status_since = "removed_on"
    statuses = STATUSES
    lasting = ("repaired_on",)

    def check(self, values: dict[str, Value], today: date) -> Iterator[Problem]:
        """Which list it is follows from its name where the row does not say; nobody is listed in the future
        or removed before.

        The state follows from the days: 移出 from the day of removal, 期满 after the last day.
        """
        scheme = SCHEMES.find(text_in(values, "scheme"))
        if scheme is not None:
            values["scheme"] = scheme.zh
        if "list" not in values:
            if scheme is None:
                yield Problem("名单", "没有写明是哪一种名单，请填红名单、黑名单、重点关注或经营异常。")
            else:
                values["list"] = _LIST_OF[scheme.code]
        elif scheme is not None and values["list"] != _LIST_OF[scheme.code]:
            right = LISTS[_LIST_OF[scheme.code]].zh
            yield Problem("名单", f"“{scheme.zh}”属于{right}，与填写的名单类型不符，请核对。")
        if "scheme" not in values and "list" in values:
            values["scheme"] = LISTS[text_in(values, "list")].zh
        yield from self._days(values, today)
        settle_subject_kind(values)

    def _days(self, values: dict[str, Value], today: date) -> Iterator[Problem]:
        listed, removed, now = text_in(values, "listed_on"), text_in(values, "removed_on"), today.isoformat()
        if listed > now:
            yield Problem("列入日期", f"列入日期{listed}还没有到，请核对。")
        if removed and removed < listed:
            yield Problem("移出日期", f"移出日期{removed}早于列入日期{listed}，请核对两个日期。")
        if values.get("status") == "removed" and not removed:
            yield Problem("移出日期", "名单状态是已移出，请补上移出日期。")
        if values.get("status") == "expired" and not text_in(values, "until"):
            yield Problem("列入期满日", "名单状态是期满，请补上列入期满日。")
        values["status"] = "removed" if removed else "listed"

    def publicity(self, values: Values, today: date) -> Publicity:
        """The period of its list, by `indexer.rules.publicity`; never for a natural person or after a repair."""
        scheme = SCHEMES.find(text_in(values, "scheme"))
        period = listing_publicity(
            text_in(values, "list"),
            day_in(values, "listed_on") or today,
            until=day_in(values, "until"),
            removed_on=day_in(values, "removed_on"),
            removal_reason=text_in(values, "removal_reason") or None,
            scheme=scheme.code if scheme else None,
            natural_person=is_natural_person(values),
        )
        if period.withheld is None and "repaired_on" in values:
            return Publicity(withheld="repaired")
        return period

    def repair(self, values: Values, today: date) -> Repair:
        """Early removal by the rules of its list, by `indexer.rules.repair`."""
        scheme = SCHEMES.find(text_in(values, "scheme"))
        return listing_repair(
            text_in(values, "list"),
            day_in(values, "listed_on") or today,
            self.publicity(values, today),
            scheme=scheme.code if scheme else None,
        )

    def status_on(
        self, states: Sequence[State], valid_from: date | None, valid_until: date | None, day: date
    ) -> str | None:
        """在列 from the day of entry to the last day, 已移出 from the day of removal on, 期满 after the last
        day; None before entry.
        """
        if valid_from is not None and day < valid_from:
            return None
        stored = stored_status(self.statuses, states, day)
        if stored == "listed" and valid_until is not None and day > valid_until:
            return "expired"
        return stored


KIND = Listing()
