"""Key lists (重点监管名单): internal lists of enterprises to look at more closely. Entries and ends are proposed, by hand or by rule, and approved.

"建立……重点企业、重点产品清单" (苏州市政府办公室转发市质监局文件, 2015, 第 8 项). They are not the published 重点关注名单 of the register.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, Engine, Text, func, insert, literal, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased

from indexer.accounts.acting import Acting, acting
from indexer.accounts.audit import Act, Caller
from indexer.accounts.four_eyes import APPROVED, PROPOSED, REFUSED, decide, proposal
from indexer.accounts.models import Account
from indexer.accounts.people import Conflict, enterprise_code
from indexer.clock import Clock
from indexer.errors import InvalidParameter
from indexer.register.database import reading
from indexer.supervision.grading import Criteria, Grading, meant, on_list, standing
from indexer.supervision.models import KeyEntry, KeyProposal, Supervised
from indexer.supervision.rulebook import in_force

ENTER, END = "enter", "end"
HAND, RULE = "hand", "rule"
NAME_LONGEST = 60  # characters
MOST_BY_HAND = 200  # codes of one proposal
NAMED = 20
"""Enterprises that a proposal names on the page."""


@dataclass(frozen=True, slots=True)
class Listed:
    """An enterprise on a key list, with why."""

    id: int
    code: str
    name: str
    since: date | None
    until: date | None
    reason: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """Entries or ends that wait for a second person; `named` are the first enterprises."""

    id: int
    list: str
    action: str
    way: str
    until: date | None
    reason: str
    proposed_by: int
    proposer: str
    proposed_at: datetime
    enterprises: int
    named: tuple[tuple[str, str], ...]


class KeyLists:
    """All key lists."""

    def __init__(self, engine: Engine, clock: Clock, grading: Grading) -> None:
        self.engine, self.clock, self.grading = engine, clock, grading

    def propose_by_hand(self, caller: Caller, name: str, codes: str, until: date | None, reason: str) -> int:
        """Propose to enter some enterprises, given by their codes in any manner. Raises InvalidParameter."""
        wanted = list(
            dict.fromkeys(
                enterprise_code(each, "codes") for each in codes.replace("，", " ").replace(",", " ").split()
            )
        )
        if not 1 <= len(wanted) <= MOST_BY_HAND:
            raise InvalidParameter(
                "codes",
                f"请填写 1 到 {MOST_BY_HAND} 个统一社会信用代码。",
                f"must be 1 to {MOST_BY_HAND} unified codes",
            )
        with acting(self.engine, self.clock, caller) as act:
            known = set(act.connection.scalars(select(Supervised.code).where(Supervised.code.in_(wanted))))
            if unknown := [code for code in wanted if code not in known]:
                raise InvalidParameter(
                    "codes",
                    f"监管对象中没有 {unknown[0]}。",
                    f"{unknown[0]} is no enterprise that is supervised",
                )
            return self._propose(act, name, HAND, None, Supervised.code.in_(wanted), until, reason)

    def propose_by_rule(
        self, caller: Caller, name: str, criteria: Criteria, until: date | None, reason: str
    ) -> int:
        """Propose to enter all enterprises that are meant now and are not on the list. Raises InvalidParameter; Conflict for nobody."""
        with acting(self.engine, self.clock, caller) as act:
            found = in_force(act.connection, self.clock.today())
            condition = meant(found[1] if found else None, criteria, self.clock.today())
            return self._propose(act, name, RULE, criteria, condition, until, reason)

    def _propose(
        self,
        act: Acting,
        name: str,
        way: str,
        criteria: Criteria | None,
        condition: Any,
        until: date | None,
        reason: str,
    ) -> int:
        title, today = list_name(name), self.clock.today()
        if until is not None and until < today:
            raise InvalidParameter("until", "期满日不能早于今天。", "must be today or later")
        values = proposal(act, reason) | {
            "list": title,
            "action": ENTER,
            "way": way,
            "criteria": asdict(criteria) if criteria is not None else None,
            "until": until,
        }
        new: int = act.connection.execute(
            insert(KeyProposal).values(**values).returning(KeyProposal.id)
        ).scalar_one()
        rows = select(
            literal(new),
            literal(title, Text),
            Supervised.code,
            Supervised.name,
            literal(until, Date),
        ).where(condition, Supervised.code.not_in(select(KeyEntry.code).where(on_list(title, today))))
        columns = ["proposal_id", "list", "code", "name", "until"]
        entered = insert(KeyEntry).from_select(columns, rows).execution_options(preserve_rowcount=True)
        if not act.connection.execute(entered).rowcount:
            raise Conflict(
                "没有可以列入的企业：不符合条件，或已在名单上。",
                "There is nobody to enter: none is meant, or all are on the list.",
            )
        act.note(Act.KEY_LIST_PROPOSED, f"key-list:{new}", after=f"enter {title}: {values['reason']}")
        return new

    def propose_end(self, caller: Caller, entries: Sequence[int], reason: str) -> int:
        """Propose to take entries off their list. Raises InvalidParameter, and Conflict where none of them stands there."""
        today = self.clock.today()
        with acting(self.engine, self.clock, caller) as act:
            waiting = select(KeyProposal.id).where(KeyProposal.state == PROPOSED)
            meant_ = KeyEntry.id.in_(entries) & KeyEntry.since.is_not(None) & KeyEntry.ended_on.is_(None)
            free = KeyEntry.ending_id.is_(None) | KeyEntry.ending_id.not_in(waiting)
            name = act.connection.scalar(select(KeyEntry.list).where(meant_, free).limit(1))
            if name is None:
                raise Conflict(
                    "这些企业已不在名单上，或正在复核移出。",
                    "They are not on the list, or their end waits already.",
                )
            values = proposal(act, reason) | {"list": name, "action": END, "way": HAND, "until": None}
            new: int = act.connection.execute(
                insert(KeyProposal).values(**values).returning(KeyProposal.id)
            ).scalar_one()
            act.connection.execute(
                update(KeyEntry).where(meant_, free, KeyEntry.list == name).values(ending_id=new)
            )
            act.note(
                Act.KEY_LIST_PROPOSED, f"key-list:{new}", after=f"end {name} {today}: {values['reason']}"
            )
        return new

    def decide(self, caller: Caller, number: int, approved: bool, reason: str) -> None:
        """Approve or refuse what another proposed. Raises InvalidParameter `reason`, NotFound, Conflict."""
        today = self.clock.today()
        with acting(self.engine, self.clock, caller) as act:
            row = decide(act, KeyProposal, number, APPROVED if approved else REFUSED, reason)
            if approved and row.action == ENTER:
                self._lapse(act, row.list, today)
                there = aliased(KeyEntry)
                others = select(there.code).where(on_list(row.list, today, there))
                new = (KeyEntry.proposal_id == number) & KeyEntry.code.not_in(others)
                try:
                    act.connection.execute(update(KeyEntry).where(new).values(since=today))
                except IntegrityError:
                    raise Conflict(
                        "其中有企业刚由另一项列入，请再试一次。",
                        "Some were entered by another proposal just now: try again.",
                    ) from None
            elif approved:
                ended = update(KeyEntry).where(KeyEntry.ending_id == number, KeyEntry.ended_on.is_(None))
                act.connection.execute(ended.values(ended_on=today))
            act.note(
                Act.KEY_LIST_DECIDED, f"key-list:{number}", after=f"{row.state} {row.decision or ''}".strip()
            )

    def _lapse(self, act: Acting, name: str, today: date) -> None:
        """Write down the end of entries whose day is over, so that they can be entered again."""
        over = (
            (KeyEntry.list == name)
            & KeyEntry.since.is_not(None)
            & KeyEntry.ended_on.is_(None)
            & (KeyEntry.until < today)
        )
        act.connection.execute(update(KeyEntry).where(over).values(ended_on=KeyEntry.until))

    def names(self) -> dict[str, int]:
        """The lists there are, with how many enterprises stand on each today."""
        today = self.clock.today()
        asked = (
            select(KeyEntry.list, func.count())
            .where(standing(today))
            .group_by(KeyEntry.list)
            .order_by(KeyEntry.list)
        )
        with reading(self.engine) as connection:
            return {row[0]: row[1] for row in connection.execute(asked)}

    def of(self, code: str) -> list[str]:
        """The lists that an enterprise stands on today."""
        asked = (
            select(KeyEntry.list)
            .where(standing(self.clock.today()), KeyEntry.code == code)
            .order_by(KeyEntry.list)
        )
        with reading(self.engine) as connection:
            return list(connection.scalars(asked))

    def on(self, name: str, after: int, limit: int) -> list[Listed]:
        """Who stands on a list today, by the order of entry, from the one after the id `after` on."""
        asked = (
            select(
                KeyEntry.id, KeyEntry.code, KeyEntry.name, KeyEntry.since, KeyEntry.until, KeyProposal.reason
            )
            .join(KeyProposal, KeyProposal.id == KeyEntry.proposal_id)
            .where(on_list(name, self.clock.today()), KeyEntry.id > after)
            .order_by(KeyEntry.id)
            .limit(limit)
        )
        with reading(self.engine) as connection:
            return [Listed(*row) for row in connection.execute(asked)]

    def waiting(self) -> list[Proposal]:
        """What waits for a second person, the oldest first: three statements however much it is."""
        about = (KeyEntry.proposal_id == KeyProposal.id) | (KeyEntry.ending_id == KeyProposal.id)
        place = func.row_number().over(partition_by=KeyProposal.id, order_by=KeyEntry.id).label("place")
        ranked = (
            select(KeyProposal.id.label("proposal"), KeyEntry.code, KeyEntry.name, place)
            .join(KeyEntry, about)
            .where(KeyProposal.state == PROPOSED)
            .subquery()
        )
        asked = (
            select(KeyProposal, Account.name.label("proposer"))
            .join(Account, Account.id == KeyProposal.proposed_by)
            .where(KeyProposal.state == PROPOSED)
            .order_by(KeyProposal.id)
            .limit(100)
        )
        with reading(self.engine) as connection:
            rows = connection.execute(asked).all()
            counted = select(ranked.c.proposal, func.count()).group_by(ranked.c.proposal)
            sizes = {row[0]: row[1] for row in connection.execute(counted)}
            first = connection.execute(
                select(ranked).where(ranked.c.place <= NAMED).order_by(ranked.c.place)
            ).all()
        return [
            Proposal(
                *(row.id, row.list, row.action, row.way, row.until, row.reason, row.proposed_by),
                *(row.proposer, row.proposed_at, sizes.get(row.id, 0)),
                tuple((each.code, each.name) for each in first if each.proposal == row.id),
            )
            for row in rows
        ]


def list_name(text: str) -> str:
    """The name of a key list, on one line. Raises InvalidParameter `list`."""
    name = " ".join(text.split())
    if not name or len(name) > NAME_LONGEST or not name.isprintable():
        raise InvalidParameter(
            "list",
            f"请填写名单名称，最多 {NAME_LONGEST} 个字。",
            f"must be a name of at most {NAME_LONGEST} characters",
        )
    return name
