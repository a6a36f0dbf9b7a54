"""A preview can not disagree with the publication: for any files, in any order, with rows of every sort."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from indexer.desk.previews import OUTCOMES, entries, refused
from indexer.desk.submissions import State, Submission
from tests import servers
from tests.desk.conftest import Bureau, certificate, csv, open_bureau

ROWS = st.builds(
    certificate,
    st.integers(1, 4),
    until=st.sampled_from(["2028-01-31", "2027-06-30", "", "2020-01-01", "soon"]),
    status=st.sampled_from(["有效", "暂停", "撤销", "不知道"]),
    source=st.sampled_from(["", "示例甲局", "示例乙局"]),
)
FILES = st.lists(st.lists(ROWS, min_size=1, max_size=6), min_size=1, max_size=3)


@contextmanager
def fresh(databases: servers.Databases) -> Iterator[Bureau]:
    with (
        databases.fresh("sqlite") as url,
        TemporaryDirectory() as folder,
        open_bureau(url, Path(folder)) as bureau,
    ):
        yield bureau


def counts(made: Submission) -> dict[str, int]:
    return {name: getattr(made, name) for name in (*OUTCOMES, "unchanged")}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(FILES)
def test_what_is_previewed_is_published_and_a_preview_leaves_no_trace(
    databases: servers.Databases, files: list[list[str]]
) -> None:
    with fresh(databases) as bureau:
        for number, rows in enumerate(files):
            before = bureau.register.version()
            made = bureau.bring(csv(*rows), f"{number}.csv")
            assert made.state == State.DRAFT
            assert bureau.register.version() == before
            assert made.rows == len(rows)
            path = bureau.desk.uploads.preview(made.stored)
            assert len(entries(path, "added", 1)) == made.added
            assert len(entries(path, "changed", 1)) == made.changed
            assert len(refused(path, 1)) == made.rejected
            if not made.does:
                bureau.desk.submissions.discard(bureau.operator, made.id)
                continue
            done = bureau.finish(bureau.hand_in(made))
            assert (done.state, done.again) == (State.PUBLISHED, 0)
            assert counts(done) == counts(made)
            [entry] = bureau.register.batches(1)
            assert (entry.number, entry.added, entry.changed, entry.unchanged, entry.rejected) == (
                done.batch,
                *(made.added, made.changed, made.unchanged, made.rejected),
            )
            bureau.clock.instant += timedelta(days=1)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(ROWS, min_size=1, max_size=5), st.lists(ROWS, min_size=1, max_size=5))
def test_undoing_a_batch_brings_every_record_back_as_it_was(
    databases: servers.Databases, first: list[str], second: list[str]
) -> None:
    with fresh(databases) as bureau:
        assume(publish(bureau, first, "1.csv"))
        before = standing(bureau)
        batch = publish(bureau, second, "2.csv")
        assume(batch)
        assert standing(bureau) != before
        made = bureau.previewed(bureau.desk.undo(bureau.operator, batch or 0, "2.csv", "错"))
        bureau.finish(bureau.hand_in(made))
        assert standing(bureau) == before


def publish(bureau: Bureau, rows: list[str], name: str) -> int | None:
    """The number of the batch, None where there was nothing to publish."""
    made = bureau.bring(csv(*rows), name)
    return bureau.finish(bureau.hand_in(made)).batch if made.does else None


def standing(bureau: Bureau) -> dict[str, object]:
    """Every record that is public, with what it says."""
    found = bureau.register.records_from("0", "g")
    return {each.id: (dict(each.values), each.name, each.status) for each in found}
