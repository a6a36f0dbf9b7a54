"""A check's result as plain values (核查结果的 JSON): what the API answers, the receipt keeps and hashes, and a workbook is made from.

Bidders stand in the order of the input, and come second because they do in canonical JSON, which sorts its keys: all that only the last of
them settles stands after them, so that a long result is written and hashed while it is being made. Days are `YYYY-MM-DD`, instants RFC 3339 in UTC, scores numbers from 0 to 1.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

from indexer.register.canonical import in_parts
from indexer.register.disclosure import PublicSubject
from portal.checks.checking import Check
from portal.checks.model import (
    Basis,
    Bidder,
    BidderResult,
    Candidate,
    Cell,
    CheckResult,
    Closing,
    Honour,
    Match,
    Note,
    Parent,
    Requirement,
    Tie,
)
from portal.restrictions.evaluate import Cause, DomainStatus
from portal.restrictions.facts import Fact

Plain = dict[str, Any]

NOTICE_ZH = (
    "本结果仅供辅助参考；法定查询渠道为“信用中国”网站和“中国政府采购网”，请按规定在上述网站查询并保存结果。"
)
NOTICE_EN = (
    "For assistance only: the statutory channels remain 信用中国 (Credit China) and 中国政府采购网 (China Government "
    "Procurement), which must be asked and their answers kept."
)
"""财库〔2016〕125号; domain.md 3.4."""


def as_json(result: CheckResult) -> Plain:
    """The result as dicts, lists, texts, numbers, True, False and None.

    Fields: `as_of`, `known_at`, `checked_at`, `project`, `domains` asked for (none: all), `requirements`, `evidence` (`register_version`,
    `recorded_at`, `rules_version`, `rules_edition`), `degraded`, `notice`, `summary`, `bidders`, `ties`. A bidder: `row`, `id`, `name`, `notes`, `match`
    (`certainty`, `code`, `name`, `path`, `notes`, `candidates`), `restricted`, `domains`, `requirements` (one cell for each that was asked),
    `honours`, `parent`. Sentences are `{"zh", "en"}`.
    """
    writer = BidderWriter()
    return {
        **opening(result.basis),
        "bidders": [writer.plain(each) for each in result.bidders],
        **remainder(result.basis, result.closing),
    }


def in_pieces(checking: Check, size: int) -> Iterator[bytes]:
    """The canonical writing of `as_json` while the check is being made: what is before the bidders, some bidders each time, the rest."""
    written = map(BidderWriter().plain, checking)
    return in_parts(
        opening(checking.basis),
        "bidders",
        written,
        size,
        lambda: remainder(checking.basis, checking.closing()),
    )


def opening(basis: Basis) -> Plain:
    """What stands before the bidders by the order of the keys, which is that of canonical JSON."""
    return {"as_of": basis.request.as_of.isoformat()}


def remainder(basis: Basis, closing: Closing) -> Plain:
    """What stands after the bidders."""
    request = basis.request
    return {
        "known_at": _instant(basis.known_at),
        "checked_at": _instant(basis.checked_at),
        "project": request.project,
        "domains": list(request.domains),
        "requirements": [_requirement(each) for each in request.requirements],
        "evidence": {
            "register_version": basis.register_version,
            "recorded_at": _instant(basis.recorded_at) if basis.recorded_at else None,
            "rules_version": basis.rules_version,
            "rules_edition": basis.rules_edition,
        },
        "degraded": closing.degraded,
        "notice": {"zh": NOTICE_ZH, "en": NOTICE_EN},
        "summary": dict(closing.summary),
        "ties": [_tie(each) for each in closing.ties],
    }


def _requirement(requirement: Requirement) -> Plain:
    return {
        "certificate_kind": requirement.certificate_kind,
        "standard": requirement.standard,
        "scope": requirement.scope,
        "valid_on": _day(requirement.valid_on),
    }


class BidderWriter:
    """Writes one bidder after another. Most are clear in every domain, and share the piece that says so."""

    def __init__(self) -> None:
        self._clear: tuple[DomainStatus, ...] = ()
        self._said: list[Plain] = []

    def plain(self, result: BidderResult) -> Plain:
        """One bidder as `as_json` has it."""
        return {
            **_row(result.bidder),
            "match": _match(result.match),
            "restricted": result.restricted,
            "domains": self._domains(result.domains),
            "requirements": [_cell(each) for each in result.cells],
            "honours": [_honour(each) for each in result.honours],
            "parent": self._parent(result.parent) if result.parent else None,
        }

    def _parent(self, parent: Parent) -> Plain:
        return {
            "code": parent.code,
            "name": parent.name,
            "stated": parent.stated,
            "domains": self._domains(parent.domains),
        }

    def _domains(self, found: tuple[DomainStatus, ...]) -> list[Plain]:
        if found is self._clear:
            return self._said
        said = [_domain(each) for each in found]
        if all(each.status == "clear" and each.next_change is None for each in found):
            self._clear, self._said = found, said
        return said


def _row(bidder: Bidder) -> Plain:
    return {
        "row": bidder.row,
        "id": bidder.id,
        "name": bidder.name,
        "notes": [_note(each) for each in bidder.notes],
    }


def _match(match: Match) -> Plain:
    return {
        "certainty": match.certainty,
        "code": match.code,
        "name": match.name,
        "path": [_note(each) for each in match.path],
        "notes": [_note(each) for each in match.notes],
        "candidates": [_candidate(each) for each in match.candidates],
    }


def _note(note: Note) -> Plain:
    return {"code": note.code, "zh": note.zh, "en": note.en}


def _candidate(candidate: Candidate) -> Plain:
    return {
        "code": candidate.code,
        "name": candidate.name,
        "score": candidate.score,
        "why": {"zh": candidate.why_zh, "en": candidate.why_en},
    }


def _domain(status: DomainStatus) -> Plain:
    return {
        "code": status.code,
        "label": {"zh": status.label_zh, "en": status.label_en},
        "status": status.status,
        "until": _day(status.until),
        "next_change": _day(status.next_change),
        "because": [_cause(each) for each in status.because],
    }


def _cause(cause: Cause) -> Plain:
    return {
        "record": cause.record,
        "title": cause.title,
        "document_number": cause.document_number,
        "authority": cause.authority,
        "from": _day(cause.since),
        "until": _day(cause.until),
        "rule": cause.rule,
        "basis": cause.basis,
        "regions": [place.code for place in cause.scope.regions],
        "trades": list(cause.scope.trades),
        "facts": [_fact(each) for each in cause.facts],
        "verified": cause.verified,
        "parent": _subject(cause.parent),
        "predecessor": _subject(cause.predecessor),
        "explanation": {"zh": cause.sentence_zh, "en": cause.sentence_en},
    }


def _subject(subject: PublicSubject | None) -> Plain | None:
    return {"code": subject.code, "name": subject.name} if subject else None


def _fact(fact: Fact) -> Plain:
    return {
        "record": fact.record,
        "title": fact.title,
        "document_number": fact.document_number,
        "authority": fact.authority,
    }


def _cell(cell: Cell) -> Plain:
    return {
        "met": cell.met,
        "reason": cell.reason,
        "number": cell.number,
        "record": cell.record,
        "explanation": {"zh": cell.zh, "en": cell.en},
    }


def _honour(honour: Honour) -> Plain:
    return {
        "kind": honour.kind,
        "record": honour.record,
        "title": honour.title,
        "explanation": {"zh": honour.zh, "en": honour.en},
    }


def _tie(tie: Tie) -> Plain:
    return {
        "code": tie.code,
        "value": tie.value,
        "rows": list(tie.rows),
        "explanation": {"zh": tie.zh, "en": tie.en},
    }


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _instant(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
