"""Whoever goes through all pages sees each document once, however many there are and whatever is written meanwhile: one suite for both."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer.errors import InvalidParameter
from indexer.search.answering import BLOCK
from indexer.search.cursor import LONGEST_PACKED, Cursor
from indexer.search.documents import Document
from indexer.search.protocol import SearchEngine
from indexer.search.query import Query, plan
from indexer.search.tiers import tiers
from tests.search.conftest import NewEngine, put

Sort = Literal["relevance", "newest"]

MANY = 12_000
SHAPES = ("示例同名厂", "示例同名厂苏州分厂", "大示例同名厂", "示例旁人")
"""Names that answer 示例同名厂 in full, by their beginning, by a part, and not at all: then the text does."""


def id_of(number: int) -> str:
    """An id as records have them, a digest of 24 digits."""
    return hashlib.blake2b(str(number).encode(), digest_size=12).hexdigest()


def document(number: int) -> Document:
    """One of many that answer 示例同名厂, better or worse, of a few days."""
    name = SHAPES[number % len(SHAPES)]
    text = "示例同名厂的产品" + "，另有说明" * (number % 7) if name == SHAPES[-1] else ""
    day = date(2026, 3, 2) + timedelta(days=number % 11) if number % 5 else None
    title = "认证证书" if number % 3 == 0 else ""
    return Document(id_of(number), 1, "enterprise", name=name, dated=day, text=text, title=title)


def pages(
    engine: SearchEngine, query: Query, limit: Callable[[], int], meanwhile: Callable[[], None] = lambda: None
) -> Iterator[list[str]]:
    """The ids on each page, one after another; between two pages something happens."""
    cursor: Cursor | None = None
    while True:
        results = engine.search(replace(query, limit=limit(), cursor=cursor))
        yield [hit.id for hit in results.hits]
        if results.next is None:
            return
        cursor = Cursor.parse(results.next)
        meanwhile()


@pytest.fixture(scope="module")
def written(new_engine: NewEngine) -> SearchEngine:
    """An engine whose index each example makes anew."""
    return new_engine()


@pytest.mark.parametrize("sort", ["relevance", "newest"])
@pytest.mark.parametrize("text", ["示例同名厂", "示例同明厂", "厂"])
@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32), largest=st.integers(12, 70))
def test_what_was_there_all_the_time_is_shown_once_while_others_come_and_go(
    written: SearchEngine, text: str, sort: Sort, seed: int, largest: int
) -> None:
    rng = Random(seed)
    lasting, passing = {document(n).id for n in range(0, 240, 2)}, list(range(1, 240, 2))
    fresh, clock = iter(range(1000, 100_000)), iter(range(2, 100_000))
    with written.rebuild() as writer:
        put(writer, map(document, range(240)))
    query = Query(text, sort=sort)
    answering = {each for page in pages(written, query, lambda: 1000) for each in page}

    def meanwhile() -> None:
        if rng.random() < 0.5:
            return
        at = next(clock)
        with written.writer() as writer:
            put(writer, [document(next(fresh)) for _ in range(rng.randrange(8))], at)
            rng.shuffle(passing)
            gone = [passing.pop() for _ in range(min(len(passing), rng.randrange(8)))]
            writer.remove([(document(n).routing, document(n).routing) for n in gone], at)

    shown = [
        each
        for page in pages(written, query, lambda: rng.randint(largest // 3, largest), meanwhile)
        for each in page
    ]
    assert len(set(shown)) == len(shown)
    assert lasting & answering <= set(shown)
    assert not answering or lasting & answering


@pytest.fixture(scope="module")
def many(new_engine: NewEngine) -> SearchEngine:
    engine = new_engine()
    with engine.rebuild() as writer:
        put(writer, map(document, range(MANY)))
    return engine


@pytest.mark.parametrize("sort", ["relevance", "newest"])
def test_pages_go_on_to_the_last_of_many_in_one_order(many: SearchEngine, sort: Sort) -> None:
    shown = [each for page in pages(many, Query("示例同名厂", sort=sort), lambda: 1000) for each in page]
    by_id = {each.id: each for each in map(document, range(MANY))}
    assert len(shown) == MANY and set(shown) == by_id.keys()

    def standing(id_: str) -> tuple[int, bool, int]:
        found = by_id[id_]
        if sort == "newest":
            return -found.dated.toordinal() if found.dated else 0, False, found.place
        return SHAPES.index(found.name), bool(found.title), found.place

    behind = shown[BLOCK:] if sort == "relevance" else shown
    assert behind == sorted(behind, key=standing)


def test_a_hit_that_is_gone_from_the_block_leaves_its_place_empty(written: SearchEngine) -> None:
    with written.rebuild() as writer:
        put(writer, map(document, range(0, 400, 4)))
    first = written.search(Query("示例同名厂", limit=10))
    assert first.next is not None
    cursor = Cursor.parse(first.next)
    second = written.search(Query("示例同名厂", limit=10, cursor=cursor))
    with written.writer() as writer:
        writer.remove([(second.hits[3].id,) * 2], 2)
    again = written.search(Query("示例同名厂", limit=10, cursor=cursor))
    assert [hit.id for hit in again.hits] == [hit.id for hit in second.hits if hit != second.hits[3]]
    assert again.total == first.total - 1


def test_documents_of_one_tier_weigh_more_than_all_of_the_next() -> None:
    asked = plan(Query("示例同名厂 ISO9001 sltmc 99926"))
    values = [tier.value for tier in tiers(asked)]
    assert values == sorted(set(values), reverse=True)
    assert len(values) == 2 * len({clause.weight for clause in asked.clauses})


@given(
    st.builds(
        Cursor,
        digest=st.text("0123456789abcdef", min_size=16, max_size=16),
        position=st.integers(1, 2**62),
        block=st.lists(st.text("0123456789abcdef", min_size=24, max_size=24), max_size=BLOCK).map(tuple),
        near=st.booleans(),
        at=st.none() | st.tuples(st.floats(-(2.0**63), 2.0**62), st.integers(0, 2**56)),
    )
)
def test_a_cursor_comes_back_as_it_was_given_out(cursor: Cursor) -> None:
    assert Cursor.parse(str(cursor)) == cursor
    assert len(str(cursor)) <= 1200
    assert all(letter.isalnum() or letter in "-_" for letter in str(cursor))


@given(st.text(max_size=300) | st.binary(max_size=300).map(lambda some: some.hex()))
def test_what_was_never_given_out_is_refused(text: str) -> None:
    with pytest.raises(InvalidParameter):
        Cursor.parse(text)


def test_a_cursor_that_would_unpack_to_much_is_refused() -> None:
    bomb = Cursor("0" * 10 * LONGEST_PACKED, 1)
    assert len(str(bomb)) < 1000
    with pytest.raises(InvalidParameter):
        Cursor.parse(str(bomb))


@pytest.mark.parametrize("sort", ["relevance", "newest"])
@pytest.mark.parametrize("at", [(1e18, 1), (-1.0, 2**62), (float(-(2**63)), 0), (0.5, 0)])
def test_any_place_that_a_cursor_can_name_is_answered(
    written: SearchEngine, at: tuple[float, int], sort: Sort
) -> None:
    with written.rebuild() as writer:
        put(writer, map(document, range(40)))
    query = Query("示例同名厂", sort=sort)
    forged = Cursor(plan(query).digest, 7, (id_of(1), "nobody"), at=at)
    assert written.search(replace(query, cursor=forged)).total == 40
