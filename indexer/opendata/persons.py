"""Whose records leave in bulk (成批提供): everybody's but those of natural persons and sole traders (domain.md part 6: no bulk export of persons)."""

from indexer.kinds import kinds
from indexer.kinds.base import Kind
from indexer.kinds.persons import reads_like_a_person
from indexer.register.disclosure import SOLE_TRADER, PublicRecord

PERSONS = "practitioner"
"""The kind that is about persons as a whole."""

PERSONAL = ("natural_person", "sole_trader")
"""Values of `subject_kind` (indexer/kinds/persons.py)."""

SOLE_TRADER_SINCE = "6"
"""Seventh digit of a 15-digit registration number (工商注册号, GS15-2006) from which on it is a 个体工商户's."""


def of_a_person(record: PublicRecord) -> bool:
    """Whether a public record is a practitioner's, a natural person's or a sole trader's, by its codes, what it says and, without any, its name.

    In doubt it is: its own page still has it.
    """
    if record.kind.name == PERSONS or record.values.get("subject_kind") in PERSONAL:
        return True
    subject = record.subject
    if subject is None:
        return record.kind.needs_subject and reads_like_a_person(record.name or "")
    if subject.uscc is not None:
        return subject.uscc.startswith(SOLE_TRADER)
    number = subject.registration_number or ""
    if len(number) == 15 and number.isdecimal():
        return number[6] >= SOLE_TRADER_SINCE
    return subject.organisation_code is None and reads_like_a_person(subject.name)


def leaving() -> dict[str, Kind]:
    """The kinds that leave in bulk, by name."""
    return {name: kind for name, kind in kinds().items() if name != PERSONS}
