"""Feeds (订阅源) in Atom, RFC 4287: what is public now, the latest first. Ids are stable; `updated` is when the register, or the calendar, changed it.

A feed is bounded: `MOST` entries. What is withdrawn or repaired is gone from the next answer, like everywhere.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import quote
from xml.etree import ElementTree

from indexer.clock import SHANGHAI, day_of
from indexer.register.disclosure import PublicRecord
from portal.searching import address, headline

MOST = 50
TYPE = "application/atom+xml"
SPACE = "http://www.w3.org/2005/Atom"
BEGINNING = "2026"
"""Of ids (RFC 4151): a year in which this project's addresses were its own."""

_unsayable = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # in XML 1.0


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: `id` names the record for ever, `summary` is a line or two of text."""

    id: str
    title: str
    href: str
    updated: datetime
    summary: str
    category: str


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed: `path` is its own address and makes its id, `page` the page with the same content."""

    title: str
    subtitle: str
    path: str
    page: str
    entries: Sequence[Entry]
    language: str
    empty_since: datetime

    @property
    def updated(self) -> datetime:
        """The latest change of an entry; of an empty feed, when the register changed last."""
        return max((entry.updated for entry in self.entries), default=self.empty_since)


def entry_of(record: PublicRecord, today: date, kind: str, state: str | None, words: Iterable[str]) -> Entry:
    """The entry of a record; `kind`, `state` and further `words` are in the reader's language."""
    said = [kind, *([state] if state else []), *words]
    return Entry(
        record.id, headline(record), address(record), changed_at(record, today), " · ".join(said), kind
    )


def changed_at(record: PublicRecord, today: date) -> datetime:
    """When a record last became what it is: recorded, or turned by the calendar, which it does at midnight in Asia/Shanghai."""
    turns = [record.valid_from, *(state.since for state in record.states)]
    if record.valid_until is not None:
        turns.append(record.valid_until + timedelta(days=1))
    recorded = day_of(record.recorded_at)
    turned = max((day for day in turns if day is not None and recorded < day <= today), default=None)
    return datetime.combine(turned, time.min, SHANGHAI).astimezone(UTC) if turned else record.recorded_at


def written(feed: Feed, site: str) -> bytes:
    """The feed as XML; `site` is the public address that links begin with. The same content is the same bytes."""
    host = site.partition("://")[2].partition("/")[0].partition(":")[0] or "localhost"
    root = ElementTree.Element("feed", {"xmlns": SPACE, "xml:lang": feed.language})
    _add(root, "id", f"tag:{host},{BEGINNING}:feed{quote(feed.path, safe='/?=&%')}")
    _add(root, "title", feed.title)
    _add(root, "subtitle", feed.subtitle)
    _add(root, "updated", _instant(feed.updated))
    _add(root, "link", rel="self", type=TYPE, href=f"{site}{feed.path}")
    _add(root, "link", rel="alternate", type="text/html", href=f"{site}{feed.page}")
    _add(_add(root, "author"), "name", "质信")
    for entry in feed.entries:
        item = _add(root, "entry")
        _add(item, "id", f"tag:{host},{BEGINNING}:record/{entry.id}")
        _add(item, "title", entry.title)
        _add(item, "updated", _instant(entry.updated))
        _add(item, "link", rel="alternate", type="text/html", href=f"{site}{entry.href}")
        _add(item, "category", term=entry.category)
        _add(item, "summary", entry.summary)
    content: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return content


def tag(content: bytes) -> str:
    """The ETag of a feed."""
    return hashlib.blake2b(content, digest_size=12).hexdigest()


def _add(parent: ElementTree.Element, name: str, text: str = "", **attributes: str) -> ElementTree.Element:
    plain = {key: _unsayable.sub("", value) for key, value in attributes.items()}
    element = ElementTree.SubElement(parent, name, plain)
    if text:
        element.text = _unsayable.sub("", text)
    return element


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
