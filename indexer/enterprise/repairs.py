"""Applications for repair (信用修复申请): what each needs before it is filed, and what its approval does in the register.

One person examines, another approves (the engine of cases holds to that); the approval and the batch that ends publication are one
transaction. Result due in ten work days (`repair.result`).
"""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select

from indexer.accounts.acting import Acting
from indexer.accounts.audit import Act
from indexer.accounts.opening import Accounts
from indexer.accounts.roles import Role
from indexer.cases.case import Case
from indexer.errors import ZhixinError
from indexer.identifiers import parse_codes
from indexer.register.holding import Holding, OwnRecord, held_about
from indexer.register.models import Subject, Version
from indexer.register.reading import Register
from indexer.register.repairing import set_repaired
from indexer.rules.repair import Missing

APPROVED = "approved"


class NotReady(ZhixinError):
    """Something that the rules ask for is missing, or the record can not be repaired at all."""

    code = "repair-not-ready"
    status = 409

    def __init__(self, missing: Sequence[Missing] = ()) -> None:
        super().__init__(
            "还不能修复：条件不齐，或这条记录不能修复。请看记录页上写的原因。",
            "This can not be repaired now: see on the page of the record what is missing.",
        )
        self.missing = tuple(missing)


class Repairs:
    """What a case of repair does besides being a case."""

    def __init__(self, register: Register, accounts: Accounts) -> None:
        self.register, self.accounts = register, accounts

    def filed(self, act: Acting, case: Case) -> None:
        """Raises NotReady where something is missing that the application itself does not bring."""
        self._ready(case)

    def ended(self, act: Acting, case: Case) -> None:
        """On approval the record stops being public everywhere. Raises NotReady, NotRepairable, DatabaseBusy."""
        if case.outcome != APPROVED:
            return
        self._ready(case)
        assert case.record_id is not None
        batch = set_repaired(
            act.connection, self.register.clock, case.record_id, f"信用修复（办件 {case.number}）"
        )
        act.note(Act.REPAIRED, f"record:{case.record_id}", after=f"batch {batch}")

    def taken_back(self, act: Acting, record: str, batch: int, reason: str) -> None:
        """Write down that a batch has taken a repair back, within its transaction, and tell the people of the enterprise."""
        asked = (
            select(Subject.uscc)
            .join(Version, Version.subject_id == Subject.id)
            .where(Version.record_id == record, Version.recorded_in == batch)
        )
        code = act.connection.scalar(asked)
        for each in self.accounts.people.of(Role.ENTERPRISE, code) if code else ():
            path = f"/enterprise/{code}/records/{record}"
            self.accounts.mailbox.put(act, each.mail, "repair-taken-back", path, {})
        act.note(Act.REPAIR_TAKEN_BACK, f"record:{record}", after=f"batch {batch} {reason}")

    def _ready(self, case: Case) -> None:
        holding = held_about(self.register, parse_codes(case.subject_code or ""))
        record = holding.record(case.record_id or "") if holding is not None else None
        if holding is None or record is None:
            raise NotReady
        needs(holding, record, self.register.clock.today(), corrected(case))


def corrected(case: Case) -> date | None:
    """The day on which, by the application, the duty was done."""
    said = case.content.get("corrected_on")
    return date.fromisoformat(said) if said else None


def needs(holding: Holding, record: OwnRecord, today: date, corrected_on: date | None) -> None:
    """Raise NotReady, with what is missing, where a repair can not be applied for or approved on `today`."""
    if record.repair is None or record.repair.barred(today) is not None:
        raise NotReady
    if missing := holding.missing(record, today, corrected_on):
        raise NotReady(missing)
