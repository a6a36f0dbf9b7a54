"""The same questions on SQLite and PostgreSQL: what is told of a register that has lived a week."""

import json
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from indexer.opendata.downloads import BeingUpdated, Downloads
from indexer.opendata.persons import of_a_person
from indexer.opendata.statistics import Statistics
from indexer.register.wholesale import looking
from tests.opendata.conftest import Life, downloaded, form
from tests.register.conftest import Desk


def test_downloads_counts_and_changes_follow_a_week(desk: Desk, tmp_path: Path) -> None:
    life = Life(desk)
    kept = Downloads(desk.register, tmp_path / "downloads", block=2)
    counts = Statistics(desk.register, tmp_path / "statistics.json")
    life.act("certificates", [(n, n % 3, "valid", n - 2, 0) for n in range(6)])
    life.act("penalties", [(0, 1, False), (1, 3, False)])
    kept.refresh()
    assert counts.keep() > 0 and counts.keep() == 0
    then = life.said()
    life.act("days", 1)
    since = desk.clock.today()
    life.act("penalties", [(1, 3, True)])
    with pytest.raises(BeingUpdated):
        kept.ready("penalty", "csv")
    kept.ready("certificate", "csv")
    life.act("certificates", [(0, 0, "suspended", 3, -1), (7, 1, "valid", 3, 0)])
    life.act("days", 2)
    kept.refresh()
    now = life.said()
    held = [
        json.loads(line)
        for kind in ("certificate", "penalty")
        for line in downloaded(kept, kind, "jsonl").splitlines()
    ]
    assert {each["id"] for each in held} == set(now)
    with looking(desk.register) as whole:
        changes = {
            each.id: (each.change, form(each.now) if each.now else None)
            for each in whole.changes(since, ["certificate", "penalty"])
            if not any(record and of_a_person(record) for record in (each.was, each.now))
        }
    assert {change for change, _ in changes.values()} == {"added", "changed", "removed"}
    assert {one for one, (change, _) in changes.items() if change == "removed"} == set(then) - set(now)
    assert {one: said for one, (change, said) in changes.items() if said} == {
        one: said for one, said in now.items() if then.get(one) != said
    }
    fresh = Statistics(desk.register, tmp_path / "statistics.json")
    everything = life.said(persons=True).values()
    expected = Counter((each["kind"], each["status"]) for each in everything)
    assert dict(fresh.table(["kind", "status"]).rows) == dict(expected)
    assert fresh.table(["year"]).total == len(everything)
    desk.clock.instant += timedelta(minutes=5)
    assert kept.refresh() == 0
