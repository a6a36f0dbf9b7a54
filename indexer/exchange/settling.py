"""Settling (办结与回执): what arrived is checked and passed on, and when everything about it is decided the partner is told."""

import shutil
from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy import Engine, select, update

from indexer.clock import Clock, day_of
from indexer.desk.submissions import State, Submission
from indexer.errors import FileRefused
from indexer.exchange import ledger
from indexer.exchange.dropping import read_drops
from indexer.exchange.giving import ENDED, Giver, Outcome, refused_words
from indexer.exchange.intake import Checked, check_file
from indexer.exchange.ledger import Entry, Event
from indexer.exchange.manifest import (
    MANIFEST,
    Acknowledgement,
    FileEntry,
    RejectedRow,
    Status,
    address_of,
    read_manifest,
)
from indexer.exchange.models import ReceiptRow as Row
from indexer.exchange.partners import Standing
from indexer.exchange.receiving import Inbox
from indexer.exchange.ways import Session
from indexer.kinds import kinds
from indexer.register.database import BUSY_SECONDS, filing, reading

FOUND = "found.json"
"""What the check of a delivery found, kept beside its files until the desk has decided."""


class Settler:
    """Works off what arrived."""

    def __init__(self, engine: Engine, clock: Clock, inbox: Inbox, giver: Giver) -> None:
        self.engine, self.clock, self.inbox, self.giver = engine, clock, inbox, giver

    def work_off(self, partner: Standing) -> int:
        """Pass on what arrived, hand in what the desk has looked at, settle what is decided; gives how many moved on."""
        own = (Row.partner_id == partner.id) & Row.state.in_(("arrived", "given"))
        with reading(self.engine) as connection:
            rows = connection.execute(select(Row.__table__).where(own).order_by(Row.id)).all()
        moved = 0
        for row in rows:
            moved += self._give(partner, row) if row.state == "arrived" else self._follow(partner, row)
        return moved

    def tell(self, partner: Standing, session: Session) -> int:
        """Put the acknowledgements that the partner has not got; gives how many."""
        untold = (Row.partner_id == partner.id) & Row.told.is_(False) & Row.answer.is_not(None)
        with reading(self.engine) as connection:
            rows = connection.execute(select(Row.__table__).where(untold).order_by(Row.id)).all()
        for row in rows:
            session.put_acknowledgement(address_of(row.series, row.sequence), row.answer)
            with filing(self.engine, BUSY_SECONDS) as connection:
                told = update(Row).where(Row.id == row.id, Row.answer == row.answer).values(told=True)
                connection.execute(told)
        return len(rows)

    def _give(self, partner: Standing, row: Any) -> bool:
        """Check an arrived delivery and pass it on."""
        folder, found, outcome = self.inbox.path(partner.name, row.series, row.sequence), Checked(), Outcome()
        manifest = read_manifest((folder / MANIFEST).read_bytes())
        into = folder / "clean"
        shutil.rmtree(into, ignore_errors=True)
        into.mkdir()
        passed = _Passed(found, outcome)
        for each in sorted(manifest.files, key=lambda file: file.kind != "removals"):  # removals first
            try:
                self._pass_on(partner, row, each, passed)
            except FileRefused as error:
                outcome.refused.append(f"{each.name}：{error.zh}")
        kept = {"found": _plain(found), "refused": outcome.refused, "lines": passed.lines}
        (folder / FOUND).write_bytes(orjson.dumps(kept, option=orjson.OPT_NON_STR_KEYS))
        if passed.submissions:
            values = _counted(found, outcome) | {"submissions": passed.submissions, "state": "given"}
            self._note(partner, row, values, found, outcome, "pending", Event.GIVEN)
        else:
            self._settle(partner, row, found, outcome)
        return True

    def _pass_on(self, partner: Standing, row: Any, file: FileEntry, passed: "_Passed") -> None:
        folder = self.inbox.path(partner.name, row.series, row.sequence)
        path, limits, found = folder / file.name, self.giver.limits, passed.found
        if file.kind == "removals":
            with reading(self.engine) as connection:
                drops = read_drops(connection, path, partner, found, limits)
            if partner.it.trusted:
                self.giver.drop(partner, drops)
            else:
                passed.submissions += self.giver.drop_at_desk(partner, drops)
            return
        day, kind = day_of(row.received_at), kinds()[file.kind]
        clean = check_file(path, kind, partner.it, day, found, folder / "clean", limits)
        passed.lines[clean.path.name] = clean.lines
        if partner.it.trusted:
            self.giver.into_register(partner, clean, found, passed.outcome)
        elif (number := self.giver.to_desk(partner, clean)) is not None:
            passed.submissions.append(number)

    def _follow(self, partner: Standing, row: Any) -> bool:
        """See what the desk has done with a delivery; settle it when all is decided."""
        note = f"{partner.it.title} 第 {address_of(row.series, row.sequence)} 批"
        stand = self.giver.hand_in(partner, row.submissions, note[:400])
        if not all(it.state in ENDED for it in stand):
            return False
        folder = self.inbox.path(partner.name, row.series, row.sequence)
        kept = orjson.loads((folder / FOUND).read_bytes())
        found, outcome = _found(kept["found"]), Outcome(refused=kept["refused"])
        for it in stand:
            self._sum_up(partner, it, kept["lines"].get(it.name, {}), found, outcome)
        self._settle(partner, row, found, outcome)
        return True

    def _sum_up(
        self, partner: Standing, it: Submission, lines: dict[str, int], found: Checked, outcome: Outcome
    ) -> None:
        self.giver.desk_rejects(it, {int(at): line for at, line in lines.items()}, found)
        if (why := refused_words(it)) is not None:
            outcome.refused.append(why)
            found.rejected += it.rows - it.rejected
            self.giver.give_up(partner, it)
        elif it.state in (State.PUBLISHED, State.DISCARDED):
            outcome.added += it.added
            outcome.changed += it.changed
            outcome.unchanged += it.unchanged

    def _settle(self, partner: Standing, row: Any, found: Checked, outcome: Outcome) -> None:
        accepted = found.rows - found.rejected
        status: Status = "accepted" if not found.rejected and not outcome.refused else "partial"
        if outcome.refused and accepted <= 0:
            status = "refused"
        values = _counted(found, outcome) | {"state": "settled", "settled_at": self.clock.now()}
        self._note(partner, row, values, found, outcome, status, Event.SETTLED)
        self.inbox.drop(partner.name, row.series, row.sequence)

    def _note(
        self,
        partner: Standing,
        row: Any,
        values: dict[str, Any],
        found: Checked,
        outcome: Outcome,
        status: Status,
        event: Event,
    ) -> None:
        now = self.clock.now()
        said = Acknowledgement(
            series=row.series,
            sequence=row.sequence,
            manifest_sha256=row.digest,
            status=status,
            at=now,
            accepted=max(found.rows - found.rejected, 0),
            rejected=found.rejected,
            rejected_rows=tuple(found.named),
            message="；".join(outcome.refused)[:1000],
        )
        counts = (max(found.rows - found.rejected, 0), 0, found.rejected, row.digest)
        with filing(self.engine, BUSY_SECONDS) as connection:
            answer = {"answer": said.to_bytes(), "told": False}
            connection.execute(update(Row).where(Row.id == row.id).values(**values, **answer))
            entry = Entry(event, False, row.series, row.sequence, *counts, detail=said.message or None)
            ledger.enter(connection, now, partner.id, entry)


@dataclass
class _Passed:
    """What becomes of the files of one delivery while they are passed on."""

    found: Checked
    outcome: Outcome
    submissions: list[int] = field(default_factory=list)
    lines: dict[str, dict[int, int]] = field(default_factory=dict)


def _counted(found: Checked, outcome: Outcome) -> dict[str, Any]:
    return {
        "rows": found.rows,
        "rejected": found.rejected,
        "reasons": dict(found.reasons.most_common(100)),
        "late": found.late,
        "latest_by": found.latest_by,
        "added": outcome.added,
        "changed": outcome.changed,
        "unchanged": outcome.unchanged,
    }


def _plain(found: Checked) -> dict[str, Any]:
    named = [each.model_dump() for each in found.named]
    return {
        **{name: getattr(found, name) for name in ("rows", "rejected", "late", "latest_by")},
        "named": named,
        "reasons": dict(found.reasons),
    }


def _found(kept: dict[str, Any]) -> Checked:
    made = Checked(kept["rows"], kept["rejected"], late=kept["late"], latest_by=kept["latest_by"])
    made.named = [RejectedRow.model_validate(each) for each in kept["named"]]
    made.reasons.update(kept["reasons"])
    return made
