"""What is handed in and what is read: a filing, a case, its events. Plain values, as pages and rules see them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from indexer.accounts.files import Checked
from indexer.accounts.reach import Reach
from indexer.cases.kinds import UPHELD, CaseKind
from indexer.cases.paths import TABLE, By, Move, State
from indexer.register.belonging import Belonging


@dataclass(frozen=True, slots=True)
class Contact:
    """How somebody without an account can be reached; all of it may be empty. Kept sealed."""

    name: str = ""
    phone: str = ""
    mail: str = ""

    def __bool__(self) -> bool:
        return bool(self.name or self.phone or self.mail)


@dataclass(frozen=True, slots=True)
class Filing:
    """A case as it is handed in. `once` is the token of its form; texts have been checked (`texts.py`), files looked at."""

    kind: str
    title: str
    content: Mapping[str, str]
    once: str
    files: tuple[Checked, ...] = ()
    subject_code: str | None = None
    record_id: str | None = None
    contact: Contact = field(default_factory=Contact)


@dataclass(frozen=True, slots=True)
class Filed:
    """A case that was filed: its number, and the secret of one that was filed without an account."""

    number: str
    secret: str | None


@dataclass(frozen=True, slots=True)
class Doing:
    """What somebody does with a case, as seen in `version` of it. What a move does not need is left empty."""

    move: Move
    version: int
    once: str
    text: str = ""
    outcome: str = ""
    agency: str = ""
    account: int | None = None
    files: tuple[Checked, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """A case as it stands. `filed_by` is None for one that opens by a secret; who that is stands apart (`reporters.py`).

    `authority` and `area`: whose its record is, or where its enterprise belongs. `mended_in`: the batch that mended the record of an upheld objection, as long as that batch is not taken back.
    """

    id: int
    number: str
    kind: CaseKind
    state: State
    version: int
    subject_code: str | None
    record_id: str | None
    filed_by: int | None
    title: str
    content: Mapping[str, str]
    filed_at: datetime
    due_on: date
    provisional: bool
    extended: bool
    handler: int | None
    handler_name: str | None
    agency: str | None
    proposed_by: int | None
    outcome: str | None
    reason: str | None
    ended_at: datetime | None
    late: bool
    mended_in: int | None
    mended_at: datetime | None
    authority: str | None
    area: str | None

    @property
    def upheld(self) -> bool:
        """Whether it is an objection that was upheld: then its record has to be mended (`mending.py`)."""
        return self.kind.name == "objection" and self.ended_at is not None and self.outcome == UPHELD

    def within(self, reach: Reach, account: int) -> bool:
        """Whether it is for somebody of the desk with this reach: of its agency or region, handed to its agency, or in the person's hands."""
        its = Belonging(self.authority, None, self.area)
        return self.handler == account or reach.covers_agency(self.agency) or reach.covers(its)

    def overdue(self, today: date) -> bool:
        """Whether somebody should have acted by now."""
        return self.ended_at is None and self.due_on < today

    def moves(self, by: By) -> tuple[Move, ...]:
        """What can be done with it now in a capacity, in the order of the table."""
        return tuple(
            step.move
            for (state, move), step in TABLE.items()
            if state == self.state
            and step.by == by
            and move in self.kind.moves
            and not (move == Move.EXTEND and self.extended)
        )


@dataclass(frozen=True, slots=True)
class Event:
    """Something that was done with a case. `files` are ids, `removed` those whose time was over; `name` is of the account that did it."""

    place: int
    at: datetime
    move: Move
    by: By
    account: int | None
    name: str | None
    state: State
    text: str | None
    details: Mapping[str, str]
    files: tuple[int, ...]
    removed: frozenset[int] = frozenset()
