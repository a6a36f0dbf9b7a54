"""The demonstration is whole, and goes in as any file does."""

import shutil
from collections import Counter
from pathlib import Path

from indexer.accounts.audit import verify
from indexer.accounts.opening import Accounts
from indexer.cases.case import Case
from indexer.cases.opening import CaseRoom
from indexer.cases.paths import State
from indexer.cases.reading import Wanted
from indexer.clock import Clock
from indexer.demo.people import invite
from indexer.demo.rooms import enliven
from indexer.kinds import kinds
from indexer.register.database import connect
from indexer.register.reading import Register
from indexer.settings import Settings
from indexer.supervision.opening import Supervision
from tests.cli.conftest import Demonstration


def test_every_row_of_the_demonstration_is_taken(demo_register: Demonstration) -> None:
    assert [report.path for report in demo_register.reports if report.refused or report.rejected] == []


def test_the_demonstration_has_records_of_every_kind(demo_register: Demonstration) -> None:
    added = Counter[str]()
    for report in demo_register.reports:
        added[report.kind or ""] += report.added
    assert set(added) == set(kinds())
    assert added["enterprise"] >= 2000
    assert added.total() - added["enterprise"] >= 10_000


def test_all_that_is_public_in_the_demonstration_can_be_found(demo_register: Demonstration) -> None:
    public = sum(demo_register.zhixin.register().counts().values())
    assert demo_register.zhixin.search().count() == public > 10_000


def alive(demo_register: Demonstration, folder: Path) -> tuple[Accounts, list[Case]]:
    """The demonstration with its people and what goes on in it; all its cases, in the order they were filed."""
    shutil.copytree(demo_register.zhixin.settings.data, folder)
    settings = Settings(data=folder)
    assert settings.demonstration
    engine, clock = connect(settings.database_url), Clock()
    register, accounts = Register(engine, clock), Accounts(engine, clock, settings)
    invite(accounts)
    assert enliven(register, accounts)
    assert not enliven(register, accounts), "once"
    found = CaseRoom(accounts).docket.wanted(Wanted(states=frozenset(State)), clock.today(), 50)
    return accounts, sorted(found, key=lambda case: case.id)


def test_the_rooms_of_the_demonstration_are_at_work_always_the_same(
    demo_register: Demonstration, tmp_path: Path
) -> None:
    accounts, cases = alive(demo_register, tmp_path / "one" / "demo")
    again, same = alive(demo_register, tmp_path / "two" / "demo")
    assert [(case.kind.name, case.state) for case in cases] == [
        ("objection", State.ACCEPTED),
        ("objection", State.ENDED),
        ("complaint", State.ANSWERED),
        ("complaint", State.TRANSFERRED),
        ("question", State.ENDED),
        ("repair", State.ACCEPTED),
    ]
    assert [(case.title, case.content, case.record_id) for case in cases] == [
        (case.title, case.content, case.record_id) for case in same
    ]
    assert cases[1].upheld and cases[1].mended_in is None
    assert len(CaseRoom(accounts).answers.search("", 9)) == 1
    supervision = Supervision(accounts.engine, accounts.clock)
    assert supervision.rulebook.rule() is not None
    [draw] = supervision.draws.some(public=True)
    assert len(supervision.draws.drawn(draw.id)) == draw.count
    assert verify(accounts.engine).wrong is None
    for each in (accounts, again):
        each.engine.dispose()
