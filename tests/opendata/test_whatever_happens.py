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
from hypothesis import strategies as st

from indexer.clock import SHANGHAI
from indexer.feed import recording
from indexer.feed.reading import Changes
from indexer.opendata.downloads import BeingUpdated, Downloads
from indexer.opendata.persons import leaving, of_a_person
from indexer.opendata.rows import as_json, line
from indexer.register.counting import Cell, counted
from indexer.register.database import connect
from indexer.register.disclosure import PublicRecord
from indexer.register.wholesale import looking
from tests.opendata.conftest import Life, actions, actions_and_objections, downloaded, form
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


def written(record: PublicRecord) -> dict[str, Any]:
    """A record as a download has it, read again."""
    read: dict[str, Any] = json.loads(line(as_json(record)))
    return read


def followed(changes: Changes, held: dict[str, Any], position: str) -> dict[str, Any]:
    """What a mirror holds that began with `held` and went on from a position, of what leaves in bulk."""
    more = True
    while more:
        page = changes.since(position, 3)
        for entry in page.entries:
            held.pop(entry.id, None)
            if entry.record is not None and not of_a_person(entry.record):
                held[entry.id] = written(entry.record)
        position, more = str(page.next), page.more
    return held


@settings(of_a_life, max_examples=40)
@given(
    actions_and_objections,
    st.lists(st.sampled_from(("", "record", "refresh", "record and refresh")), min_size=9, max_size=9),
)
def test_a_mirror_that_begins_with_any_download_and_goes_on_from_its_position_holds_what_is_public(
    begin: Any, happenings: list[tuple[str, Any]], jobs: list[str]
) -> None:
    life, folder = begin()
    register, kept = life.desk.register, Downloads(life.desk.register, folder / "kept", block=4)
    begun: list[tuple[dict[str, Any], str]] = []
    for happening, done in zip([*happenings, ("days", 1)], [*jobs, "record and refresh"], strict=False):
        life.act(*happening)
        life.desk.clock.instant += timedelta(minutes=2)
        if "record" in done:
            recording.record(register)
        if "refresh" in done:
            kept.refresh()
            held = [each for kind in leaving() for each in downloaded(kept, kind, "jsonl").splitlines()]
            position = kept.current().position
            assert position is not None or "record" not in done
            if position is not None:
                begun.append(({said["id"]: said for said in map(json.loads, held)}, position))
    recording.record(register)
    public = register.records_between(0, register.last_version())
    expected = {each.id: written(each) for each in public if not of_a_person(each)}
    for held_then, position in begun:
        assert followed(Changes(register), held_then, position) == expected


def test_downloads_get_a_position_when_the_feed_has_caught_up_and_no_block_is_made_again(begin: Any) -> None:
    life, folder = begin()
    register, kept = life.desk.register, Downloads(life.desk.register, folder / "kept", block=4)
    life.act("certificates", [(0, 0, "valid", 3, 0)])
    kept.refresh()
    assert kept.current().position is None  # nobody has recorded yet
    blocks = kept.current().names()
    for begin_anew in (False, True):
        if begin_anew:
            recording.restart(register.engine, register.clock.today())
        before = (folder / "kept" / "manifest.json").read_bytes()
        assert kept.refresh() == 0 and (folder / "kept" / "manifest.json").read_bytes() == before
        recording.record(register)
        assert kept.refresh() == 0 and kept.current().names() == blocks
        assert kept.current().position == str(Changes(register).newest())
    made = kept.current().at.instant
    life.desk.clock.instant += timedelta(minutes=2)
    assert kept.refresh() == 0 and kept.current().at.instant == made


def test_what_was_removed_before_the_feed_told_of_it_stays_in_no_mirror(begin: Any) -> None:
    life, folder = begin()
    register, kept = life.desk.register, Downloads(life.desk.register, folder / "kept", block=4)
    recording.record(register)
    life.act("certificates", [(0, 0, "valid", 3, 0)])
    kept.refresh()
    assert len(downloaded(kept, "certificate", "jsonl").splitlines()) == 1
    assert kept.current().position is None
    life.act("withdraw", 1)
    recording.record(register)
    assert Changes(register).since(None, 10).entries == ()  # the feed has nothing to say of it


def test_downloads_of_a_release_that_named_no_position_get_one_and_are_given_out_meanwhile(
    begin: Any,
) -> None:
    life, folder = begin()
    kept = Downloads(life.desk.register, folder / "kept", block=4)
    life.act("certificates", [(0, 0, "valid", 3, 0)])
    kept.refresh()
    said = json.loads((folder / "kept" / "manifest.json").read_text())
    del said["position"]
    (folder / "kept" / "manifest.json").write_text(json.dumps(said))
    earlier = Downloads(life.desk.register, folder / "kept", block=4)
    assert earlier.current().position is None
    earlier.ready("certificate", "csv")
    recording.record(life.desk.register)
    assert earlier.refresh() == 0 and earlier.current().position is not None


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
