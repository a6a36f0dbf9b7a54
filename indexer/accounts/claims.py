"""Claims (企业认领): somebody shows an authorisation to act for an enterprise, an operator approves or refuses it, once, with a reason."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Engine, insert, select, update
from sqlalchemy.exc import IntegrityError

from indexer.accounts.acting import acting
from indexer.accounts.audit import Act, Caller
from indexer.accounts.files import Checked, Files
from indexer.accounts.letters import Mailbox
from indexer.accounts.models import Account
from indexer.accounts.models import Claim as Row
from indexer.accounts.people import Conflict, enterprise_code, grant
from indexer.accounts.roles import Role
from indexer.clock import Clock
from indexer.errors import InvalidParameter, NotFound
from indexer.register.database import reading

WAITING, APPROVED, REFUSED = "waiting", "approved", "refused"
REASON_LONGEST = 500  # characters
PURPOSE = "authorisation"


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim as its maker and operators read it."""

    id: int
    account: int
    mail: str
    name: str
    code: str
    file: int
    state: str
    filed_at: datetime
    decided_at: datetime | None
    reason: str | None


class Claims:
    """All claims of the portal."""

    def __init__(self, engine: Engine, clock: Clock, files: Files, mailbox: Mailbox) -> None:
        self.engine, self.clock, self.files, self.mailbox = engine, clock, files, mailbox

    def file(self, caller: Caller, code: str, proof: Checked) -> int:
        """File a claim to an enterprise. Raises InvalidParameter `code`, and Conflict where one is waiting already."""
        uscc = enterprise_code(code, "code")
        assert caller.account is not None
        with acting(self.engine, self.clock, caller) as act:
            kept = self.files.store(act, proof, PURPOSE)
            try:
                claim = act.connection.execute(
                    insert(Row)
                    .values(
                        account_id=caller.account, code=uscc, file_id=kept, state=WAITING, filed_at=act.now
                    )
                    .returning(Row.id)
                ).scalar_one()
            except IntegrityError:
                raise Conflict(
                    "您对这家企业的认领正在审核，请等结果。",
                    "Your claim to this enterprise is being looked at.",
                ) from None
            act.note(Act.CLAIM_FILED, f"claim:{claim}", after=uscc)
        return claim

    def decide(self, caller: Caller, claim: int, approved: bool, reason: str) -> None:
        """Approve or refuse a claim that waits. Raises InvalidParameter `reason`, NotFound, and Conflict where it is decided already."""
        said = " ".join(reason.split())
        if len(said) > REASON_LONGEST or not said.isprintable() or (not said and not approved):
            raise InvalidParameter(
                "reason",
                f"请写明理由，最多 {REASON_LONGEST} 个字。",
                f"must say why, in at most {REASON_LONGEST} characters",
            )
        with acting(self.engine, self.clock, caller) as act:
            row = act.connection.execute(
                update(Row)
                .where(Row.id == claim, Row.state == WAITING, Row.account_id != caller.account)
                .values(
                    state=APPROVED if approved else REFUSED,
                    decided_at=act.now,
                    decided_by=caller.account,
                    reason=said or None,
                )
                .returning(Row.account_id, Row.code)
            ).first()
            if row is None:
                if act.connection.scalar(select(Row.id).where(Row.id == claim)) is None:
                    raise _no_claim()
                raise Conflict(
                    "这项认领已由他人处理，或是您自己提交的。",
                    "Somebody else decided this claim, or you filed it.",
                )
            if approved:
                grant(act, row.account_id, Role.ENTERPRISE, row.code, "claim")
            mail = act.connection.execute(
                select(Account.mail).where(Account.id == row.account_id)
            ).scalar_one()
            what = ("已通过", "approved") if approved else ("未通过", "refused")
            values = {"code": row.code, "what": what[0], "what_en": what[1], "reason": said}
            self.mailbox.put(act, mail, "claim", "/account", values)
            act.note(Act.CLAIM_DECIDED, f"claim:{claim}", after=f"{what[1]} {said}".strip())

    def one(self, claim: int) -> Claim:
        """A claim. Raises NotFound."""
        found = self._some(Row.id == claim, 1)
        if not found:
            raise _no_claim()
        return found[0]

    def waiting(self, limit: int = 50) -> list[Claim]:
        """Claims that wait, the oldest first."""
        return self._some(Row.state == WAITING, limit)

    def of(self, account: int) -> list[Claim]:
        """What somebody has claimed."""
        return self._some(Row.account_id == account, 100)

    def _some(self, condition: ColumnElement[bool], limit: int) -> list[Claim]:
        asked = (
            select(Row, Account.mail, Account.name)
            .join(Account, Account.id == Row.account_id)
            .where(condition)
            .order_by(Row.id)
            .limit(limit)
        )
        with reading(self.engine) as connection:
            return [
                Claim(
                    *(row.id, row.account_id, row.mail, row.name, row.code, row.file_id, row.state),
                    *(row.filed_at, row.decided_at, row.reason),
                )
                for row in connection.execute(asked)
            ]


def _no_claim() -> NotFound:
    return NotFound("没有这项认领。", "There is no such claim.")
