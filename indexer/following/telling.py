"""Telling (告知): news become letters, at most one digest a day for an address, from eight in the morning on.

The letter, the news it tells and the time of it are one transaction. A digest says how many changes there were and names the first records; what
each is called is read when the letter is sent (`indexer/accounts/records_told.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update

from indexer.accounts.acting import Acting, acting
from indexer.accounts.audit import Caller
from indexer.accounts.letters import LETTERS
from indexer.accounts.records_told import place_of
from indexer.clock import SHANGHAI, day_of
from indexer.following.followings import Followings, manage_path, stop_path
from indexer.following.matching import SHOWN
from indexer.following.models import Follower, Following, News
from indexer.following.targets import Target, letter_title
from indexer.register.database import reading
from indexer.register.reading import Register

MORNING = 8  # o'clock in Asia/Shanghai
SOON_AGAIN = timedelta(hours=1)  # between two letters about one's own enterprise

LETTERS["news"] = (
    "您关注的内容有变动 · News of what you follow",
    (
        "您在质信关注的内容有变动。\n\n{news}\n"
        "以上每项最多列出前几条，完整内容以网站为准。不想再收到，或要更改：\n\n{link}\n\n"
        "What you follow at Zhixin has changed; the portal has the whole of it. To see, change or end what you follow, open the link.\n"
    ),
)


@dataclass(frozen=True, slots=True)
class Item:
    """News of one following."""

    following: int
    target: Target
    number: int
    records: Sequence[str]


def tell(register: Register, followings: Followings) -> int:
    """Queue the letters that are due; gives how many. Each address is a transaction of its own."""
    asked = select(Following.follower_id).join(News, News.following_id == Following.id).distinct()
    with reading(register.engine) as connection:
        waiting = connection.scalars(asked.order_by(Following.follower_id)).all()
    letters = 0
    for follower in waiting:
        with acting(register.engine, register.clock, Caller()) as act:
            letters += _tell_one(act, followings, follower)
    return letters


def _tell_one(act: Acting, followings: Followings, follower: int) -> bool:
    row = act.connection.execute(select(Follower).where(Follower.id == follower).with_for_update()).first()
    if row is None:
        return False
    daily, soon = _due(row, act.now)
    items = [item for item in _items(act, follower) if daily or (soon and item.target.what == "own")]
    if not items:
        return False
    token = followings.follower(act.connection, act.now, row.mail)[1]
    text = _text(followings.mailbox.site, items)
    followings.mailbox.put(act, row.mail, "news", manage_path(token), {"news": text}, stop_path(token))
    told = [item.following for item in items]
    act.connection.execute(delete(News).where(News.following_id.in_(told)))
    times = {"told_at": act.now} if daily else {"told_own_at": act.now}
    act.connection.execute(update(Follower).where(Follower.id == follower).values(**times))
    return True


def _due(follower: Any, now: datetime) -> tuple[bool, bool]:
    """Whether the digest of the day is due, and whether news of one's own enterprise are, for who wants them soon."""
    today = day_of(now)
    daily = now.astimezone(SHANGHAI).hour >= MORNING and (
        follower.told_at is None or day_of(follower.told_at) < today
    )
    soon = follower.own == "soon" and (
        follower.told_own_at is None or now - follower.told_own_at >= SOON_AGAIN
    )
    return daily, soon


def _items(act: Acting, follower: int) -> list[Item]:
    asked = (
        select(Following.id, Following.what, Following.target, News.number, News.records)
        .join(News, News.following_id == Following.id)
        .where(Following.follower_id == follower)
        .order_by(Following.what != "own", Following.id)
        .with_for_update(of=Following)
    )
    return [
        Item(row.id, Target(row.what, row.target), row.number, row.records)
        for row in act.connection.execute(asked)
    ]


def _text(site: str, items: Sequence[Item]) -> str:
    """All followings with their numbers, and the first records of all, each once."""
    parts: list[str] = []
    told: set[str] = set()
    for item in items:
        shown = [record for record in item.records if record not in told][: SHOWN - len(told)]
        told.update(shown)
        parts.append(
            f"■ {letter_title(item.target)}：{item.number:,} 处变动 changes\n  {site}{item.target.path}"
        )
        parts += [place_of(record) for record in shown]
        parts.append("")
    return "\n".join(parts)
