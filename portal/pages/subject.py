"""A credit file (信用档案): who it is, where it is restricted, and what is published about it, kind by kind."""

from dataclasses import dataclass
from typing import Any

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from indexer.errors import InvalidParameter
from indexer.kinds import kinds
from indexer.kinds.base import Kind
from indexer.register.disclosure import PublicRecord, PublicSubject
from indexer.register.reading import CreditFile
from portal import credit, lists
from portal.arguments import Arguments, arguments, invalid
from portal.context import portal
from portal.i18n import english
from portal.labels import domain_label, kind_label
from portal.pages.cells import fields, kind_called, state_badge, status_badge, table
from portal.pages.components import Badge, Cell, Field, Hit, Link, Notice, Pager, SearchForm, Table
from portal.pages.frame import blueprint, evidence, objection_href, private
from portal.pages.search import hit_of
from portal.restrictions.branches import followed
from portal.restrictions.status import domains
from portal.searching import Asked, search

NEWEST = 10  # records of a kind that the file shows; its own page has all
PAGE = 50


class SubjectPageQuestion(Arguments):
    """A subject; with `kind`, all its records of one kind."""

    id: str
    kind: str | None = None
    cursor: str | None = None


class FindQuestion(Arguments):
    """A name or code that somebody typed to find a subject."""

    q: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """The records of one kind; `id` is its anchor."""

    id: str
    title: str
    number: int
    table: Table
    more_href: str | None


@dataclass(frozen=True, slots=True)
class DomainShort:
    """The status in one domain, with the way to its causes."""

    label: str
    badge: Badge
    href: str


@blueprint.get("/subjects")
def find_subject() -> str | Response:
    """Finding an enterprise by name or code."""
    return find("pages.subject", "pages.find_subject", _("查企业信用档案"), _find_lead())


def _find_lead() -> str:
    return str(_("输入名称或代码，打开信用档案：登记信息、资质证书、荣誉、名单、检查与处罚。"))


def find(page: str, action: str, title: str, lead: str) -> str | Response:
    """The form that leads to a page about one subject: a code goes there at once, a name offers those it may mean."""
    asked = arguments(request, FindQuestion).q.strip()
    message = None
    if asked and any(character.isdigit() for character in asked):
        try:
            credit.read_codes(asked, "q")
            return redirect(url_for(page, id=asked))
        except InvalidParameter as error:
            message = Notice(error.en if english() else error.zh, "warn")
    candidates = _candidates(asked, page) if asked else []
    return render_template(
        "lookup.html",
        title=title,
        lead=lead,
        search=SearchForm(url_for(action), asked),
        message=message if not candidates else None,
        candidates=candidates,
        crumbs=[Link(_("首页"), url_for("pages.home"))],
    )


def _candidates(name: str, page: str) -> list[tuple[Hit, str]]:
    parts = portal()
    found = []
    for kind in (kind for kind in kinds().values() if kind.subject_type in ("enterprise", "institution")):
        answer = search(parts.search, parts.register, Asked(name, kind=kind.name, limit=10))
        for match, record in answer.hits:
            if record.subject is not None:
                found.append((hit_of(match, record, answer), url_for(page, id=record.subject.code)))
    return found


@blueprint.get("/subjects/<id>", endpoint="subject")
def subject_page(id: str) -> str:  # noqa: A002  the address calls it so
    """A credit file, or all its records of one kind."""
    question = arguments(request, SubjectPageQuestion, id=id)
    kind = kind_called(question.kind) if question.kind is not None else None
    if question.kind is not None and kind is None:
        raise invalid("kind", "没有这个种类。", "there is no such kind")
    file = credit.open_file(portal().register, question.id)
    return _one_kind(file, kind, question.cursor) if kind is not None else _whole(file)


def _whole(file: CreditFile) -> str:
    parts = portal()
    own = _describing(file)
    by_kind = [(kind, [r for r in file.of_kind(kind.name) if r is not own]) for kind in kinds().values()]
    here = url_for("pages.restrictions", id=file.subject.code)
    today = parts.clock.today()
    rules = parts.rules.book.now()
    status = domains(file.records, rules, today, followed(parts.register, file.records, rules, today))
    return _page(
        file,
        badge=status_badge(own) if own else None,
        fields=_identity(file, own),
        domains=[DomainShort(domain_label(d), state_badge(d), f"{here}#{d.code}") for d in status],
        restrictions_href=here,
        sections=[_section(file.subject, kind, records) for kind, records in by_kind if records],
        absent=[
            kind_label(kind)
            for kind, records in by_kind
            if not records and kind.subject_type is None and kind.needs_subject
        ],
    )


def _one_kind(file: CreditFile, kind: Kind, cursor: str | None) -> str:
    records = file.of_kind(kind.name)
    shown, following = lists.page(records, PAGE, cursor, of=(file.subject.id, kind.name))
    here: dict[str, Any] = {"id": file.subject.code, "kind": kind.name}
    section = (
        Section(kind.name, kind_label(kind), len(records), table(kind, shown, kind_label(kind)), None)
        if records
        else None
    )
    return _page(
        file,
        sections=[section] if section else [],
        absent=[] if section else [kind_label(kind)],
        all_href=url_for("pages.subject", id=file.subject.code),
        pager=Pager(
            url_for("pages.subject", **here, cursor=following) if following else None,
            url_for("pages.subject", **here) if cursor else None,
        ),
    )


def _page(file: CreditFile, **values: object) -> str:
    usual: dict[str, object] = {
        "badge": None,
        "fields": [],
        "domains": [],
        "restrictions_href": None,
        "absent": [],
        "all_href": None,
        "pager": None,
        "name": file.subject.name,
        "code": file.subject.code,
        "objection_href": objection_href(),
        "follow_href": url_for("account.follow", subject=file.subject.code),
        "feed_href": url_for("pages.subject_feed", id=file.subject.code),
        "evidence": evidence(file.version),
        "crumbs": [Link(_("首页"), url_for("pages.home")), Link(_("查企业"), url_for("pages.find_subject"))],
        "noindex": private(file.subject),
    }
    return render_template("subject.html", **(usual | values))


def _describing(file: CreditFile) -> PublicRecord | None:
    """The record that says who the subject is."""
    return next((record for record in file.records if record.kind.subject_type == file.subject.type), None)


def _identity(file: CreditFile, own: PublicRecord | None) -> list[Field]:
    subject = file.subject
    found = [
        Field(label, Cell(code, code=True))
        for label, code in (
            (_("统一社会信用代码"), subject.uscc),
            (_("组织机构代码"), subject.organisation_code),
            (_("工商注册号"), subject.registration_number),
        )
        if code
    ]
    if file.former_names:
        found.append(Field(_("曾用名"), Cell(_("；").join(file.former_names))))
    return found + (fields(own, leave_out=("former_names", "status")) if own else [])


def _section(subject: PublicSubject, kind: Kind, records: list[PublicRecord]) -> Section:
    more = url_for("pages.subject", id=subject.code, kind=kind.name) if len(records) > NEWEST else None
    label = kind_label(kind)
    return Section(kind.name, label, len(records), table(kind, records[:NEWEST], label), more)
