"""The properties of subjects (主体属性): which a query may give to be compared, and which a matched row can be extended by."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from indexer.kinds.base import text_in
from indexer.register.disclosure import PublicRecord
from indexer.register.reading import CreditFile
from portal.checks.honours import SCORED_GRADES, honours
from portal.i18n import english
from portal.labels import domain_label, word
from portal.reconciliation.agreement import same_code, same_former_name, same_region
from portal.reconciliation.model import Entity, Told, Value

Compare = Callable[[Sequence[str], CreditFile], bool | None]
Read = Callable[[Told], Iterator[Value]]


@dataclass(frozen=True, slots=True)
class Property:
    """A property: its names, what it means, how a value given in a query is compared (None: it can not be given), and its values (None: a
    row can not be extended by it).
    """

    id: str
    zh: str
    en: str
    about_zh: str
    about_en: str
    agrees: Compare | None = None
    values: Read | None = None


FORMER_NAME = "former_name"
CODES = ("uscc", "organisation_code", "registration_number")


def _registered(told: Told) -> Iterator[PublicRecord]:
    """The enterprise's or institution's own record."""
    yield from (record for record in told.file.records if record.kind.subject_type is not None)


def _code(name: str) -> Read:
    def read(told: Told) -> Iterator[Value]:
        if value := getattr(told.file.subject, name):
            yield value

    return read


def _region(told: Told) -> Iterator[Value]:
    if told.file.subject.region:
        yield told.file.subject.region


def _state(told: Told) -> Iterator[Value]:
    for record in _registered(told):
        if (term := record.on(told.day).status_term) is not None:
            yield word(term)
            return


def _registered_on(told: Told) -> Iterator[Value]:
    for record in _registered(told):
        if day := text_in(record.values, "registered_on"):
            yield date.fromisoformat(day)
            return


def _parent(told: Told) -> Iterator[Value]:
    if told.parent is not None:
        yield Entity(told.parent.subject.code, told.parent.subject.name)


def _in_force(told: Told, kind: str) -> list[PublicRecord]:
    return [each for each in told.file.of_kind(kind) if each.status_on(told.day) == "valid"]


def _count(kind: str) -> Read:
    def read(told: Told) -> Iterator[Value]:
        yield len(_in_force(told, kind))

    return read


def _numbers(told: Told) -> Iterator[Value]:
    yield from (record.number for record in _in_force(told, "certificate") if record.number)


def _rating(told: Told) -> Iterator[Value]:
    """The newest grade in force. Who stands on a black list shows none of A or better (domain.md 3.1)."""
    shown = {each.record for each in honours(told.file, told.day)}
    for record in _in_force(told, "rating")[:1]:
        grade = text_in(record.values, "grade")
        if grade and (grade not in SCORED_GRADES or record.id in shown):
            yield grade


def _restricted(told: Told) -> Iterator[Value]:
    yield from (domain_label(each) for each in told.domains if each.status != "clear")


def _restricted_until(told: Told) -> Iterator[Value]:
    restricted = [each for each in told.domains if each.status != "clear"]
    days = [each.until for each in restricted if each.until is not None]
    if restricted and len(days) == len(restricted):  # one without an end has no last day
        yield max(days)


def _lists(told: Told) -> Iterator[Value]:
    entries = (each for each in told.file.of_kind("listing") if each.status_on(told.day) == "listed")
    yield from (each.title for each in entries if each.category == "black")


def _penalties(told: Told) -> Iterator[Value]:
    yield len(told.file.of_kind("penalty"))


def _version(told: Told) -> Iterator[Value]:
    yield told.file.version.number


PROPERTIES = {
    each.id: each
    for each in (
        Property(
            "uscc",
            "统一社会信用代码",
            "Unified social credit code",
            "18 位；查询时也可填组织机构代码或注册号",
            "18 characters; in a query any code will do",
            same_code,
            _code("uscc"),
        ),
        Property(
            "organisation_code",
            "组织机构代码",
            "Organisation code",
            "9 位",
            "9 characters",
            same_code,
            _code("organisation_code"),
        ),
        Property(
            "registration_number",
            "工商注册号",
            "Registration number",
            "15 位",
            "15 digits",
            same_code,
            _code("registration_number"),
        ),
        Property(
            "region",
            "行政区划",
            "Region",
            "名称或 6 位代码，省、市、县均可",
            "A name or six digits of GB/T 2260: province, city or county",
            same_region,
            _region,
        ),
        Property(
            FORMER_NAME,
            "曾用名",
            "Earlier name",
            "曾经登记的名称",
            "A name that was registered before",
            same_former_name,
            lambda told: iter(told.file.former_names),
        ),
        Property(
            "name",
            "登记名称",
            "Registered name",
            "现在登记的名称",
            "The name now registered",
            values=lambda told: iter((told.file.subject.name,)),
        ),
        Property(
            "registration_status",
            "登记状态",
            "State of registration",
            "在业、注销、吊销等",
            "In business, deregistered, revoked …",
            values=_state,
        ),
        Property(
            "registered_on",
            "成立日期",
            "Registered on",
            "登记的成立日期",
            "The registered day of foundation",
            values=_registered_on,
        ),
        Property(
            "parent",
            "隶属企业",
            "Parent enterprise",
            "分支机构所属的企业，按其登记信息",
            "Whose branch it is, by its own registration",
            values=_parent,
        ),
        Property(
            "valid_certificates",
            "有效认证证书数",
            "Valid certificates",
            "今天状态为有效的认证证书数",
            "How many certificates are valid today",
            values=_count("certificate"),
        ),
        Property(
            "valid_certificate_numbers",
            "有效认证证书编号",
            "Numbers of valid certificates",
            "今天状态为有效的认证证书编号",
            "Numbers of the certificates valid today",
            values=_numbers,
        ),
        Property(
            "valid_licences",
            "有效许可数",
            "Valid licences",
            "今天状态为有效的许可数",
            "How many licences are valid today",
            values=_count("licence"),
        ),
        Property(
            "rating",
            "质量信用等级",
            "Quality credit grade",
            "今天有效的最近一次等级",
            "The newest grade in force today",
            values=_rating,
        ),
        Property(
            "restricted_domains",
            "受限领域",
            "Restricted domains",
            "今天受限制或者禁止的领域；空白表示没有查到限制，仅供参考",
            "Where it is restricted or banned today; empty: no restriction is known here. Auxiliary only",
            values=_restricted,
        ),
        Property(
            "restricted_until",
            "限制至",
            "Restricted until",
            "各受限领域中最晚的截止日；有终身或无期限的限制时为空白",
            "The last day of all restrictions; empty where one has no end",
            values=_restricted_until,
        ),
        Property(
            "black_lists",
            "失信名单",
            "Black lists",
            "今天所在的严重失信主体名单",
            "The lists of serious dishonesty on which it stands today",
            values=_lists,
        ),
        Property(
            "penalties",
            "公示中的行政处罚数",
            "Penalties on public file",
            "仍在公示期内的行政处罚数",
            "How many penalties are within their publicity period",
            values=_penalties,
        ),
        Property(
            "register_version",
            "登记库版本",
            "Register version",
            "以上各项依据的登记库版本",
            "The version of the register that the answers rest on",
            values=_version,
        ),
    )
}
"""All properties, by id, in the order in which they are proposed."""


def name_of(each: Property) -> str:
    """What a property is called, in the reader's language."""
    return each.en if english() else each.zh


def about(each: Property) -> str:
    """What a property means, in the reader's language."""
    return each.about_en if english() else each.about_zh
