"""Tables of webhooks. Only `indexer.webhooks` and the rules of retention read or write them."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from indexer.register.columns import Base, Document, Identity, Instant


class Receiver(Base):
    """An address that changes are sent to (接收方). Its secrets are sealed: whoever copies the database can sign nothing."""

    __tablename__ = "webhook_receiver"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    url: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    mail: Mapped[str] = mapped_column(String(254))  # who is told when it is stopped
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))  # none: the operators' own
    kinds: Mapped[list[str]] = mapped_column(Document)  # empty, with no lists either: all
    lists: Mapped[list[str]] = mapped_column(Document)  # listings of these, besides the kinds
    subjects: Mapped[list[str]] = mapped_column(Document)  # unified codes; empty: all
    secret: Mapped[str] = mapped_column(Text)
    former: Mapped[str | None] = mapped_column(
        Text
    )  # the secret before, which still signs beside the new one
    former_until: Mapped[datetime | None] = mapped_column(Instant)
    state: Mapped[str] = mapped_column(String(8))  # new: not proven yet; active; stopped
    epoch: Mapped[int] = mapped_column(BigInteger)  # of the feed that the position is one of
    position: Mapped[int] = mapped_column(
        BigInteger
    )  # number of the last change that was delivered or passed over
    failing_since: Mapped[datetime | None] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant)
    stopped_at: Mapped[datetime | None] = mapped_column(Instant)


class Delivery(Base):
    """One message to a receiver (投递), with how it went; what it says is read anew for each try. `due_at` is empty when it is over."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        Index("ix_webhook_delivery_receiver", "receiver_id", "id"),
        Index(
            "ix_webhook_delivery_due",
            "due_at",
            sqlite_where=text("due_at IS NOT NULL"),
            postgresql_where=text("due_at IS NOT NULL"),
        ),
        Index(  # changes go one message after another
            "ix_webhook_delivery_outstanding",
            "receiver_id",
            unique=True,
            sqlite_where=text("due_at IS NOT NULL AND what <> 'test'"),
            postgresql_where=text("due_at IS NOT NULL AND what <> 'test'"),
        ),
    )

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    receiver_id: Mapped[int] = mapped_column(ForeignKey("webhook_receiver.id"))
    message: Mapped[str] = mapped_column(String(40), unique=True)  # webhook-id, the same for each try
    what: Mapped[str] = mapped_column(String(8))  # test, changes, lost
    after: Mapped[int] = mapped_column(BigInteger)  # the changes behind this number
    last: Mapped[int] = mapped_column(BigInteger)  # up to this one
    created_at: Mapped[datetime] = mapped_column(Instant)
    due_at: Mapped[datetime | None] = mapped_column(Instant)
    tries: Mapped[int] = mapped_column(default=0)
    tried_at: Mapped[datetime | None] = mapped_column(Instant)
    delivered_at: Mapped[datetime | None] = mapped_column(Instant)
    outcome: Mapped[str | None] = mapped_column(String(32))  # of the last try: a status, or a word
