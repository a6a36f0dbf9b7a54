"""From a disclosed record to cells, fields and tables, by the columns of its kind and in the words of the reader."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from flask import url_for
from flask_babel import gettext as _

from indexer.kinds import kinds
from indexer.kinds.base import Column, Find, Kind, Show, Term, Type, Value
from indexer.register.disclosure import PublicRecord
from portal.i18n import english
from portal.labels import caution, column_label, word
from portal.pages.components import Badge, Cell, Field, Link, Notice, Table
from portal.restrictions.evaluate import DomainStatus
from portal.searching import headline

LONGEST_CELL = 100  # characters of a text in a table; the record's own page has all of it
TEN_THOUSAND = Decimal(10_000)


def badge(term: Term | None) -> Badge | None:
    """A state in a word."""
    return Badge(word(term), term.tone.value) if term is not None else None


def status_badge(record: PublicRecord) -> Badge | None:
    """The state of a record on the day asked for."""
    return badge(record.status_term)


def caution_notice(record: PublicRecord) -> Notice | None:
    """What to know before relying on a record in its state."""
    term, text = record.status_term, caution(record)
    return Notice(text, term.tone.value, word(term)) if term is not None and text else None


def disputed_badge(record: PublicRecord) -> Badge | None:
    """The mark of a record that somebody objects to (domain.md part 6)."""
    return Badge(_("异议处理中"), "warn") if record.disputed is not None else None


def day_text(day: date | None) -> str | None:
    """A day as machines and people write it."""
    return day.isoformat() if day is not None else None


def record_href(record: PublicRecord) -> str:
    """The page of one record."""
    return str(url_for("pages.record", id=record.id))


def subject_link(record: PublicRecord) -> Link | None:
    """The credit file of the record's subject, under the name of today."""
    if record.subject is None:
        return None
    return Link(record.subject.name, url_for("pages.subject", id=record.subject.code))


def record_title(record: PublicRecord) -> str:
    """What a record is called on its own page and in lists of records."""
    if record.kind.subject_type == "practitioner":
        return record.title
    return str(record.title if record.kind.subject_type is None else headline(record))


def fields(record: PublicRecord, leave_out: Sequence[str] = ()) -> list[Field]:
    """All that is public of a record, in the order of its kind's columns, then what its file had besides."""
    own = [
        Field(column_label(column), cell(record, column))
        for column in record.kind.columns
        if column.name not in leave_out
        and column.show is not Show.NEVER
        and (column.name in record.values or (column.name == "status" and record.status is not None))
    ]
    mark = disputed_badge(record)
    marked = [Field(_("异议"), Cell(badge=mark))] if mark else []
    return marked + own + [Field(header, Cell(text)) for header, text in record.extra.items()]


def table(kind: Kind, records: Sequence[PublicRecord], caption: str) -> Table:
    """Records of one kind with the columns of its section; columns that are empty in all of them are left out."""
    by_name = {column.name: column for column in kind.all_columns()}
    shown = [
        by_name[name] for name in kind.section.columns if any(_filled(record, name) for record in records)
    ]
    return Table(
        caption, [column_label(column) for column in shown], [_row(record, shown) for record in records]
    )


def _row(record: PublicRecord, columns: Sequence[Column]) -> list[Cell]:
    first, *others = (cell(record, column, LONGEST_CELL) for column in columns)
    if first.text is None and first.day is None and first.badge is None:
        first = Cell(record_title(record))
    return [replace(first, href=record_href(record), mark=disputed_badge(record)), *others]


def _filled(record: PublicRecord, column: str) -> bool:
    return column in record.values or (column == "status" and record.status is not None)


def cell(record: PublicRecord, column: Column, longest: int | None = None) -> Cell:
    """One value of a record; its state is the one of the day asked for, not the one that was stored."""
    if column.name == "status" or (column.choices is record.kind.statuses and record.status is not None):
        return Cell(badge=status_badge(record))
    value = record.values.get(column.name)
    if value is None:
        return Cell()
    if column.type is Type.DATE:
        return Cell(day=str(value))
    if column.choices is not None and value in column.choices:
        return Cell(word(column.choices[str(value)]))
    text = value_text(value)
    if longest is not None and len(text) > longest:
        text = f"{text[:longest]}…"
    return Cell(text, code=column.find is Find.CODE)


def value_text(value: Value) -> str:
    """A value in words: amounts with their unit, in 万元 where that is shorter."""
    if isinstance(value, dict):
        amount, currency = Decimal(value["value"]), value["currency"]
        if currency != "CNY" or english():
            return f"{currency} {_plain(amount)}"
        if abs(amount) >= TEN_THOUSAND:
            return str(_("%(amount)s 万元", amount=_plain(amount / TEN_THOUSAND)))
        return str(_("%(amount)s 元", amount=_plain(amount)))
    return str(value)


def _plain(amount: Decimal) -> str:
    whole, _dot, part = f"{amount:,f}".partition(".")
    part = part.rstrip("0")
    return f"{whole}.{part}" if part else whole


def shown_value(kind: Kind, column: str, value: Value | None) -> str | None:
    """A value as text, for comparing two versions of a record."""
    if value is None:
        return None
    if column == "status":
        return word(kind.statuses[str(value)])
    choices = next((c.choices for c in kind.columns if c.name == column), None)
    if choices is not None and value in choices:
        return word(choices[str(value)])
    return value_text(value)


def kind_called(name: str) -> Kind | None:
    """The kind of that name, None where there is none."""
    return kinds().get(name)


def state_badge(status: DomainStatus) -> Badge:
    """The status in a domain, in a word."""
    if status.status == "clear":
        return Badge(_("未见限制"), "good")
    if status.status == "banned":
        return Badge(_("禁止"), "bad")
    return Badge(_("受限"), "warn")
