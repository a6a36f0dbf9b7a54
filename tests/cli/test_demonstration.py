"""The demonstration is whole, and goes in as any file does."""

from collections import Counter

from indexer.kinds import kinds
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
