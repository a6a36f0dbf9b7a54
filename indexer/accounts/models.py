"""Tables of people. Only `indexer.accounts` reads or writes them.

No secret stands here as it is: passwords as argon2id, tokens and recovery codes as SHA-256, what has to be read again (the secret of a
second step, a letter that is not sent yet) sealed with the key of the settings.
"""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from indexer.register.columns import Base, Identity, Instant

DIGEST = 64  # hexadecimal SHA-256
NETWORK = 64  # an IPv4 address, or the /64 of an IPv6 one


class Account(Base):
    """A person (账户), known by one mail address; what the person may do stands in memberships."""

    __tablename__ = "account"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    mail: Mapped[str] = mapped_column(
        String(254), unique=True
    )  # normalised, and proven by a letter or by an admin's command
    name: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(16))  # active, disabled
    password: Mapped[str | None] = mapped_column(Text)  # argon2id
    factor: Mapped[str | None] = mapped_column(Text)  # sealed TOTP secret
    factor_since: Mapped[datetime | None] = mapped_column(Instant)  # None until the first right code
    factor_step: Mapped[int | None]  # the time step of the last code, which is taken once
    created_at: Mapped[datetime] = mapped_column(Instant)
    rights_changed_at: Mapped[datetime] = mapped_column(Instant)
    demonstration: Mapped[bool]


class Membership(Base):
    """A role of a person (角色): of an enterprise, of an agency or of the whole portal. One that ended stays, with its end."""

    __tablename__ = "membership"
    __table_args__ = (
        Index(
            "ix_membership_current",
            "account_id",
            "role",
            "scope",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_membership_scope", "scope", "role"),
    )

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    role: Mapped[str] = mapped_column(String(16))
    scope: Mapped[str] = mapped_column(Text)  # the enterprise's unified code, the agency's name, or empty
    way: Mapped[str] = mapped_column(String(16))  # invitation, claim, identity, command, admin
    granted_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    granted_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)


class Session(Base):
    """A browser that is logged in (会话). After a renewal its former token still counts for some seconds: pages load side by side."""

    __tablename__ = "session"
    __table_args__ = (Index("ix_session_account", "account_id"), Index("ix_session_former", "former"))

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    token: Mapped[str] = mapped_column(String(DIGEST), unique=True)
    former: Mapped[str | None] = mapped_column(String(DIGEST))
    stage: Mapped[str] = mapped_column(String(8))  # code: the password was right, the code is awaited; full
    created_at: Mapped[datetime] = mapped_column(Instant)
    renewed_at: Mapped[datetime] = mapped_column(Instant)
    seen_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime] = mapped_column(Instant)
    network: Mapped[str] = mapped_column(String(NETWORK))
    browser: Mapped[str] = mapped_column(String(80))  # in words


class KnownBrowser(Base):
    """A browser that a person has logged in with before: its failures are counted apart from those of strangers."""

    __tablename__ = "known_browser"
    __table_args__ = (UniqueConstraint("token", "account_id"),)

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    token: Mapped[str] = mapped_column(String(DIGEST))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    seen_at: Mapped[datetime] = mapped_column(Instant)


class Failures(Base):
    """Failures to log in that are counted together; `key` is a digest of what they have in common."""

    __tablename__ = "login_failures"

    key: Mapped[str] = mapped_column(String(DIGEST), primary_key=True)
    count: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(Instant, index=True)
    closed_until: Mapped[datetime | None] = mapped_column(Instant)


class RecoveryCode(Base):
    """A code that replaces one code of the second step (备用码), once."""

    __tablename__ = "recovery_code"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    digest: Mapped[str] = mapped_column(String(DIGEST))
    used_at: Mapped[datetime | None] = mapped_column(Instant)


class MailLink(Base):
    """A link that was sent by mail and can be used once: whoever has it reads the letters of `mail`."""

    __tablename__ = "mail_link"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    digest: Mapped[str] = mapped_column(String(DIGEST), unique=True)
    purpose: Mapped[str] = mapped_column(String(16))  # register, reset, invitation
    mail: Mapped[str] = mapped_column(String(254), index=True)
    role: Mapped[str] = mapped_column(String(16))  # of an invitation, else empty
    scope: Mapped[str] = mapped_column(Text)
    made_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)


