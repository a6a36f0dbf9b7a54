"""`zhixin export` on the demonstration register: what leaves comes in again elsewhere as it was."""

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from indexer.clock import Clock
from indexer.ingest import Job, ingest
from indexer.opendata.persons import leaving, of_a_person
from indexer.register.database import connect, migrate
from indexer.register.disclosure import PublicRecord
from indexer.register.reading import Register
from indexer.register.wholesale import looking
from portal.cli import main


def public(url: str) -> dict[str, Any]:
    """Every public record that is nobody's person, as it is told."""
    engine = connect(url)
    with looking(Register(engine, Clock())) as whole:
        found = {each.id: told(each) for each in whole.records("", leaving()) if not of_a_person(each)}
    engine.dispose()
    return found


def told(record: PublicRecord) -> Any:
    values = dict(record.values) | ({"source": record.source} if record.source else {})
    days = (record.dated, record.valid_from, record.valid_until, record.public_until)
    subject = (record.subject.code, record.subject.name) if record.subject else None
    said = (record.name, record.title, record.number, record.category, record.status, record.region)
    return record.kind.name, subject, said, days, values, dict(record.extra)


def run(*arguments: str, data: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("ZHIXIN_DATA", str(data))
    return CliRunner().invoke(main, list(arguments), standalone_mode=False)


def test_an_export_taken_in_elsewhere_gives_the_same_public_records(
    demonstration: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kinds = list(leaving())
    ran = run("export", *kinds, "--output", str(tmp_path), data=demonstration, monkeypatch=monkeypatch)
    assert ran.exit_code == 0, ran.output
    url = f"sqlite:///{tmp_path / 'elsewhere.sqlite3'}"
    migrate(url)
    engine = connect(url)
    reports = ingest([tmp_path / f"{kind}.csv" for kind in kinds], Job(engine, Clock()))
    assert [(each.kind, each.refused, each.rejected) for each in reports] == [
        (kind, None, 0) for kind in kinds
    ]
    engine.dispose()
    there = public(url)
    assert len(there) > 9000
    assert there == public(f"sqlite:///{demonstration / 'register.sqlite3'}")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["practitioner"], "从业人员的记录不成批提供"),
        (["从业人员"], "从业人员的记录不成批提供"),
        (["certificates"], "certificate（认证证书）"),
        (["certificate", "--since", "2999-01-01"], "还没有到"),
    ],
)
def test_what_can_not_be_exported_is_said_in_one_line(
    demonstration: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str
) -> None:
    ran = run("export", *arguments, "--output", str(tmp_path), data=demonstration, monkeypatch=monkeypatch)
    assert ran.exit_code == 1
    assert said in ran.output and ran.output.count("\n") == 1
    assert list(tmp_path.iterdir()) == []
