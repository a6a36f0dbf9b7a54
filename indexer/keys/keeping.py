"""Keys that are held (密钥管理): looked over, rotated and revoked by their owners; approved, changed and revoked by admins."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select, update

from indexer.accounts.acting import Acting, acting
from indexer.accounts.audit import LONGEST, Act, Caller
from indexer.accounts.links import LinkEnded
from indexer.accounts.people import Conflict
from indexer.accounts.tokens import digest
from indexer.batches import batched
from indexer.clock import day_of
from indexer.errors import InvalidParameter, NotFound
from indexer.keys.asking import FETCH_LASTS, Asking, add_link, add_secret, open_path
from indexer.keys.models import ApiKey, KeyLink, KeyUse, Secret
from indexer.register.database import reading

OVERLAPS = {"none": timedelta(0), "day": timedelta(days=1), "week": timedelta(days=7)}
"""How long the former secret of a key still counts after a rotation."""

SHOWN_DAYS = 30  # of use
LONGEST_REASON = 200


@dataclass(frozen=True, slots=True)
class DayOfUse:
    """What was done with a key on a day."""

    day: date
    requests: int
    cost: int
    refused: int


@dataclass(frozen=True, slots=True)
class SecretShown:
    """A secret as its owner can tell it from another: its last characters, and until when it counts."""

    hint: str
    made_at: datetime
    ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class Key:
    """A key as its owner and admins see it; `ended` where its days are over."""

    id: int
    mail: str
    name: str
    purpose: str
    plan: str
    scopes: tuple[str, ...]
    state: str
    asked_at: datetime
    ends_at: datetime | None
    used_at: datetime | None
    reason: str | None
    ended: bool
    secrets: Sequence[SecretShown] = ()
    use: Sequence[DayOfUse] = ()


class Keys(Asking):
    """All keys of the portal."""

    def own(self, token: str) -> tuple[str, list[Key]]:
        """The address that a link was sent to, and its keys with the use of the last days, newest first. Raises LinkEnded."""
        with reading(self.engine) as connection:
            mail = self._owner(connection, token)
            return mail, self._whole(connection, ApiKey.mail == mail)

    def rotate(self, caller: Caller, token: str, key: int, overlap: str) -> str:
        """A new secret for a key; the former ones count for the time of overlap, and not longer than they did.

        Raises LinkEnded, NotFound, Conflict, InvalidParameter `overlap`.
        """
        if overlap not in OVERLAPS:
            raise InvalidParameter("overlap", "请选择旧密钥还用多久。", "must be none, day or week")
        with acting(self.engine, self.clock, caller) as act:
            row = self._mine(act, token, key)
            if row.state != "live" or row.ends_at <= act.now:
                raise _ended()
            last = act.now + OVERLAPS[overlap]
            former = (Secret.key_id == key) & (Secret.ends_at.is_(None) | (Secret.ends_at > last))
            act.connection.execute(update(Secret).where(former).values(ends_at=last))
            made = add_secret(act, key)
            act.note(Act.KEY_ROTATED, f"key:{key}", after=overlap)
            self._tell(act, row, "换了新的密钥", "it has a new secret")
            return made

    def end_own(self, caller: Caller, token: str, key: int) -> None:
        """Revoke a key of one's own, from the next request on. Raises LinkEnded, NotFound, Conflict."""
        with acting(self.engine, self.clock, caller) as act:
            self._revoke(act, self._mine(act, token, key), "")

    def one(self, key: int) -> Key:
        """A key with the use of the last days. Raises NotFound."""
        with reading(self.engine) as connection:
            found = self._whole(connection, ApiKey.id == key)
        if not found:
            raise _unknown()
        return found[0]

    def listed(self, below: int | None, limit: int, mail: str = "", state: str = "") -> list[Key]:
        """Keys, newest first, from below an id on; of one address and in one state where these are named."""
        asked = select(ApiKey).order_by(ApiKey.id.desc()).limit(limit)
        if below is not None:
            asked = asked.where(ApiKey.id < below)
        if mail:
            asked = asked.where(ApiKey.mail == mail)
        if state:
            asked = asked.where(ApiKey.state == state)
        with reading(self.engine) as connection:
            return [self._key(row) for row in connection.execute(asked)]

    def decide(self, caller: Caller, key: int, approved: bool, reason: str) -> None:
        """Approve a key that waits, or refuse it with a reason. Raises NotFound, Conflict, InvalidParameter `reason`."""
        why = _reason(reason, approved)
        with acting(self.engine, self.clock, caller) as act:
            row = self._row(act.connection, key)
            values: dict[str, Any] = {"state": "granted", "decided_by": caller.account}
            if not approved:
                values |= {"state": "refused", "reason": why, "ends_at": act.now}
            waiting = update(ApiKey).where(ApiKey.id == key, ApiKey.state == "waiting")
            if not act.connection.execute(waiting.values(**values)).rowcount:
                raise Conflict("这把密钥已经处理过。", "This key was decided already.")
            act.note(
                Act.KEY_DECIDED, f"key:{key}", before="waiting", after=f"{values['state']} {why}".strip()
            )
            said = {"key": str(key), "reason": why, "days": str(FETCH_LASTS.days)}
            if approved:
                link = add_link(act, row.mail, key, FETCH_LASTS)
                self.mailbox.put(act, row.mail, "key-granted", open_path(link), said)
            else:
                self.mailbox.put(act, row.mail, "key-refused", "/keys", said)

    def revoke(self, caller: Caller, key: int, reason: str) -> None:
        """Revoke a key, from the next request on. Raises NotFound, Conflict, InvalidParameter `reason`."""
        why = _reason(reason, False)
        with acting(self.engine, self.clock, caller) as act:
            self._revoke(act, self._row(act.connection, key), why)

    def change_plan(self, caller: Caller, key: int, plan: str) -> None:
        """Give a key another plan; it keeps of its scopes what that allows. Raises NotFound, Conflict, InvalidParameter `plan`."""
        chosen = self.plans.named.get(plan)
        if chosen is None:
            raise InvalidParameter("plan", "没有这种方案。", "must be one of the plans")
        with acting(self.engine, self.clock, caller) as act:
            row = self._row(act.connection, key)
            if row.state not in ("waiting", "granted", "live"):
                raise _ended()
            scopes = [scope for scope in row.scopes.split() if scope in chosen.scopes] or [chosen.scopes[0]]
            changed = update(ApiKey).where(ApiKey.id == key)
            act.connection.execute(changed.values(plan=plan, scopes=" ".join(scopes)))
            act.note(
                Act.KEY_PLAN_CHANGED,
                f"key:{key}",
                before=f"{row.plan}: {row.scopes}",
                after=f"{plan}: {' '.join(scopes)}",
            )
            self._tell(act, row, f"方案改为{chosen.zh}", f"its plan is now {chosen.en}")

    def _revoke(self, act: Acting, row: Any, why: str) -> None:
        alive = update(ApiKey).where(ApiKey.id == row.id, ApiKey.state.in_(("waiting", "granted", "live")))
        values = {
            "state": "revoked",
            "ends_at": act.now,
            "reason": why or None,
            "decided_by": act.caller.account,
        }
        if not act.connection.execute(alive.values(**values)).rowcount:
            raise _ended()
        act.note(Act.KEY_REVOKED, f"key:{row.id}", before=row.state, after=why or "owner")
        self._tell(act, row, "已吊销", "it was revoked", why)

    def _tell(self, act: Acting, row: Any, zh: str, en: str, why: str = "") -> None:
        values = {"key": str(row.id), "what": zh, "what_en": en, "reason": why}
        self.mailbox.put(act, row.mail, "key-changed", "/keys", values)

    def _owner(self, connection: Connection, token: str) -> str:
        asked = select(KeyLink.mail).where(KeyLink.digest == digest(token), KeyLink.key_id.is_(None))
        mail = connection.scalar(asked.where(KeyLink.ends_at > self.clock.now()))
        if mail is None:
            raise LinkEnded
        return mail

    def _mine(self, act: Acting, token: str, key: int) -> Any:
        row = self._row(act.connection, key)
        if row.mail != self._owner(act.connection, token):
            raise _unknown()
        return row

    def _row(self, connection: Connection, key: int) -> Any:
        row = connection.execute(select(ApiKey).where(ApiKey.id == key).with_for_update()).first()
        if row is None:
            raise _unknown()
        return row

    def _key(self, row: Any, secrets: Sequence[SecretShown] = (), use: Sequence[DayOfUse] = ()) -> Key:
        ended = row.ends_at is not None and row.ends_at <= self.clock.now()
        return Key(
            *(row.id, row.mail, row.name, row.purpose, row.plan, tuple(row.scopes.split()), row.state),
            *(row.asked_at, row.ends_at, row.used_at, row.reason, ended, secrets, use),
        )

    def _whole(self, connection: Connection, which: Any) -> list[Key]:
        """Keys with their secrets that count and their use; at most a few hundred, in three statements for each five hundred."""
        rows = connection.execute(select(ApiKey).where(which).order_by(ApiKey.id.desc()).limit(500)).all()
        now = self.clock.now()
        secrets: dict[int, list[SecretShown]] = {row.id: [] for row in rows}
        use: dict[int, list[DayOfUse]] = {row.id: [] for row in rows}
        for ids in batched([row.id for row in rows], 500):
            counts = Secret.ends_at.is_(None) | (Secret.ends_at > now)
            asked = select(Secret).where(Secret.key_id.in_(ids), counts).order_by(Secret.id.desc())
            for each in connection.execute(asked):
                secrets[each.key_id].append(SecretShown(each.hint, each.made_at, each.ends_at))
            since = day_of(now) - timedelta(days=SHOWN_DAYS - 1)
            days = select(KeyUse).where(KeyUse.key_id.in_(ids), KeyUse.day >= since)
            for done in connection.execute(days.order_by(KeyUse.day.desc())):
                use[done.key_id].append(DayOfUse(done.day, done.requests, done.cost, done.refused))
        return [self._key(row, secrets[row.id], use[row.id]) for row in rows]


def states() -> Mapping[str, str]:
    """The states of a key: code → English."""
    return {
        "asked": "to be confirmed by its owner",
        "waiting": "to be approved",
        "granted": "approved, to be fetched",
        "live": "in use",
        "refused": "not approved",
        "revoked": "revoked",
    }


def _reason(text: str, optional: bool) -> str:
    said = " ".join(text.split())
    if (not said and not optional) or len(said) > LONGEST_REASON or not said.isprintable():
        raise InvalidParameter(
            "reason",
            f"请写明理由，最多 {LONGEST_REASON} 个字；密钥的主人会看到。",
            f"must say why, in at most {LONGEST_REASON} characters; the owner will read it",
        )
    return said[:LONGEST]


def _unknown() -> NotFound:
    return NotFound("没有这把密钥。", "There is no such key.")


def _ended() -> Conflict:
    return Conflict("这把密钥已经失效，请重新申请。", "This key has ended: ask for a new one.")
