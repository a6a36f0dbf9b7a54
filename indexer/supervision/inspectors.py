"""Inspectors (执法检查人员名录) and the enterprises they are excluded from (回避)."""

from dataclasses import dataclass

from sqlalchemy import Connection, Engine, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from indexer.accounts.acting import acting
from indexer.accounts.audit import Act, Caller
from indexer.accounts.four_eyes import said
from indexer.accounts.people import Conflict, enterprise_code, normal_name
from indexer.clock import Clock
from indexer.errors import InvalidParameter, NotFound
from indexer.register.database import reading
from indexer.supervision.drawing import Eligible
from indexer.supervision.models import Inspector as Row
from indexer.supervision.models import InspectorConflict

NUMBER_LONGEST = 32  # characters


@dataclass(frozen=True, slots=True)
class Exclusion:
    """An enterprise that an inspector is never drawn for, and why."""

    id: int
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Inspector:
    """An inspector as the desk reads it."""

    id: int
    number: str
    name: str
    agency: str
    exclusions: tuple[Exclusion, ...]


class Inspectors:
    """The list of inspectors."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self.engine, self.clock = engine, clock

    def all(self) -> list[Inspector]:
        """Those on the list, by agency and number, with two statements."""
        listed = select(Row).where(Row.ended_at.is_(None)).order_by(Row.agency, Row.number)
        excluded = select(InspectorConflict).order_by(InspectorConflict.code)
        with reading(self.engine) as connection:
            rows = connection.execute(listed).all()
            conflicts = connection.execute(excluded).all()
        return [
            Inspector(
                *(row.id, row.number, row.name, row.agency),
                tuple(Exclusion(c.id, c.code, c.reason) for c in conflicts if c.inspector_id == row.id),
            )
            for row in rows
        ]

    def add(self, caller: Caller, number: str, name: str, agency: str) -> int:
        """Put somebody on the list. Raises InvalidParameter, and Conflict where the number is taken."""
        badge = "".join(number.split()).upper()
        if not badge or len(badge) > NUMBER_LONGEST or not badge.isprintable():
            raise InvalidParameter(
                "number", f"请填写执法证号，最多 {NUMBER_LONGEST} 个字符。", "must be a badge number"
            )
        values = {"number": badge, "name": normal_name(name), "agency": agency_name(agency)}
        with acting(self.engine, self.clock, caller) as act:
            try:
                new: int = act.connection.execute(
                    insert(Row).values(**values, added_at=act.now).returning(Row.id)
                ).scalar_one()
            except IntegrityError:
                raise Conflict(
                    "这个执法证号已在名录中，或曾在名录中。", "This badge number is or was on the list."
                ) from None
            act.note(Act.INSPECTOR_CHANGED, f"inspector:{new}", after=f"{badge} {values['agency']}")
        return new

    def end(self, caller: Caller, inspector: int) -> None:
        """Take somebody off the list. Raises NotFound."""
        with acting(self.engine, self.clock, caller) as act:
            gone = act.connection.execute(
                update(Row).where(Row.id == inspector, Row.ended_at.is_(None)).values(ended_at=act.now)
            )
            if not gone.rowcount:
                raise _nobody()
            act.note(Act.INSPECTOR_CHANGED, f"inspector:{inspector}", after="ended")

    def exclude(self, caller: Caller, inspector: int, code: str, reason: str) -> None:
        """Never draw an inspector for an enterprise. Raises InvalidParameter `code` or `reason`, NotFound, Conflict."""
        uscc, why = enterprise_code(code, "code"), said(reason)
        with acting(self.engine, self.clock, caller) as act:
            if (
                act.connection.scalar(select(Row.id).where(Row.id == inspector, Row.ended_at.is_(None)))
                is None
            ):
                raise _nobody()
            try:
                act.connection.execute(
                    insert(InspectorConflict).values(inspector_id=inspector, code=uscc, reason=why)
                )
            except IntegrityError:
                raise Conflict("已登记回避这家企业。", "This enterprise is excluded already.") from None
            act.note(Act.INSPECTOR_CHANGED, f"inspector:{inspector}", after=f"excluded from {uscc}: {why}")

    def admit(self, caller: Caller, exclusion: int) -> None:
        """Take an exclusion back. Raises NotFound."""
        with acting(self.engine, self.clock, caller) as act:
            gone = act.connection.execute(
                delete(InspectorConflict)
                .where(InspectorConflict.id == exclusion)
                .returning(InspectorConflict.inspector_id, InspectorConflict.code)
            ).first()
            if gone is None:
                raise NotFound("没有这项回避。", "There is no such exclusion.")
            act.note(
                Act.INSPECTOR_CHANGED, f"inspector:{gone.inspector_id}", before=f"excluded from {gone.code}"
            )


def eligible(connection: Connection, agency: str) -> list[Eligible]:
    """The inspectors of an agency as a draw takes them, by number."""
    asked = (
        select(Row.number, Row.agency, InspectorConflict.code)
        .outerjoin(InspectorConflict, InspectorConflict.inspector_id == Row.id)
        .where(Row.ended_at.is_(None), Row.agency == agency)
        .order_by(Row.number)
    )
    excluded: dict[str, set[str]] = {}
    for number, _agency, code in connection.execute(asked):
        excluded.setdefault(number, set()).update([code] if code else [])
    return [Eligible(number, agency, frozenset(codes)) for number, codes in excluded.items()]


def agency_name(text: str) -> str:
    """The name of an agency, on one line. Raises InvalidParameter `agency`."""
    name = " ".join(text.split())
    if not name or len(name) > 100 or not name.isprintable():
        raise InvalidParameter("agency", "请填写检查机关的名称。", "must be the name of an agency")
    return name


def _nobody() -> NotFound:
    return NotFound("名录中没有这位检查人员。", "There is no such inspector on the list.")
