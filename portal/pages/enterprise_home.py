"""My enterprise (我的企业): all that is held about it, public or not and why, what ends soon, and what an officer would see today."""

from dataclasses import dataclass

from flask import render_template, request, url_for
from flask_babel import gettext as _

from indexer.accounts.roles import Permission
from indexer.enterprise.days import endings, outlooks
from indexer.enterprise.looking import look
from indexer.errors import NotFound
from indexer.identifiers import parse_codes
from indexer.kinds import kinds
from indexer.kinds.base import Kind
from indexer.register.holding import HeldVersion, Holding, OwnRecord
from portal import lists
from portal.accounts.access import may
from portal.accounts.person import caller
from portal.arguments import Arguments, arguments, invalid
from portal.context import portal
from portal.labels import domain_label, kind_label
from portal.pages.account_frame import blueprint, crumbs
from portal.pages.cells import fields, kind_called, record_title, state_badge, status_badge
from portal.pages.components import Badge, Cell, Instant, Link, Pager, Table
from portal.pages.frame import evidence, instant
from portal.pages.held import (
    bar_words,
    basis_words,
    class_words,
    days_words,
    held_table,
    held_title,
    need_words,
    record_href,
    standing_badge,
    why,
)
from portal.pages.receivers import open_removals, receivers_of
from portal.restrictions.status import domains

NEWEST = 20  # records of a kind that the page shows; its own page has all
PAGE = 100


class HomeQuestion(Arguments):
    """With `kind`, all records of one kind."""

    kind: str | None = None
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """The records of one kind; `public` of `number` may be seen by anybody today."""

    id: str
    title: str
    number: int
    public: int
    table: Table
    more_href: str


@dataclass(frozen=True, slots=True)
class Domain:
    """What an officer would see today in one domain."""

    label: str
    badge: Badge


@dataclass(frozen=True, slots=True)
class Made:
    """One version, told to its subject; the place in the file is empty where no file was its origin."""

    recorded_at: Instant
    badge: Badge
    batch: int
    source: str
    place: str
    why: str


@blueprint.get("/enterprise/<code>")
@may(Permission.OWN_VIEW, of="code")
def enterprise(code: str) -> str:
    """Everything held, newest first, kind by kind; with `kind`, all of one."""
    question = arguments(request, HomeQuestion)
    kind = kind_called(question.kind) if question.kind is not None else None
    if question.kind is not None and kind is None:
        raise invalid("kind", "没有这个种类。", "there is no such kind")
    holding = own_holding(code, "enterprise")
    if kind is not None:
        return _one_kind(code, holding, kind, question.cursor)
    today = portal().clock.today()
    return _page(
        "enterprise.html",
        code,
        holding,
        domains=officer_view(code),
        endings=ending_table(code, holding),
        repairs=len(outlooks(holding, today)),
        removals=open_removals(_hidden(code, holding)),
        sections=[_section(code, kind, records[:NEWEST], records) for kind, records in by_kind(holding)],
    )


@blueprint.get("/enterprise/<code>/report")
@may(Permission.OWN_VIEW, of="code")
def enterprise_report(code: str) -> str:
    """The same whole, to print."""
    holding = own_holding(code, "report")
    return _page(
        "enterprise_report.html",
        code,
        holding,
        domains=officer_view(code),
        endings=ending_table(code, holding),
        sections=[_section(code, kind, records, records) for kind, records in by_kind(holding)],
    )


@blueprint.get("/enterprise/<code>/records/<identity>")
@may(Permission.OWN_VIEW, of="code")
def enterprise_record(code: str, identity: str) -> str:
    """One record: what it says, why it is public or not, where it came from, and what its repair needs."""
    holding = own_holding(code, f"record:{identity}")
    record = own_record(holding, identity)
    return _page("enterprise_record.html", code, holding, **told(holding, record))


def own_holding(code: str, at: str) -> Holding:
    """What is held about the enterprise of an address, written down as looked at; empty where nothing is."""
    return look(portal().register, caller(), code, at)


def own_record(holding: Holding, identity: str) -> OwnRecord:
    """One of its records. Raises NotFound."""
    record = holding.record(identity)
    if record is None:
        raise NotFound("没有这条记录。", "There is no such record.")
    return record


