"""Tables of following. Only `indexer.following` and the rules of retention read or write them."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from indexer.accounts.models import DIGEST
from indexer.register.columns import Base, Document, Identity, Instant


class Follower(Base):
    """An address that letters may go to (关注人). Its token opens the page on which followings are looked over and ended."""

    __tablename__ = "follower"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    mail: Mapped[str] = mapped_column(String(254), unique=True)
    token: Mapped[str] = mapped_column(Text)  # sealed: every letter says it again
    digest: Mapped[str] = mapped_column(String(DIGEST), unique=True)
    own: Mapped[str] = mapped_column(String(16))  # news of its own enterprises: daily, soon, off
    created_at: Mapped[datetime] = mapped_column(Instant)
    told_at: Mapped[datetime | None] = mapped_column(Instant)  # its last digest
    told_own_at: Mapped[datetime | None] = mapped_column(Instant)  # its last letter about its own enterprises


class Following(Base):
    """What an address follows (关注): nothing is sent before it is confirmed. One that is ended is deleted."""

    __tablename__ = "following"
    __table_args__ = (
        UniqueConstraint("follower_id", "what", "target"),
        Index("ix_following_target", "what", "target"),
    )

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    follower_id: Mapped[int] = mapped_column(ForeignKey("follower.id"))
    what: Mapped[str] = mapped_column(String(16))  # subject, own, list, search
    target: Mapped[str] = mapped_column(Text)
    link: Mapped[str | None] = mapped_column(String(DIGEST), unique=True)  # of the letter that asks
    asked_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime | None] = mapped_column(Instant)  # when the letter's link ends
    confirmed_at: Mapped[datetime | None] = mapped_column(Instant)
    since: Mapped[int] = mapped_column(BigInteger)  # told of what is recorded after this batch


class News(Base):
    """What has changed for one following and was not told yet: how much, and which records came first."""

    __tablename__ = "following_news"

    following_id: Mapped[int] = mapped_column(ForeignKey("following.id"), primary_key=True)
    number: Mapped[int]
    records: Mapped[list[str]] = mapped_column(Document)  # ids; what they say is read when it is told
