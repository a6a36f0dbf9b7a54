"""Leftovers (留存的文件和账户): what can not go as a row, since others point to it, is emptied when its time is over.

The row stays and says that it was: of an upload at the desk its size, SHA-256 and counts, of the authorisation of a claim and what came with a
case its size and SHA-256, of an account its id, to which the audit goes on pointing. The bytes and whatever tells a person go. How long, and on which basis: the entries
`retention.…` of `rules/periods.toml`.

Accounts that were never confirmed do not exist: one is made by opening the link of a letter, and links are rows of their own rule.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, delete, exists, select, update

from indexer.accounts.acting import Acting
from indexer.accounts.audit import Act
from indexer.accounts.files import Files
from indexer.accounts.models import (
    Account,
    AuditEntry,
    Claim,
    KnownBrowser,
    MailChange,
    Membership,
    OutsideIdentity,
    RecoveryCode,
    Session,
    StoredFile,
)
from indexer.accounts.opening import Accounts
from indexer.accounts.roles import TWO_STEPS
from indexer.cases.cases import PURPOSE as OF_CASES
from indexer.cases.models import Case, CaseFile
from indexer.clock import day_of
from indexer.desk.models import Submission
from indexer.desk.submissions import State
from indexer.desk.uploads import Uploads
from indexer.enterprise.declaring import PURPOSE as DECLARED
from indexer.register.models import Batch, Version

REMOVED = "removed"  # the state of an account that was emptied


@dataclass(frozen=True, slots=True)
class Folders:
    """Where bytes lie."""

    files: Files
    uploads: Uploads


@dataclass(frozen=True, slots=True)
class Emptying:
    """A rule: `over` asks for the rows whose time is over, given the first instant that is still kept, as (id, what the trace is made from …).

    `empty` changes them within the transaction; `after` removes their bytes once it is done. Bytes whose transaction was done and that
    were not removed since the machine failed are strangers to the database, as those of a failed upload are.
    """

    name: str
    over: Callable[[datetime], Select[Any]]
    empty: Callable[[Acting, Sequence[int]], None]
    after: Callable[[Folders, Sequence[Any]], None]


def folders(accounts: Accounts) -> Folders:
    """The folders of a portal."""
    return Folders(accounts.files, Uploads(accounts.settings.data / "desk"))


def _uploads(*states: State) -> Callable[[datetime], Select[Any]]:
    def over(kept: datetime) -> Select[Any]:
        over_now = (Submission.ended_at < kept) & Submission.state.in_(states) & (Submission.stored != "")
        return _selected(over_now, Submission.id, Submission.stored, Submission.digest)

    return over


def _empty_uploads(act: Acting, ids: Sequence[int]) -> None:
    act.connection.execute(update(Submission).where(Submission.id.in_(ids)).values(stored=""))


def _drop_uploads(where: Folders, rows: Sequence[Any]) -> None:
    for row in rows:
        where.uploads.drop(row.stored)


def _authorisations(kept: datetime) -> Select[Any]:
    """Files of claims that were refused, or whose role has ended, before the first instant that is kept."""
    held = exists().where(
        Membership.account_id == Claim.account_id,
        Membership.scope == Claim.code,
        Membership.ended_at.is_(None) | (Membership.ended_at >= kept),
    )
    waiting = exists().where(Claim.file_id == StoredFile.id, Claim.decided_at.is_(None))
    decided = exists().where(Claim.file_id == StoredFile.id, Claim.decided_at < kept, ~held)
    over = StoredFile.removed_at.is_(None) & decided & ~waiting
    return _selected(over, StoredFile.id, StoredFile.name, StoredFile.digest)


def _attachments(kept: datetime) -> Select[Any]:
    """Files of cases that ended before the first instant that is kept; not those that a declaration has made public."""
    ended = exists().where(
        CaseFile.file_id == StoredFile.id, Case.id == CaseFile.case_id, Case.ended_at < kept
    )
    over = StoredFile.removed_at.is_(None) & (StoredFile.purpose == OF_CASES) & ended
    return _selected(over, StoredFile.id, StoredFile.name, StoredFile.digest)


def _declared(kept: datetime) -> Select[Any]:
    """Documents that no declaration names which stood, and was public, at the first instant that is kept or since."""
    digest = Version.payload["file"].as_string()
    stood = Version.superseded_in.is_(None) | (Batch.recorded_at >= kept)
    public = Version.public_until.is_(None) | (Version.public_until >= day_of(kept))
    named = (
        select(digest)
        .outerjoin(Batch, Batch.id == Version.superseded_in)
        .where(Version.kind == DECLARED, Version.payload.is_not(None), digest.is_not(None), stood, public)
    )
    over = StoredFile.removed_at.is_(None) & (StoredFile.purpose == DECLARED) & (StoredFile.stored_at < kept)
    return _selected(
        over & StoredFile.digest.not_in(named), StoredFile.id, StoredFile.name, StoredFile.digest
    )


def _mail_changes(kept: datetime) -> Select[Any]:
    """Changes of a lost address that were decided before the first instant that is kept, with the file that proved who asked."""
    over = StoredFile.removed_at.is_(None) & exists().where(
        MailChange.file_id == StoredFile.id, MailChange.decided_at < kept
    )
    return _selected(over, StoredFile.id, StoredFile.name, StoredFile.digest)


def _empty_mail_changes(act: Acting, ids: Sequence[int]) -> None:
    _empty_files(act, ids)
    emptied = update(MailChange).where(MailChange.file_id.in_(ids)).values(old="", new="", said="")
    act.connection.execute(emptied)


def _empty_files(act: Acting, ids: Sequence[int]) -> None:
    act.connection.execute(update(StoredFile).where(StoredFile.id.in_(ids)).values(removed_at=act.now))


def _drop_files(where: Folders, rows: Sequence[Any]) -> None:
    for row in rows:
        where.files.drop(row.name)


def _accounts(kept: datetime) -> Select[Any]:
    """Accounts that hold no role, wait for none and have not logged in since the first instant that is kept.

    Those that ever held one of the desk keep their names: the stories of cases and submissions say who decided.
    """
    over = and_(
        Account.state != REMOVED,
        Account.created_at < kept,
        Account.demonstration.is_(False),
        ~_of_account(Membership, Membership.ended_at.is_(None) | Membership.role.in_(sorted(TWO_STEPS))),
        ~_of_account(Claim, Claim.decided_at.is_(None)),
        ~_of_account(AuditEntry, AuditEntry.at >= kept, AuditEntry.act == Act.LOGGED_IN),
        ~_of_account(Session, Session.ends_at >= kept),
    )
    return _selected(over, Account.id, Account.created_at)


def _selected(over: ColumnElement[bool], *columns: Any) -> Select[Any]:
    return select(*columns).where(over)


def _of_account(table: Any, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(table.account_id == Account.id, *conditions)


def _empty_accounts(act: Acting, ids: Sequence[int]) -> None:
    for each in ids:
        act.connection.execute(
            update(Account)
            .where(Account.id == each)
            .values(
                mail=f"removed-{each}@invalid",
                name="",
                state=REMOVED,
                password=None,
                factor=None,
                factor_since=None,
                rights_changed_at=act.now,
            )
        )
    for table in (Session, KnownBrowser, RecoveryCode, OutsideIdentity):
        act.connection.execute(delete(table).where(table.account_id.in_(ids)))


def _nothing(where: Folders, rows: Sequence[Any]) -> None:
    """Accounts have no bytes of their own."""


EMPTYINGS: Sequence[Emptying] = (
    Emptying(
        "retention.upload_unpublished", _uploads(State.DISCARDED, State.FAILED), _empty_uploads, _drop_uploads
    ),
    Emptying("retention.upload_published", _uploads(State.PUBLISHED), _empty_uploads, _drop_uploads),
    Emptying("retention.claim_file", _authorisations, _empty_files, _drop_files),
    Emptying("retention.case_file", _attachments, _empty_files, _drop_files),
    Emptying("retention.declaration_file", _declared, _empty_files, _drop_files),
    Emptying("retention.mail_change", _mail_changes, _empty_mail_changes, _drop_files),
    Emptying("retention.account", _accounts, _empty_accounts, _nothing),
)
