"""Applications for repair (信用修复申请): what each needs before it is filed, and what its approval does in the register.

One person examines, another approves (the engine of cases holds to that); the approval and the batch that ends publication are one
transaction. Result due in ten work days (`repair.result`).
"""

from collections.abc import Sequence
from datetime import date

from indexer.accounts.acting import Acting, acting
from indexer.accounts.audit import Act, Caller
from indexer.accounts.opening import Accounts
from indexer.accounts.roles import Role
from indexer.cases.case import Case
from indexer.errors import InvalidParameter, ZhixinError
from indexer.identifiers import parse_codes
from indexer.register.holding import HeldRecord, Holding, held_about
from indexer.register.reading import Register
from indexer.register.repairing import set_repaired, take_back_repair
from indexer.rules.repair import Missing

APPROVED = "approved"
REASON_LONGEST = 500  # characters


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

    def take_back(self, caller: Caller, code: str, record: str, reason: str) -> int:
        """Take a repair back that should not have been given, and tell the people of its enterprise; gives the batch.

        Raises InvalidParameter `reason`, NotFound, NotRepairable.
        """
        said = " ".join(reason.split())
        if not said or len(said) > REASON_LONGEST or not said.isprintable():
            raise InvalidParameter(
                "reason",
                f"请写明理由，最多 {REASON_LONGEST} 个字。",
                f"must say why, in at most {REASON_LONGEST} characters",
            )
        people = self.accounts.people.of(Role.ENTERPRISE, code)
        with acting(self.register.engine, self.register.clock, caller) as act:
            batch = take_back_repair(act.connection, self.register.clock, record, f"撤销信用修复：{said}")
            for each in people:
                path = f"/enterprise/{code}/records/{record}"
                self.accounts.mailbox.put(act, each.mail, "repair-taken-back", path, {})
            act.note(Act.REPAIR_TAKEN_BACK, f"record:{record}", after=f"batch {batch} {said}")
        return batch

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


def needs(holding: Holding, record: HeldRecord, today: date, corrected_on: date | None) -> None:
    """Raise NotReady, with what is missing, where a repair can not be applied for or approved on `today`."""
    if record.repair is None or record.repair.barred(today) is not None:
        raise NotReady
    if missing := holding.missing(record, today, corrected_on):
        raise NotReady(missing)
