"""Tables of keys. Only `indexer.keys` and the rules of retention read or write them. No key stands here, only its SHA-256."""

from datetime import date, datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from indexer.accounts.models import DIGEST
from indexer.register.columns import Base, Identity, Instant


class ApiKey(Base):
    """A key of the API (接口密钥): who has it, what for, and how far it has come. The tokens that are good for it are its secrets."""

    __tablename__ = "api_key"
    __table_args__ = (Index("ix_api_key_mail", "mail"), Index("ix_api_key_state", "state"))

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    mail: Mapped[str] = mapped_column(String(254))
    name: Mapped[str] = mapped_column(Text)
    purpose: Mapped[str] = mapped_column(Text)
    plan: Mapped[str] = mapped_column(String(32))
    scopes: Mapped[str] = mapped_column(String(64))  # with spaces between
    state: Mapped[str] = mapped_column(String(8))  # asked, waiting, granted, live, refused, revoked
    asked_at: Mapped[datetime] = mapped_column(Instant)
    confirmed_at: Mapped[datetime | None] = mapped_column(Instant)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    ends_at: Mapped[datetime | None] = mapped_column(
        Instant
    )  # its last moment, once it is live, refused or revoked
    used_at: Mapped[datetime | None] = mapped_column(Instant)
    reason: Mapped[str | None] = mapped_column(Text)  # why it was refused or revoked


class Secret(Base):
    """A token that is good for a key: the newest until the key ends, the one before for the time of overlap after a rotation."""

    __tablename__ = "api_secret"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    key_id: Mapped[int] = mapped_column(ForeignKey("api_key.id"), index=True)
    digest: Mapped[str] = mapped_column(String(DIGEST), unique=True)
    hint: Mapped[str] = mapped_column(String(8))  # its last characters, to tell two apart
    made_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime | None] = mapped_column(Instant)


class KeyLink(Base):
    """A link of a letter about keys: it confirms one, hands one over, or opens those of its address for an hour."""

    __tablename__ = "api_key_link"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    digest: Mapped[str] = mapped_column(String(DIGEST), unique=True)
    mail: Mapped[str] = mapped_column(String(254))
    key_id: Mapped[int | None] = mapped_column(ForeignKey("api_key.id"), index=True)
    ends_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)


class KeyUse(Base):
    """What was done with a key on a day in Asia/Shanghai: requests let in, what they cost together, requests refused by a limit."""

    __tablename__ = "api_key_use"
    __table_args__ = (UniqueConstraint("key_id", "day"), Index("ix_api_key_use_day", "day"))

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    key_id: Mapped[int] = mapped_column(ForeignKey("api_key.id"))
    day: Mapped[date]
    requests: Mapped[int] = mapped_column(BigInteger)
    cost: Mapped[int] = mapped_column(BigInteger)
    refused: Mapped[int] = mapped_column(BigInteger)
