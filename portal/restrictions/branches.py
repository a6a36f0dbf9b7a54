"""Whose restrictions reach a subject besides its own (分公司、合并分立): by what its own record says, never by a name.

A branch is no person in law, and the company answers for it (公司法 13). Who is left after a merger, and who comes from a division, takes the debts
over (公司法 221, 223). Whether a restriction of the one reaches the other is for the rule to say (`branches = true`, `successors = true`); the shipped
table has no such rule, as no basis is at hand.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from indexer.identifiers import Codes, parse_codes
from indexer.kinds.base import text_in
from indexer.register.disclosure import PublicRecord
from indexer.register.many import ManySubjects
from indexer.register.reading import CreditFile, Register
from portal.restrictions.rules import RuleSet

STATED_IN = "enterprise"
"""The kind whose records state it."""


@dataclass(frozen=True, slots=True)
class Followed:
    """The files of those whose restrictions may reach a subject: the enterprise whose branch it is, and those it was merged or divided from."""

    parent: CreditFile | None = None
    predecessors: tuple[CreditFile, ...] = ()


NOBODY = Followed()
"""Nobody's but its own."""


def stated_parent(records: Iterable[PublicRecord]) -> Codes | None:
    """The code of the enterprise whose branch a subject is by its own record, None where it says nothing."""
    code = next(iter(_stated(records, "parent_code")), None)
    return parse_codes(code) if code else None


def stated_predecessors(records: Iterable[PublicRecord]) -> list[Codes]:
    """The codes of those that a subject was merged or divided from, by its own record."""
    return [parse_codes(code) for code in _stated(records, "predecessor_codes")]


def stated_successors(records: Iterable[PublicRecord]) -> list[str]:
    """The codes of those that took a subject over, by its own record."""
    return _stated(records, "successor_codes")


def followed(
    register: Register,
    records: Iterable[PublicRecord],
    rules: RuleSet,
    as_of: date | None = None,
    known_at: datetime | None = None,
) -> Followed:
    """Those whose restrictions some rule lets reach the subject of some records; nobody is read for whom no rule asks."""
    records = list(records)
    parent = stated_parent(records) if rules.for_branches is not None else None
    before = stated_predecessors(records) if rules.for_successors is not None else []
    if parent is None and not before:
        return NOBODY

    def only(codes: Codes) -> list[CreditFile]:
        files = register.credit_file(codes, as_of, known_at)
        return files if len(files) == 1 else []

    return Followed(
        next(iter(only(parent)), None) if parent is not None else None,
        tuple(file for codes in before for file in only(codes)),
    )


def followed_of(
    files: Mapping[str, CreditFile], subjects: ManySubjects, rules: RuleSet
) -> dict[str, Followed]:
    """The same of many subjects, by their codes, with one question for parents and one for predecessors; who follows nobody is left out."""
    parents = parents_stated(files, subjects) if rules.for_branches is not None else {}
    before = predecessors_of(files, subjects) if rules.for_successors is not None else {}
    return {code: Followed(parents.get(code), before.get(code, ())) for code in (*parents, *before)}


def parents_stated(files: Mapping[str, CreditFile], subjects: ManySubjects) -> dict[str, CreditFile]:
    """Whose branch each subject is by its own record, by the branch's code; a code that was given to two names nobody."""
    stated = {code: codes for code, file in files.items() if (codes := stated_parent(file.records))}
    bearing = subjects.by_codes(list(stated.values()))
    return {code: found[0] for code, found in zip(stated, bearing, strict=True) if len(found) == 1}


def predecessors_of(
    files: Mapping[str, CreditFile], subjects: ManySubjects
) -> dict[str, tuple[CreditFile, ...]]:
    """The files of those that each subject was merged or divided from, as its own record states them, by its code."""
    stated = [(code, codes) for code, file in files.items() for codes in stated_predecessors(file.records)]
    found: dict[str, tuple[CreditFile, ...]] = {}
    for (code, _), bearing in zip(stated, subjects.by_codes([codes for _, codes in stated]), strict=True):
        if len(bearing) == 1:
            found[code] = (*found.get(code, ()), bearing[0])
    return found


def _stated(records: Iterable[PublicRecord], column: str) -> list[str]:
    stated = (text_in(record.values, column) for record in records if record.kind.name == STATED_IN)
    return [code for text in stated for code in text.split("、") if code]
