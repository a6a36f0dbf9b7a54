"""A partner that applies what it gets holds exactly what it should: everything public of its range that meets the template, and nothing else."""

import random
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from indexer.accounts.acting import acting
from indexer.exchange.held import gets, newest_that_went
from indexer.exchange.partners import Partner
from indexer.exchange.templates import faults_in, template
from indexer.ingest import Job, ingest
from indexer.register.database import reading, writing
from indexer.register.removing import remove_within
from indexer.register.repairing import set_repaired, take_back_repair
from indexer.register.withdrawing import withdraw
from tests.exchange.conftest import PENALTY_HEAD, Office, penalty
from tests.exchange.mirror import CODE, NUMBER, Key, Mirror


def should_hold(office: Office, partner: Partner) -> dict[Key, dict[str, str]]:
    """The slow oracle: every record that is public now, asked one by one."""
    found = {}
    for record in office.register.records_between(0, office.register.last_version()):
        uscc = record.subject.uscc if record.subject else None
        kind = record.kind.name
        if gets(partner, kind, record.region, uscc):
            made = template(kind)
            cells = made.render(record)
            if not faults_in(cells):
                row = dict(zip(made.header, map(str, cells), strict=True))
                found[kind, row[CODE[kind]], row[NUMBER[kind]]] = row
    return found


def do_something(office: Office, chance: random.Random) -> None:
    """One thing that changes what is public."""
    what = chance.randrange(8)
    number = chance.randrange(1, 12)
    public = sorted(
        office.register.records_between(0, office.register.last_version()), key=lambda each: each.id
    )
    if what <= 2 or not public:
        soon = office.clock.today() + timedelta(days=chance.randrange(0, 4))
        until = chance.choice(["2027-05-20", soon.isoformat()])
        region = chance.choice(["320583", "320583", "310101"])
        office.folder.joinpath("row.csv").write_text(
            f"{PENALTY_HEAD}\n{penalty(number, firm=number % 4 + 1, fine=str(chance.randrange(1, 9)), until=until, region=region)}\n",
            encoding="utf-8",
        )
        ingest([office.folder / "row.csv"], Job(office.engine, office.clock, rejects=office.folder))
    elif what == 3:
        with acting(office.engine, office.clock, office.operator) as act:
            set_repaired(act.connection, office.clock, chance.choice(public).id, "示例修复")
    elif what == 4:
        with writing(office.engine) as connection:
            remove_within(connection, office.clock, chance.choice(public).id, "示例撤下")
    elif what == 5:
        batches = [b for b in office.register.batches(30) if b.action == "ingest" and b.withdrawn_in is None]
        withdraw(office.engine, office.clock, chance.choice(batches).number, "示例撤回")
    elif what == 6:
        repaired = [r.record_id for r in office.removals() if r.reason == "repaired"]
        if repaired:
            from indexer.register.repairing import NotRepairable

            try:
                with acting(office.engine, office.clock, office.operator) as act:
                    take_back_repair(act.connection, office.clock, chance.choice(repaired), "示例")
            except NotRepairable:
                pass
    else:
        office.wait(days=1)
    office.wait(minutes=1)


@pytest.mark.parametrize("seed", range(4))
def test_after_every_delivery_the_partner_holds_exactly_what_it_should(
    open_office: Callable[..., Office], province: Partner, drop: Path, seed: int
) -> None:
    office, chance = open_office("city"), random.Random(seed)
    partner = province.model_copy(update={"every_minutes": 1})
    office.enter("province", partner)
    mirror, removed = Mirror(drop), 0
    for step in range(25):
        do_something(office, chance)
        if chance.random() < 0.5:
            office.exchange.run()
            mirror.read(acknowledge=chance.random() < 0.7)
            assert mirror.held == should_hold(office, partner), step
            removed = len(mirror.removed)
        if chance.random() < 0.05:
            office.exchange.partners.restart(office.operator, "province")
    assert removed and len(mirror.seen) == len(set(mirror.seen))
    with reading(office.engine) as connection:  # and what is worked out agrees with what the partner holds
        records = [each.record_id for each in office.removals()]
        records += [each.id for each in office.register.records_between(0, office.register.last_version())]
        went = newest_that_went(connection, office.partner("province"), set(records))
    office.exchange.run()
    assert {each.keys["document_number"] for each in went.values()} == {key[2] for key in mirror.held}
