"""The second step of a log-in (两步验证): codes that change every 30 seconds (TOTP, RFC 6238), and recovery codes (备用码).

A code is taken once, RFC 6238 part 5.2: the time step of the last one is kept, and only later ones count. Clocks may differ by one step.
"""

import base64
import hmac
import secrets
from datetime import datetime

from sqlalchemy import Connection, Engine, delete, func, insert, or_, select, update

from indexer.accounts.acting import Acting, acting
from indexer.accounts.audit import Act, Caller
from indexer.accounts.letters import Mailbox
from indexer.accounts.models import Account, RecoveryCode
from indexer.accounts.people import Conflict
from indexer.accounts.sessions import ended_others, renewed
from indexer.accounts.tokens import Seal, digest
from indexer.clock import Clock
from indexer.errors import InvalidParameter
from indexer.register.database import reading

STEP = 30  # seconds
DRIFT = 1  # steps
RECOVERY_CODES = 10
ISSUER = "Zhixin"


class WrongCode(InvalidParameter):
    """A code that is wrong, was used, or is too old."""

    code = "wrong-code"

    def __init__(self) -> None:
        super().__init__(
            "code",
            "验证码不对或已用过，请等下一个。",
            "The code is wrong or was used: wait for the next one.",
        )


class SecondStep:
    """Second steps of all accounts."""

    def __init__(self, engine: Engine, clock: Clock, seal: Seal, mailbox: Mailbox) -> None:
        self.engine, self.clock, self.seal, self.mailbox = engine, clock, seal, mailbox

    def begin(self, caller: Caller, account: int, secret: str | None = None) -> tuple[str, str]:
        """A secret for an account that has no second step yet: the secret and the address for a QR code.

        Asked for again, it is the same until a right code confirms it. Raises Conflict where there is a second step.
        """
        with acting(self.engine, self.clock, caller) as act:
            row = act.connection.execute(select(Account).where(Account.id == account)).one()
            if row.factor_since is not None:
                raise Conflict("两步验证已经设置。", "There is a second step already.")
            kept = self.seal.open(row.factor) if row.factor else None
            if kept is None:
                kept = secret or base64.b32encode(secrets.token_bytes(20)).decode()
                sealed = self.seal.close(kept)
                act.connection.execute(update(Account).where(Account.id == account).values(factor=sealed))
        from pyotp import TOTP

        return kept, TOTP(kept).provisioning_uri(name=row.mail, issuer_name=ISSUER)

    def confirm(self, caller: Caller, account: int, session: int, code: str) -> tuple[str, tuple[str, ...]]:
        """Set the second step by a right code. Gives the session's new token and the recovery codes. Raises WrongCode."""
        with acting(self.engine, self.clock, caller) as act:
            row = act.connection.execute(select(Account).where(Account.id == account)).one()
            if row.factor_since is not None or not self._taken(act, row.factor, account, code):
                raise WrongCode
            act.connection.execute(
                update(Account)
                .where(Account.id == account)
                .values(factor_since=act.now, rights_changed_at=act.now)
            )
            act.note(Act.FACTOR_SET, f"account:{account}")
            self.mailbox.notify(act, account, "two-step-set")
            ended_others(act, account, session)
            return renewed(act, session), _new_codes(act, account)

    def take(self, act: Acting, account: int, code: str) -> bool:
        """Whether a code or a recovery code is right and unused; it is used with this."""
        typed = code.replace(" ", "").replace("-", "").upper()
        if len(typed) <= 8:
            sealed = act.connection.scalar(select(Account.factor).where(Account.id == account))
            return self._taken(act, sealed, account, typed)
        used = act.connection.execute(
            update(RecoveryCode)
            .where(RecoveryCode.account_id == account, RecoveryCode.digest == digest(typed))
            .where(RecoveryCode.used_at.is_(None))
            .values(used_at=act.now)
        ).rowcount
        if used:
            act.note(Act.CODE_USED, f"account:{account}")
        return bool(used)

    def new_codes(self, caller: Caller, account: int) -> tuple[str, ...]:
        """Recovery codes in place of those before, to be shown this once."""
        with acting(self.engine, self.clock, caller) as act:
            return _new_codes(act, account)

    def codes_left(self, account: int) -> int:
        """Recovery codes that are not used."""
        left = select(func.count()).where(RecoveryCode.account_id == account, RecoveryCode.used_at.is_(None))
        with reading(self.engine) as connection:
            return connection.scalar(left) or 0

    def remove(self, caller: Caller, account: int) -> None:
        """Take the second step of an account away, as when a telephone is lost; all its sessions end."""
        with acting(self.engine, self.clock, caller) as act:
            act.connection.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account))
            row = update(Account).where(Account.id == account)
            act.connection.execute(row.values(factor=None, factor_since=None, rights_changed_at=act.now))
            act.note(Act.FACTOR_REMOVED, f"account:{account}")
            self.mailbox.notify(act, account, "two-step-removed")
            ended_others(act, account, None)

    def current(self, account: int) -> str | None:
        """The code of now; for the demonstration's command only, and for its tests."""
        with reading(self.engine) as connection:
            secret = self._secret(connection, account)
        if secret is None:
            return None
        from pyotp import TOTP

        return TOTP(secret).at(self.clock.now())

    def _secret(self, connection: Connection, account: int) -> str | None:
        sealed = connection.scalar(select(Account.factor).where(Account.id == account))
        return self.seal.open(sealed) if sealed else None

    def _taken(self, act: Acting, sealed: str | None, account: int, code: str) -> bool:
        """Whether the code is that of a step near now that no code was taken of; of two at once the first."""
        secret = self.seal.open(sealed) if sealed else None
        step = _step(secret, code, act.now) if secret else None
        if step is None:
            return False
        unused = or_(Account.factor_step.is_(None), Account.factor_step < step)
        row = update(Account).where(Account.id == account, unused).values(factor_step=step)
        return bool(act.connection.execute(row).rowcount)


def _step(secret: str, code: str, now: datetime) -> int | None:
    """The time step whose code this is, near now."""
    from pyotp import TOTP

    made, at = TOTP(secret), int(now.timestamp()) // STEP
    return next(
        (
            step
            for step in range(at - DRIFT, at + DRIFT + 1)
            if hmac.compare_digest(made.generate_otp(step).encode(), code.strip().encode())
        ),
        None,
    )


def _new_codes(act: Acting, account: int) -> tuple[str, ...]:
    codes = tuple(base64.b32encode(secrets.token_bytes(10)).decode() for _ in range(RECOVERY_CODES))
    act.connection.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account))
    act.connection.execute(
        insert(RecoveryCode),
        [{"account_id": account, "digest": digest(code), "used_at": None} for code in codes],
    )
    act.note(Act.CODES_MADE, f"account:{account}")
    return tuple("-".join(code[at : at + 4] for at in range(0, len(code), 4)) for code in codes)