def told(holding: Holding, record: OwnRecord) -> dict[str, object]:
    """All that a page says of one record to those who may read it."""
    today, repair = portal().clock.today(), record.repair
    barred = repair.barred(today) if repair is not None else None
    return {
        "record": record,
        "title": held_title(record),
        "kind": kind_label(record.kind),
        "badge": status_badge(record.content) if record.content is not None else None,
        "standing": standing_badge(record),
        "why": why(record),
        "fields": fields(record.content, leave_out=("status",)) if record.content is not None else [],
        "made": [_made(each) for each in reversed(record.versions)],
        "repair": repair,
        "severity": class_words(repair.severity) if repair is not None else "",
        "edition": basis_words(repair.edition) if repair is not None else "",
        "basis": basis_words(repair.basis) if repair is not None else "",
        "barred": bar_words(barred) if barred is not None else "",
        "missing": [need_words(each) for each in holding.missing(record, today)],
        "public_href": url_for("pages.record", id=record.id) if record.public else "",
        "receivers": receivers_of(record.id),
    }


def by_kind(holding: Holding) -> list[tuple[Kind, list[OwnRecord]]]:
    """The records in the order of the credit file, without kinds of which there are none."""
    found = [(kind, [each for each in holding.records if each.kind is kind]) for kind in kinds().values()]
    return [(kind, records) for kind, records in found if records]


def officer_view(code: str) -> list[Domain]:
    """The restriction status as anybody would see it today: from what is public alone."""
    parts = portal()
    files = parts.register.credit_file(parse_codes(code))
    records = files[0].records if files else ()
    found = domains(records, parts.rules.book.now(), parts.clock.today())
    return [Domain(domain_label(each), state_badge(each)) for each in found]


def ending_table(code: str, holding: Holding) -> Table:
    """What ends within ninety days."""
    found = endings(holding, portal().clock.today())
    rows = []
    for each in found:
        content = each.record.content
        assert content is not None
        tone = "bad" if each.within == 30 else "warn" if each.within == 60 else "neutral"
        rows.append(
            [
                Cell(record_title(content), href=record_href(code, each.record)),
                Cell(content.number, code=True),
                Cell(day=each.ends_on.isoformat()),
                Cell(badge=Badge(days_words(each.days), tone)),
            ]
        )
    return Table(_("九十天内到期"), [_("记录"), _("编号"), _("有效期至"), _("还剩")], rows)


def _one_kind(code: str, holding: Holding, kind: Kind, cursor: str | None) -> str:
    records = [each for each in holding.records if each.kind is kind]
    shown, following = lists.page(records, PAGE, cursor, of=(code, kind.name))
    here = url_for("account.enterprise", code=code, kind=kind.name)
    return _page(
        "enterprise_kind.html",
        code,
        holding,
        section=_section(code, kind, list(shown), records),
        all_href=url_for("account.enterprise", code=code),
        pager=Pager(
            url_for("account.enterprise", code=code, kind=kind.name, cursor=following) if following else None,
            here if cursor else None,
        ),
    )


def _section(code: str, kind: Kind, shown: list[OwnRecord], records: list[OwnRecord]) -> Section:
    label, more = kind_label(kind), len(shown) < len(records)
    return Section(
        kind.name,
        label,
        len(records),
        sum(each.public for each in records),
        held_table(code, shown, label),
        url_for("account.enterprise", code=code, kind=kind.name) if more else "",
    )


def _made(version: HeldVersion) -> Made:
    words = {
        "published": Badge(_("收到"), "neutral"),
        "changed": Badge(_("变更"), "neutral"),
        "withdrawn": Badge(_("撤下"), "warn"),
        "restored": Badge(_("恢复"), "neutral"),
        "repair": Badge(_("信用修复"), "good"),
        "unrepair": Badge(_("撤销修复"), "warn"),
    }
    file = version.path if version.action == "ingest" else None
    place = _("%(file)s 第 %(line)s 行", file=file, line=version.line) if file and version.line else ""
    return Made(
        recorded_at=instant(version.recorded_at),
        badge=words.get(version.action) or words[version.change],
        batch=version.batch,
        source=version.source or "",
        place=place,
        why=version.reason or "",
    )


def _page(template: str, code: str, holding: Holding, **values: object) -> str:
    return render_template(
        template,
        code=code,
        name=holding.subject.name or code,
        evidence=evidence(holding.version),
        crumbs=_crumbs(code, holding) if template != "enterprise.html" else crumbs(),
        noindex=True,
        **values,
    )


def _hidden(code: str, holding: Holding) -> dict[str, Cell]:
    """The records that nobody else may see, each as a link."""
    return {
        each.id: Cell(held_title(each), href=record_href(code, each))
        for each in holding.records
        if not each.public
    }


def _crumbs(code: str, holding: Holding) -> list[Link]:
    return crumbs(Link(holding.subject.name or code, url_for("account.enterprise", code=code)))
