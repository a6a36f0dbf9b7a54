"""Contradictions of sources that an operator looked at and left as they stand (维持现状). Nothing public changes by that; it is written down."""

from datetime import datetime

from sqlalchemy import Engine, insert, select
from sqlalchemy.exc import IntegrityError

from indexer.accounts.acting import acting
from indexer.accounts.audit import Act, Caller
from indexer.accounts.people import Conflict
from indexer.clock import Clock
from indexer.desk.models import SettledConflict as Row
from indexer.desk.submissions import plain_note
from indexer.register.database import reading


class Settlements:
    """All that were left as they stand."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self.engine, self.clock = engine, clock

    def settle(self, caller: Caller, record: str, batch: int, reason: str) -> None:
        """Leave a record as the batch recorded it. Raises InvalidParameter `reason`, and Conflict where it was settled already."""
        said = plain_note(reason, "reason", needed=True)
        with acting(self.engine, self.clock, caller) as act:
            values = {"record_id": record, "batch_id": batch, "settled_by": caller.account}
            try:
                act.connection.execute(insert(Row).values(**values, settled_at=act.now, reason=said))
            except IntegrityError:
                raise Conflict("这处冲突已有人认定。", "Somebody has settled this already.") from None
            act.note(Act.CONFLICT_SETTLED, f"record:{record}", after=f"batch {batch}: {said}")

    def since(self, instant: datetime) -> set[tuple[str, int]]:
        """What was settled since an instant: record and batch."""
        asked = select(Row.record_id, Row.batch_id).where(Row.settled_at >= instant)
        with reading(self.engine) as connection:
            return {(row.record_id, row.batch_id) for row in connection.execute(asked)}
