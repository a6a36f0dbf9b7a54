"""Deciding what another proposed (双人复核): once, by somebody else, in one guarded statement, so that of two at once one is late."""

from typing import Any

from sqlalchemy import select, update

from indexer.accounts.acting import Acting
from indexer.accounts.people import Conflict
from indexer.errors import InvalidParameter, NotFound

PROPOSED, APPROVED, REFUSED = "proposed", "approved", "refused"
REASON_LONGEST = 500  # characters


def said(reason: str, where: str = "reason") -> str:
    """A reason that has to be given, on one line. Raises InvalidParameter."""
    text = " ".join(reason.split())
    if not text or len(text) > REASON_LONGEST or not text.isprintable():
        raise InvalidParameter(
            where,
            f"请写明理由，最多 {REASON_LONGEST} 个字。",
            f"must say why, in at most {REASON_LONGEST} characters",
        )
    return text


def proposal(act: Acting, reason: str) -> dict[str, Any]:
    """The columns of something that is proposed now."""
    return {
        "state": PROPOSED,
        "reason": said(reason),
        "proposed_by": act.caller.account,
        "proposed_at": act.now,
    }


def decide(act: Acting, table: Any, identity: int, state: str, reason: str = "", **values: Any) -> Any:
    """Bring a proposal of another into a state; gives its row. A refusal needs a reason.

    Raises InvalidParameter `reason`, NotFound, and Conflict where it was decided already or the caller's own.
    """
    decision = said(reason) if state == REFUSED else None
    row = act.connection.execute(
        update(table)
        .where(table.id == identity, table.state == PROPOSED, table.proposed_by != act.caller.account)
        .values(state=state, decided_by=act.caller.account, decided_at=act.now, decision=decision, **values)
        .returning(*table.__table__.c)
    ).first()
    if row is None:
        if act.connection.scalar(select(table.id).where(table.id == identity)) is None:
            raise NotFound("没有这一项，请刷新后再看。", "There is no such thing; reload.")
        raise not_yours()
    return row


def not_yours() -> Conflict:
    """It was decided already, or is the caller's own."""
    return Conflict(
        "这一项已由他人处理，或是您自己提出的：提出和复核须是两个人。",
        "Somebody else decided this already, or you proposed it: that takes two persons.",
    )
