"""What leaves in bulk turns with the day as pages do (生命周期): a mirror by the change feed, downloads, exports, statistics.

The records and their days are those of test_lifecycle; the jobs run on the day itself, or a week late.
"""

import csv
import gzip
import json
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from indexer.feed.recording import record
from indexer.opendata.downloads import GRACE, Downloads
from indexer.opendata.export import export
from portal.context import EXTENSION
from tests.portal.test_lifecycle import ABSENT, EVENTS, Stage, stage

assert stage  # a fixture

KINDS = sorted({event.kind for event in EVENTS})


class Mirror:
    """Who follows the register from elsewhere: applies the changes, fetches the downloads."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.since = stage, ""
        self.states: dict[str, str] = {}

    def jobs(self) -> None:
        """What `zhixin work` does: changes, downloads, statistics."""
        parts = self.stage.house.app.extensions[EXTENSION]
        record(self.stage.house.desk.register)
        Downloads(parts.register, parts.settings.downloads_folder).refresh()
        parts.statistics.keep()

    def follow(self) -> None:
        """Apply what changed since the last time."""
        told = self.stage.house.get("/changes", **({"since": self.since} if self.since else {}), limit=1000)
        self.since = told["next"]
        for each in told["results"]:
            if each["what"] == "removed":
                self.states.pop(each["id"], None)
            else:
                self.states[each["id"]] = each["record"]["status"]

    def downloaded(self) -> dict[str, str]:
        """The states that the downloads of now tell."""
        found = {}
        for kind in KINDS:
            with self.stage.house.client.get(f"/data/{kind}.jsonl.gz") as answer:
                if answer.status_code == 503:
                    continue  # it would hold what is hidden since midnight, and no job has run yet
                assert answer.status_code == 200
                for line in gzip.decompress(answer.data).splitlines():
                    each = json.loads(line)
                    found[each["id"]] = each["status"]
        return found

    def exported(self, folder: Path) -> Counter[str]:
        """How many records of each kind `zhixin export` writes now."""
        done = export(self.stage.house.desk.register, KINDS, "csv", folder)
        for each in done:
            with each.path.open(encoding="utf-8-sig", newline="") as file:
                assert sum(1 for _ in csv.DictReader(file)) == each.rows
        return +Counter({each.kind: each.rows for each in done})

    def counted(self) -> Counter[tuple[str, str]]:
        """The statistics of now, by kind and state."""
        told = self.stage.house.get("/statistics", by="kind,status")
        return Counter(
            {tuple(each["key"]): each["count"] for each in told["results"] if each["key"][0] in KINDS}
        )


def expected(stage: Stage, when: str) -> dict[str, str]:
    """The state of each record that is public, on the last day (`before`) or on the next (`after`)."""
    said = {stage.ids[at]: getattr(event, when) for at, event in enumerate(EVENTS)}
    return {own: state for own, state in said.items() if state != ABSENT}


def agrees(mirror: Mirror, when: str, folder: Path) -> None:
    right = expected(mirror.stage, when)
    kinds = {mirror.stage.ids[at]: event.kind for at, event in enumerate(EVENTS)}
    assert {own: state for own, state in mirror.states.items() if own in kinds} == right
    assert mirror.downloaded() == right
    assert mirror.exported(folder) == Counter(kinds[own] for own in right)
    assert mirror.counted() == Counter((kinds[own], state) for own, state in right.items())


@pytest.mark.parametrize("late", [0, 7], ids=["on the day", "a week late"])
def test_mirrors_downloads_exports_and_figures_turn_with_the_day(
    stage: Stage, tmp_path: Path, late: int
) -> None:
    mirror = Mirror(stage)
    stage.stand(stage.last, first=False)
    mirror.jobs()
    mirror.follow()
    agrees(mirror, "before", tmp_path / "before")
    stage.stand(stage.last + timedelta(days=1), first=True)
    hidden = set(expected(stage, "before")) - set(expected(stage, "after"))
    assert len(hidden) == 3
    assert not hidden & set(mirror.downloaded()), "before any job has run"
    stage.stand(stage.last + timedelta(days=1 + late), first=True)
    stage.house.desk.clock.instant += GRACE
    mirror.jobs()
    mirror.follow()
    agrees(mirror, "after", tmp_path / "after")
