"""Looking at cases: one, its events, those that wait, those of an enterprise."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Engine, Select, func, or_, select

from indexer.accounts.models import Account, StoredFile
from indexer.accounts.reach import EVERYTHING, Reach
from indexer.cases.case import Case, Event
from indexer.cases.kinds import KINDS, UPHELD
from indexer.cases.models import Case as Row
from indexer.cases.models import CaseEvent, CaseFile
from indexer.cases.numbers import normal, secret_digest
from indexer.cases.paths import By, Move, State
from indexer.errors import NotFound
from indexer.register.database import reading
from indexer.register.models import Batch

MENDED = (Batch.id == Row.mended_in) & Batch.withdrawn_in.is_(None)
CASES: Select[Any] = (
    select(
        *Row.__table__.c,
        Account.name.label("handler_name"),
        Batch.id.label("standing_batch"),
        Batch.recorded_at.label("mended_at"),
    )
    .outerjoin(Account, Account.id == Row.handler)
    .outerjoin(Batch, MENDED)
)
"""Cases with the name of who handles them, and the batch that mended the record, as long as it stands."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which cases a desk wants to see: all that is named holds. `without`: enterprises whose cases are not for who asks (回避).

    `reach` and `account` are of who asks: what is of other agencies and regions is left out, but for what the person handles.
    """

    kinds: frozenset[str] = frozenset(KINDS)
    states: frozenset[State] = frozenset(State) - {State.ENDED}
    handler: int | None = None
    unassigned: bool = False
    overdue: bool = False
    without: frozenset[str] = frozenset()
    reach: Reach = EVERYTHING
    account: int | None = None
    agencies: frozenset[str] | None = None


def case_of(row: Any) -> Case:
    """A row of `CASES` as a case."""
    return Case(
        id=row.id,
        number=row.number,
        kind=KINDS[row.kind],
        state=State(row.state),
        version=row.version,
        subject_code=row.subject_code,
        record_id=row.record_id,
        filed_by=row.filed_by,
        title=row.title,
        content=row.content,
        filed_at=row.filed_at,
        due_on=row.due_on,
        provisional=row.provisional,
        extended=row.extended_at is not None,
        handler=row.handler,
        handler_name=row.handler_name,
        agency=row.agency,
        proposed_by=row.proposed_by,
        outcome=row.outcome,
        reason=row.reason,
        ended_at=row.ended_at,
        late=row.late,
        mended_in=row.standing_batch,
        mended_at=row.mended_at,
        authority=row.authority,
        area=row.area,
    )


def no_case() -> NotFound:
    """There is no such case, or not for whoever asks."""
    return NotFound("没有这件办件。", "There is no such case.")


class Docket:
    """All cases, to be looked at."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def one(self, number: str) -> Case:
        """A case by its number, as typed. Raises NotFound. Who may see it is for the caller to say."""
        return self._only(Row.number == (normal(number) or ""))

    def of_id(self, identity: int) -> Case:
        """A case by its id. Raises NotFound."""
        return self._only(Row.id == identity)

    def of_enterprise(self, number: str, code: str) -> Case:
        """A case by its number, which somebody of this enterprise filed. Raises NotFound for others, too."""
        return self._only(
            (Row.number == (normal(number) or "")) & (Row.subject_code == code) & Row.filed_by.is_not(None)
        )

    def with_secret(self, number: str, secret: str) -> Case:
        """A case that opens by a secret. Raises NotFound where number and secret do not belong together."""
        return self._only((Row.number == (normal(number) or "")) & (Row.secret == secret_digest(secret)))

    def all_of_enterprise(
        self, code: str, kinds: Collection[str] = ("objection", "repair", "declaration")
    ) -> list[Case]:
        """What an enterprise has filed, newest first."""
        asked = (
            CASES.where(Row.subject_code == code, Row.kind.in_(list(kinds)), Row.filed_by.is_not(None))
            .order_by(Row.id.desc())
            .limit(200)
        )
        with reading(self.engine) as connection:
            return [case_of(row) for row in connection.execute(asked)]

    def wanted(
        self, wanted: Wanted, today: date, limit: int, after: tuple[date, int] | None = None
    ) -> list[Case]:
        """Cases that a desk wants to see, the longest overdue first; after the (day, id) that the last page ended with."""
        asked = CASES.where(self._condition(wanted, today)).order_by(Row.due_on, Row.id).limit(limit)
        if after is not None:
            day, own = after
            asked = asked.where((Row.due_on > day) | ((Row.due_on == day) & (Row.id > own)))
        with reading(self.engine) as connection:
            return [case_of(row) for row in connection.execute(asked)]

    def unmended(
        self, limit: int, without: Collection[str] = (), reach: Reach = EVERYTHING, account: int | None = None
    ) -> list[Case]:
        """Objections that were upheld and whose records no batch has mended yet, the longest since first; as in `Wanted`."""
        upheld = (Row.kind == "objection") & (Row.outcome == UPHELD) & Row.ended_at.is_not(None)
        asked = CASES.where(upheld, Batch.id.is_(None)).order_by(Row.ended_at, Row.id).limit(limit)
        if not reach.whole:
            asked = asked.where(_within(reach) | (Row.handler == account))
        if without:
            asked = asked.where(Row.subject_code.not_in(list(without)))
        with reading(self.engine) as connection:
            return [case_of(row) for row in connection.execute(asked)]

    def count(self, wanted: Wanted, today: date) -> int:
        """How many those are."""
        with reading(self.engine) as connection:
            return connection.scalar(select(func.count()).where(self._condition(wanted, today))) or 0

    def count_all(self) -> int:
        """How many cases there have ever been."""
        with reading(self.engine) as connection:
            return connection.scalar(select(func.count()).select_from(Row)) or 0

    def events(self, case: Case) -> list[Event]:
        """What was done with a case, oldest first."""
        asked = (
            select(CaseEvent, Account.name)
            .outerjoin(Account, Account.id == CaseEvent.account_id)
            .where(CaseEvent.case_id == case.id)
            .order_by(CaseEvent.place)
        )
        attached = (
            select(CaseFile.place, CaseFile.file_id, StoredFile.removed_at)
            .join(StoredFile, StoredFile.id == CaseFile.file_id)
            .where(CaseFile.case_id == case.id)
            .order_by(CaseFile.file_id)
        )
        files: dict[int, list[int]] = defaultdict(list)
        removed: set[int] = set()
        with reading(self.engine) as connection:
            for place, file, removed_at in connection.execute(attached):
                files[place].append(file)
                if removed_at is not None:
                    removed.add(file)
            return [
                Event(
                    place=row.place,
                    at=row.at,
                    move=Move(row.move),
                    by=By(row.by),
                    account=row.account_id,
                    name=row.name,
                    state=State(row.state),
                    text=row.text,
                    details=row.details,
                    files=tuple(files[row.place]),
                    removed=frozenset(removed.intersection(files[row.place])),
                )
                for row in connection.execute(asked)
            ]

    def has_file(self, case: Case, file: int) -> bool:
        """Whether a file came with a case."""
        asked = select(CaseFile.place).where(CaseFile.case_id == case.id, CaseFile.file_id == file)
        with reading(self.engine) as connection:
            return connection.scalar(asked) is not None

    def _only(self, condition: ColumnElement[bool]) -> Case:
        with reading(self.engine) as connection:
            row = connection.execute(CASES.where(condition)).first()
        if row is None:
            raise no_case()
        return case_of(row)

    def _condition(self, wanted: Wanted, today: date) -> ColumnElement[bool]:
        condition = Row.kind.in_(list(wanted.kinds)) & Row.state.in_(list(wanted.states))
        if wanted.handler is not None:
            condition &= Row.handler == wanted.handler
        if wanted.unassigned:
            condition &= Row.handler.is_(None)
        if wanted.without:
            condition &= Row.subject_code.is_(None) | Row.subject_code.not_in(list(wanted.without))
        if not wanted.reach.whole:
            condition &= _within(wanted.reach) | (Row.handler == wanted.account)
        if wanted.agencies is not None:
            condition &= Row.agency.in_(sorted(wanted.agencies))
        if wanted.overdue:
            condition &= Row.ended_at.is_(None) & (Row.due_on < today)
        return condition


def _within(reach: Reach) -> ColumnElement[bool]:
    """What `Case.within` says, for a list; agencies that a region has by their names alone are left to it."""
    agencies = sorted(reach.agencies)
    inside = [Row.area.startswith(area, autoescape=True) for area in sorted(reach.areas)]
    return or_(Row.authority.in_(agencies), Row.agency.in_(agencies), *inside)
