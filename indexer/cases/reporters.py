"""Who reported something (举报人): kept sealed and apart, opened by the one who handles the case, each time written down.

The one reported, others of the desk and lists of cases never get it (总局令第20号; domain.md part 6).
"""

from dataclasses import asdict

import orjson
from sqlalchemy import Connection, Engine, insert, select

from indexer.accounts.acting import Acting, acting
from indexer.accounts.audit import Act, Caller
from indexer.accounts.people import Conflict
from indexer.accounts.tokens import Seal
from indexer.cases.case import Case, Contact
from indexer.cases.models import Reporter as Row
from indexer.clock import Clock
from indexer.register.database import reading


class Reporters:
    """The sealed words of all who filed without an account."""

    def __init__(self, engine: Engine, clock: Clock, seal: Seal) -> None:
        self.engine, self.clock, self.seal = engine, clock, seal

    def keep(self, act: Acting, case: int, contact: Contact) -> None:
        """Keep a contact within the transaction of its case; nothing where nothing was said."""
        if contact:
            sealed = self.seal.close(orjson.dumps(asdict(contact)).decode())
            act.connection.execute(
                insert(Row).values(case_id=case, sealed=sealed, letters=bool(contact.mail))
            )

    def known(self, case: Case) -> bool:
        """Whether who filed a case has said how to be reached."""
        with reading(self.engine) as connection:
            return connection.scalar(select(Row.case_id).where(Row.case_id == case.id)) is not None

    def look(self, caller: Caller, case: Case) -> Contact:
        """Open it for the one who handles the case, and write that down. Raises Conflict for others."""
        if caller.account is None or caller.account != case.handler:
            raise Conflict(
                "只有这件办件的经办人员能看举报人的联系方式。",
                "Only the one who handles the case may see who filed it.",
            )
        with acting(self.engine, self.clock, caller) as act:
            act.note(Act.REPORTER_VIEWED, f"case:{case.number}")
            return self._open(act.connection, case.id)

    def mail(self, connection: Connection, case: int) -> str:
        """Where letters about a case go, empty where nobody wants any."""
        letters = connection.scalar(select(Row.letters).where(Row.case_id == case))
        return self._open(connection, case).mail if letters else ""

    def _open(self, connection: Connection, case: int) -> Contact:
        sealed = connection.scalar(select(Row.sealed).where(Row.case_id == case))
        opened = self.seal.open(sealed) if sealed is not None else None
        return Contact(**orjson.loads(opened)) if opened is not None else Contact()