class Letter(Base):
    """A letter to be sent by mail (信件): written in the transaction that gives cause to it. Its text goes when it is sent."""

    __tablename__ = "letter"
    __table_args__ = (
        Index(
            "ix_letter_waiting",
            "due_at",
            sqlite_where=text("due_at IS NOT NULL"),
            postgresql_where=text("due_at IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    mail: Mapped[str] = mapped_column(String(254))
    kind: Mapped[str] = mapped_column(String(32))
    content: Mapped[str | None] = mapped_column(Text)  # sealed: it may hold a link that opens something
    created_at: Mapped[datetime] = mapped_column(Instant)
    due_at: Mapped[datetime | None] = mapped_column(Instant)  # None when sent or set aside
    tries: Mapped[int]
    sent_at: Mapped[datetime | None] = mapped_column(Instant)
    failure: Mapped[str | None] = mapped_column(String(64))  # of the last try, in a word


class OutsideIdentity(Base):
    """Whom an identity platform (统一身份认证平台) means: issuer and subject, never a mail address."""

    __tablename__ = "outside_identity"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    issuer: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(String(255))
    linked_at: Mapped[datetime] = mapped_column(Instant)


class StoredFile(Base):
    """A file that somebody sent (附件). Its bytes stand in the data folder under `name`, which is random."""

    __tablename__ = "stored_file"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    purpose: Mapped[str] = mapped_column(String(32))
    media_type: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]  # bytes
    digest: Mapped[str] = mapped_column(String(DIGEST), index=True)
    stored_at: Mapped[datetime] = mapped_column(Instant)
    removed_at: Mapped[datetime | None] = mapped_column(Instant)  # when its bytes went: indexer/leftovers.py


class Claim(Base):
    """Somebody says to act for an enterprise (企业认领), with an authorisation that an operator looks at. Decided once."""

    __tablename__ = "claim"
    __table_args__ = (
        Index(
            "ix_claim_waiting",
            "account_id",
            "code",
            unique=True,
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
    )

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    code: Mapped[str] = mapped_column(String(18))  # the enterprise's unified code
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id"))
    state: Mapped[str] = mapped_column(String(8))  # waiting, approved, refused
    filed_at: Mapped[datetime] = mapped_column(Instant)
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    reason: Mapped[str | None] = mapped_column(Text)


class MailChange(Base):
    """Somebody says that the letter box of an account is lost and asks for another address (更换邮箱), with a proof. Decided once."""

    __tablename__ = "mail_change"
    __table_args__ = (
        Index(  # by address too: whoever asks first in another's name hinders nobody
            "ix_mail_change_waiting",
            "account_id",
            "new",
            unique=True,
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
    )

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    old: Mapped[str] = mapped_column(String(254))
    new: Mapped[str] = mapped_column(String(254))
    said: Mapped[str] = mapped_column(Text)
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id"))
    state: Mapped[str] = mapped_column(String(8))  # waiting, approved, refused, stopped
    filed_at: Mapped[datetime] = mapped_column(Instant)
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    decided_by: Mapped[int | None] = mapped_column(
        ForeignKey("account.id")
    )  # None: stopped from the old address
    reason: Mapped[str | None] = mapped_column(Text)


class AuditEntry(Base):
    """What somebody did (审计记录). Only added: triggers refuse to change or delete, and each row holds the hash of the one before."""

    __tablename__ = "audit"
    __table_args__ = (
        Index("ix_audit_account", "account_id", "id"),
        Index("ix_audit_about", "about", "id"),
        Index("ix_audit_act", "act", "id"),
    )

    id: Mapped[int] = mapped_column(Identity, primary_key=True, autoincrement=False)  # without gaps
    at: Mapped[datetime] = mapped_column(Instant, index=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    network: Mapped[str] = mapped_column(String(NETWORK))
    request: Mapped[str] = mapped_column(String(32))
    act: Mapped[str] = mapped_column(String(48))
    about: Mapped[str] = mapped_column(Text)
    before: Mapped[str | None] = mapped_column(Text)
    after: Mapped[str | None] = mapped_column(Text)
    previous: Mapped[str] = mapped_column(String(DIGEST))
    hash: Mapped[str] = mapped_column(String(DIGEST))
