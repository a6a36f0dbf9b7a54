"""Property: whatever happens to a register, its downloads are those that would be made anew, its counts are those of counting slowly, and what
changed since a day is the difference of what was said then and now.
"""

import json
import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings

from indexer.clock import SHANGHAI
from indexer.opendata.downloads import BeingUpdated, Downloads
from indexer.opendata.persons import leaving, of_a_person
from indexer.register.counting import Cell, counted
from indexer.register.database import connect
from indexer.register.wholesale import looking
from tests.opendata.conftest import Life, actions, downloaded, form
from tests.register.conftest import Desk

KINDS = ("certificate", "penalty")
of_a_life = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
def begin(template: Path, tmp_path: Path) -> Iterator[Any]:
    made: list[Life] = []

    def build() -> tuple[Life, Path]:
        folder = tmp_path / uuid4().hex
        folder.mkdir()
        shutil.copy(template, folder / "register.sqlite3")
        life = Life(Desk(connect(f"sqlite:///{folder / 'register.sqlite3'}")))
        made.append(life)
        return life, folder

    yield build
    for life in made:
        life.desk.engine.dispose()


@settings(of_a_life, max_examples=12)
@given(actions)
def test_downloads_brought_up_are_those_made_anew_and_never_hold_what_is_public_no_more(
    begin: Any, happenings: list[tuple[str, Any]]
) -> None:
    life, folder = begin()
    kept = Downloads(life.desk.register, folder / "kept", block=4)
    for happening in happenings:
        kept.refresh()
        before = life.said(persons=True)
        life.act(*happening)
        now = life.said(persons=True)
        for kind in KINDS:
            lost = {one for one, said in before.items() if said["kind"] == kind} - now.keys()
            if lost:
                with pytest.raises(BeingUpdated):
                    kept.ready(kind, "jsonl")
            else:
                kept.ready(kind, "jsonl")
        life.desk.clock.instant += timedelta(minutes=2)
    kept.refresh()
    anew = Downloads(life.desk.register, folder / "anew", block=4)
    anew.refresh()
    one, other = kept.current(), anew.current()
    for kind in leaving():
        assert one.kinds[kind].sha256 == other.kinds[kind].sha256
        assert one.kinds[kind].left_out == other.kinds[kind].left_out
    held = {kind: downloaded(kept, kind, "jsonl").splitlines() for kind in KINDS}
    assert [json.loads(line)["id"] for kind in KINDS for line in held[kind]] == [
        identity for kind in KINDS for identity, said in sorted(life.said().items()) if said["kind"] == kind
    ]


@of_a_life
@given(actions)
def test_counts_brought_up_are_those_of_counting_slowly(
    begin: Any, happenings: list[tuple[str, Any]]
) -> None:
    life, _folder = begin()
    register = life.desk.register
    cube = counted(register)
    for happening in happenings:
        life.act(*happening)
        cube = counted(register, cube)
        slowly = Counter(
            Cell(each.kind.name, each.region, each.dated.year if each.dated else None, each.status)
            for each in register.records_between(0, register.last_version())
        )
        assert cube.cells == counted(register).cells == slowly


@of_a_life
@given(actions)
def test_what_changed_since_a_day_is_the_difference_of_then_and_now(
    begin: Any, happenings: list[tuple[str, Any]]
) -> None:
    life, _folder = begin()
    said: dict[date, dict[str, dict[str, Any]]] = {}
    for action, what in happenings:
        if action == "days":
            said[life.desk.clock.now().astimezone(SHANGHAI).date() + timedelta(days=1)] = life.said()
        life.act(action, what)
    now = life.said()
    for day, then in said.items():
        with looking(life.desk.register) as whole:
            found = {
                each.id: (each.change, form(each.now) if each.now else None)
                for each in whole.changes(day, list(leaving()))
                if not any(record is not None and of_a_person(record) for record in (each.was, each.now))
            }
        expected: dict[str, tuple[str, Any]] = dict.fromkeys(then.keys() - now.keys(), ("removed", None))
        expected |= {one: ("added", now[one]) for one in now.keys() - then.keys()}
        expected |= {one: ("changed", now[one]) for one in now.keys() & then.keys() if now[one] != then[one]}
        assert found == expected
