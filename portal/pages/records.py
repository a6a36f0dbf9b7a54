"""One record with all that is public of it, and how it came to be as it is."""

from dataclasses import dataclass

from flask import Response, render_template, request, url_for
from flask_babel import gettext as _
from pydantic import Field as Argument

from indexer.accounts.roles import Role
from indexer.cases.kinds import BY_MOVES, KINDS
from indexer.enterprise.declaring import FILE, PURPOSE
from indexer.register.disclosure import PublicRecord
from indexer.register.disputes import disputes_of
from indexer.register.reading import HistoryEntry
from portal.accounts.person import person
from portal.arguments import Arguments, arguments
from portal.context import portal
from portal.labels import column_label, kind_label
from portal.pages.attachment import kept_file
from portal.pages.case_parts import said
from portal.pages.cells import (
    caution_notice,
    day_text,
    disputed_badge,
    fields,
    record_title,
    shown_value,
    status_badge,
    subject_link,
)
from portal.pages.components import Badge, Instant, Link
from portal.pages.frame import blueprint, evidence, instant, objection_href, private


class RecordPageQuestion(Arguments):
    """A record's id."""

    id: str = Argument(pattern=r"^[0-9a-f]{24}$")


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a record; `changes` are (field, before, after)."""

    recorded_at: Instant
    badge: Badge
    why: str | None
    source: str | None
    changes: list[tuple[str, str | None, str | None]]


@dataclass(frozen=True, slots=True)
class Objection:
    """An objection to a record, in words; `ended` is None while it is open."""

    since: str
    ended: Instant | None
    result: str
    reason: str


@blueprint.get("/records/<id>", endpoint="record")
def record_page(id: str) -> str:  # noqa: A002  the address calls it so
    """One record as it is public today."""
    register = portal().register
    record = register.record(arguments(request, RecordPageQuestion, id=id).id)
    return render_template(
        "record.html",
        title=record_title(record),
        kind=kind_label(record.kind),
        badge=status_badge(record),
        caution=caution_notice(record),
        subject=subject_link(record),
        subject_code=record.subject.code if record.subject else None,
        name_then=_name_then(record),
        fields=fields(record, leave_out=("status",)),
        public_until=day_text(record.public_until),
        source=record.source,
        recorded_at=instant(record.recorded_at),
        history_href=url_for("pages.history", id=record.id),
        file_href=url_for("pages.record_file", id=record.id) if record.values.get(FILE) else "",
        verify_href=_verify_href(record),
        objection_href=_objection_href(record),
        disputed=disputed_badge(record),
        evidence=evidence(register.version()),
        crumbs=_crumbs(record),
        noindex=private(record.subject) or record.kind.of_persons,
    )


@blueprint.get("/records/<id>/file", endpoint="record_file")
def record_file(id: str) -> Response:  # noqa: A002  the address calls it so
    """The document that came with a declaration, as long as the declaration is public."""
    record = portal().register.record(arguments(request, RecordPageQuestion, id=id).id)
    digest = record.values.get(FILE) if record.kind.name == PURPOSE else None
    return kept_file(portal().accounts.files.shown(str(digest or ""), PURPOSE))


@blueprint.get("/records/<id>/history", endpoint="history")
def history_page(id: str) -> str:  # noqa: A002  the address calls it so
    """A record's versions, newest first."""
    register = portal().register
    entries = register.history(arguments(request, RecordPageQuestion, id=id).id)
    latest = entries[-1].record
    return render_template(
        "record_history.html",
        title=record_title(latest) if latest else _("已撤下的记录"),
        kind=kind_label(latest.kind) if latest else "",
        record_href=url_for("pages.record", id=id) if latest else None,
        versions=_versions(entries),
        objections=_objections(id),
        evidence=evidence(register.version()),
        crumbs=_crumbs(latest),
        noindex=latest is None or private(latest.subject) or latest.kind.of_persons,
    )


def _objection_href(record: PublicRecord) -> str:
    """The form of an objection for who may file one, else where it says how."""
    someone, code = person(), record.subject.uscc if record.subject else None
    if someone is None or code is None or code not in someone.scopes(Role.ENTERPRISE):
        return objection_href()
    return str(url_for("account.objection_new", code=code, record=record.id))


def _objections(identity: str) -> list[Objection]:
    outcomes = KINDS["objection"].outcomes
    return [
        Objection(
            each.opened_on.isoformat(),
            instant(each.ended_at) if each.ended_at else None,
            said(outcomes.get(each.outcome) or BY_MOVES[each.outcome]) if each.outcome else _("异议处理中"),
            each.reason or "",
        )
        for each in disputes_of(portal().register.engine, identity)
    ]


def _crumbs(record: PublicRecord | None) -> list[Link]:
    subject = subject_link(record) if record else None
    return [Link(_("首页"), url_for("pages.home")), *([subject] if subject else [])]


def _name_then(record: PublicRecord) -> str | None:
    """The name in the record, where the subject has another today."""
    if record.subject is None or record.name == record.subject.name:
        return None
    return record.name


def _verify_href(record: PublicRecord) -> str | None:
    if not record.kind.verifiable or not record.number:
        return None
    return str(url_for("pages.verify", number=record.number))


def _versions(entries: list[HistoryEntry]) -> list[Version]:
    words = {
        "published": Badge(_("发布"), "good"),
        "changed": Badge(_("变更"), "neutral"),
        "withdrawn": Badge(_("撤下"), "warn"),
        "restored": Badge(_("恢复"), "good"),
    }
    before = [None, *(entry.record for entry in entries)]
    return [
        Version(
            recorded_at=instant(entry.recorded_at),
            badge=words[entry.change],
            why=entry.reason,
            source=entry.record.source if entry.record else None,
            changes=_changes(earlier, entry.record) if earlier and entry.record else [],
        )
        for earlier, entry in reversed(list(zip(before, entries, strict=False)))
    ]


def _changes(old: PublicRecord, new: PublicRecord) -> list[tuple[str, str | None, str | None]]:
    """What reads otherwise in the later of two versions, in the order of the kind's columns."""
    found = [] if old.name == new.name else [(str(_("主体名称")), old.name, new.name)]
    for column in new.kind.all_columns():
        before, after = old.values.get(column.name), new.values.get(column.name)
        if before != after:
            told = [shown_value(new.kind, column.name, value) for value in (before, after)]
            found.append((column_label(column), told[0], told[1]))
    for header in dict.fromkeys([*old.extra, *new.extra]):
        if old.extra.get(header) != new.extra.get(header):
            found.append((header, old.extra.get(header), new.extra.get(header)))
    return found
