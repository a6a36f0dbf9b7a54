"""The audit (审计记录): who did what, when and from where. Rows are added in the transaction of the act and never changed.

Each row holds the hash of the one before and its own, SHA-256 over canonical JSON, and ids have no gaps: a row that was changed or taken out
shows. That the newest rows were taken off shows only to who has noted an earlier head; see docs/decisions/0011-people.md.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Engine, insert, select

from indexer.accounts.models import Account, AuditEntry
from indexer.clock import SHANGHAI
from indexer.register.canonical import canonical
from indexer.register.database import reading
from indexer.register.models import Removal

CHAIN_LOCK = 0x7A782D6175646974  # "zx-audit": on PostgreSQL, rows are chained one after another
START = "0" * 64
"""What the first row holds as the hash of the one before."""

LONGEST = 2000  # characters of `before` and `after`


class Act(StrEnum):
    """What is written down. Modules that stand on the accounts add theirs here, so that an admin can ask for each."""

    LOGGED_IN = "login"
    LOGIN_FAILED = "login-failed"
    LOGGED_OUT = "logout"
    SESSION_ENDED = "session-ended"
    ACCOUNT_CREATED = "account-created"
    ACCOUNT_DISABLED = "account-disabled"
    ACCOUNT_ENABLED = "account-enabled"
    PASSWORD_CHANGED = "password-changed"  # noqa: S105  a word, no password
    LINK_SENT = "link-sent"
    FACTOR_SET = "two-step-set"
    FACTOR_REMOVED = "two-step-removed"
    CODES_MADE = "recovery-codes-made"
    CODE_USED = "recovery-code-used"
    IDENTITY_LINKED = "identity-linked"
    ROLE_GRANTED = "role-granted"
    ROLE_ENDED = "role-ended"
    CLAIM_FILED = "claim-filed"
    CLAIM_DECIDED = "claim-decided"
    FILE_VIEWED = "file-viewed"
    RECORD_VIEWED = "record-viewed"  # one that is not public
    ACCOUNTS_VIEWED = "accounts-viewed"
    AUDIT_VIEWED = "audit-viewed"
    EXPORTED = "exported"
    CASE_FILED = "case-filed"
    CASE_MOVED = "case-moved"
    CASE_VIEWED = "case-viewed"
    REPORTER_VIEWED = "reporter-viewed"
    ANSWER_PUBLISHED = "answer-published"
    ANSWER_WITHDRAWN = "answer-withdrawn"
    DECLARED = "declared"
    REPAIRED = "repaired"
    REPAIR_TAKEN_BACK = "repair-taken-back"
    REMOVED = "removed"  # since its time was over (indexer/retention.py)
    SUBMISSION_MADE = "submission-made"
    SUBMISSION_SUBMITTED = "submission-submitted"
    SUBMISSION_DECIDED = "submission-decided"
    SUBMISSION_DISCARDED = "submission-discarded"
    SUBMISSION_ASKED_AGAIN = "submission-asked-again"  # the register changed under an approval
    BATCH_PUBLISHED = "batch-published"
    CONFLICT_SETTLED = "conflict-settled"
    RULE_PROPOSED = "supervision-rule-proposed"
    RULE_DECIDED = "supervision-rule-decided"
    GRADES_VIEWED = "supervision-grades-viewed"
    KEY_LIST_PROPOSED = "key-list-proposed"
    KEY_LIST_DECIDED = "key-list-decided"
    INSPECTOR_CHANGED = "inspector-changed"
    DRAW_PROPOSED = "draw-proposed"
    DRAW_DECIDED = "draw-decided"
    DRAW_SEEDED = "draw-seeded"
    DRAW_VOIDED = "draw-voided"
    PLAN_PROPOSED = "plan-proposed"
    PLAN_DECIDED = "plan-decided"
    RESULT_ENTERED = "inspection-result-entered"
    RESULTS_PUBLISHED = "inspection-results-published"
    RULES_DRAFTED = "rules-drafted"
    RULES_PROPOSED = "rules-proposed"
    RULES_DECIDED = "rules-decided"
    RULES_DISCARDED = "rules-discarded"
    RULES_WITHDRAWN = "rules-withdrawn"
    CASE_MENDED = "case-mended"
    PREVIEW_VIEWED = "preview-viewed"
    DECLARATION_WITHDRAWN = "declaration-withdrawn"
    MAIL_CHANGED = "mail-changed"
    KEY_ASKED = "key-asked"
    KEY_CONFIRMED = "key-confirmed"
    KEY_ISSUED = "key-issued"
    KEY_DECIDED = "key-decided"
    KEY_ROTATED = "key-rotated"
    KEY_REVOKED = "key-revoked"
    KEY_PLAN_CHANGED = "key-plan-changed"
    KEYS_VIEWED = "keys-viewed"
    WEBHOOK_REGISTERED = "webhook-registered"
    WEBHOOK_CHANGED = "webhook-changed"
    PARTNER_CHANGED = "exchange-partner-changed"
    PARTNER_TOKEN_MADE = "exchange-token-made"  # noqa: S105  a word, no token
    PARTNER_RESTARTED = "exchange-restarted"
    DELIVERY_REPEATED = "exchange-delivery-repeated"
    RESULTS_ASKED = "inspection-results-asked"  # to be published, by a worker
    MAIL_CHANGE_FILED = "mail-change-filed"  # by somebody whose letter box is lost
    MAIL_CHANGE_DECIDED = "mail-change-decided"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who acts, from where: an account (None before log-in and for commands), a network address, the id of a request."""

    account: int | None = None
    network: str = ""
    request: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """One act to write down. `about` names a thing as `kind:id`, like `account:7`; `before` and `after` are short and hold no secrets."""

    act: Act
    about: str = ""
    before: str | None = None
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A row as an admin reads it; `mail` is that of the person, None where nobody was logged in."""

    id: int
    at: datetime
    account: int | None
    mail: str | None
    network: str
    request: str
    act: str
    about: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Question:
    """What an admin looks for: all that is named holds. `below` is the id that the last page ended with."""

    mail: str = ""
    about: str = ""
    act: str = ""
    day: date | None = None
    below: int | None = None


@dataclass(frozen=True, slots=True)
class Verified:
    """What `verify` found: how many rows, the hash of the last, and the first row that is wrong (None when the chain is whole)."""

    rows: int
    head: str
    wrong: int | None
    known: bool


def append(connection: Connection, at: datetime, caller: Caller, notes: Iterable[Note]) -> None:
    """Write acts down, within the transaction of what they are about, as its last statement.

    Last, because on PostgreSQL it takes the lock of the chain until the transaction ends: what comes after would keep others waiting.
    """
    if not (listed := list(notes)):
        return
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({CHAIN_LOCK})")
    newest = select(AuditEntry.id, AuditEntry.hash).order_by(AuditEntry.id.desc()).limit(1)
    last = connection.execute(newest).first()
    number, previous = (last.id, last.hash) if last is not None else (0, START)
    for note in listed:
        number += 1
        row: dict[str, Any] = {
            "id": number,
            "at": at,
            "account_id": caller.account,
            "network": caller.network,
            "request": caller.request,
            "act": str(note.act),
            "about": note.about,
            "before": note.before[:LONGEST] if note.before is not None else None,
            "after": note.after[:LONGEST] if note.after is not None else None,
            "previous": previous,
        }
        row["hash"] = previous = _hash(row)
        connection.execute(insert(AuditEntry).values(**row))


def verify(engine: Engine, expected: str = "") -> Verified:
    """Go along the whole chain, from where retention has cut it (indexer/retention.py).

    `known` says whether a row has the hash `expected`, a head that was noted before.
    """
    asked = select(AuditEntry.__table__).order_by(AuditEntry.id).execution_options(yield_per=1000)
    cut = select(Removal.last_id, Removal.digest).where(Removal.rule == "retention.audit")
    with reading(engine) as connection:
        last = connection.execute(cut.order_by(Removal.id.desc()).limit(1)).first()
        number, previous = (last.last_id, last.digest) if last is not None else (0, START)
        known = not expected or expected in (START, previous)
        with connection.execute(asked) as found:
            for row in map(dict, found.mappings()):
                number += 1
                if row["id"] != number or row["previous"] != previous or row["hash"] != _hash(row):
                    return Verified(number, previous, row["id"], known)
                previous = row["hash"]
                known = known or previous == expected
    return Verified(number, previous, None, known)


def search(engine: Engine, question: Question, limit: int) -> list[Entry]:
    """The newest acts that answer a question, at most `limit`."""
    asked = (
        select(AuditEntry, Account.mail)
        .outerjoin(Account, Account.id == AuditEntry.account_id)
        .order_by(AuditEntry.id.desc())
        .limit(limit)
    )
    if question.mail:
        person = select(Account.id).where(Account.mail == question.mail).scalar_subquery()
        asked = asked.where(AuditEntry.account_id == person)
    if question.about:
        asked = asked.where(AuditEntry.about == question.about)
    if question.act:
        asked = asked.where(AuditEntry.act == question.act)
    if question.day:
        start = datetime.combine(question.day, time.min, SHANGHAI)
        asked = asked.where(AuditEntry.at >= start, AuditEntry.at < start + timedelta(days=1))
    if question.below is not None:
        asked = asked.where(AuditEntry.id < question.below)
    with reading(engine) as connection:
        return [
            Entry(
                *(row.id, row.at, row.account_id, row.mail, row.network, row.request, row.act, row.about),
                *(row.before, row.after),
            )
            for row in connection.execute(asked)
        ]


def _hash(row: dict[str, Any]) -> str:
    content = {name: value for name, value in row.items() if name != "hash"}
    content["at"] = row["at"].isoformat(timespec="microseconds")
    return hashlib.sha256(canonical(content)).hexdigest()
