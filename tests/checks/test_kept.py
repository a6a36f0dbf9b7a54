"""A question is kept compressed and comes back as it was asked, whatever its length; questions of the first receipts are still read."""

import tracemalloc
import zlib
from collections.abc import Iterator
from datetime import UTC, date, datetime

import orjson
from hypothesis import given
from hypothesis import strategies as st

from portal.checks.first_rows import FirstRows
from portal.checks.kept import PIECE, PLAIN, Kept, keep, pack, unpack
from portal.checks.model import Bidder, Note, Request, Requirement

DAY = date(2026, 3, 2)
texts = st.text(st.characters(codec="utf-8"), max_size=20)
rows = st.lists(
    st.tuples(texts, texts, st.lists(st.builds(Note, texts, texts, texts), max_size=2)), max_size=9
)


def bidders(many: int) -> Iterator[Bidder]:
    return (Bidder(n, f"91329900PDY{n:07d}", f"示例{n}号有限公司") for n in range(1, many + 1))


@given(rows, st.sampled_from([(), ("bidding", "honours")]), st.booleans())
def test_a_question_comes_back_as_it_was_asked(
    given_rows: list[tuple[str, str, list[Note]]], domains: tuple[str, ...], dated: bool
) -> None:
    asked = Request(
        as_of=DAY,
        bidders=tuple(
            Bidder(n, code, name, tuple(notes)) for n, (code, name, notes) in enumerate(given_rows, 1)
        ),
        known_at=datetime(2026, 3, 1, 1, 2, 3, 4, UTC) if dated else None,
        domains=domains,
        requirements=(
            Requirement("质量管理体系认证", valid_on=DAY if dated else None),
            Requirement(scope="电机"),
        ),
        project="示例采-1",
    )
    back = unpack(pack(asked))
    assert (*back.bidders,) == asked.bidders and len(back.bidders) == len(asked.bidders)
    assert (back.as_of, back.known_at, back.domains) == (asked.as_of, asked.known_at, asked.domains)
    assert (back.requirements, back.project) == (asked.requirements, asked.project)


def test_few_bidders_are_held_as_they_are_and_many_are_compressed_and_can_be_gone_through_again() -> None:
    few, many = keep(bidders(PLAIN)), keep(bidders(PLAIN + PIECE + 1))
    assert isinstance(few, tuple) and isinstance(many, Kept)
    assert len(many) == PLAIN + PIECE + 1
    assert list(many) == list(many) == list(bidders(PLAIN + PIECE + 1))
    assert Bidder(7, "91329900PDY0000007", "示例7号有限公司") in many and Bidder(7) not in many
    assert list(unpack(pack(Request(DAY, many))).bidders) == list(many)


def test_a_question_of_the_first_receipts_is_read() -> None:
    old = {
        "as_of": "2026-03-02",
        "bidders": [{"row": 1, "id": "x", "name": "示例", "notes": [{"code": "a", "zh": "b", "en": "c"}]}],
        "known_at": None,
        "domains": ["bidding"],
        "requirements": [],
        "project": "",
    }
    asked = Request(DAY, (Bidder(1, "x", "示例", (Note("a", "b", "c"),)),), None, ("bidding",))
    assert unpack(zlib.compress(orjson.dumps(old))) == asked


def test_a_hundred_thousand_bidders_are_held_in_a_tenth_of_their_room() -> None:
    tracemalloc.start()
    held = keep(bidders(30_000))
    kept, peak = tracemalloc.get_traced_memory()
    plain = tuple(bidders(30_000))
    whole = tracemalloc.get_traced_memory()[0] - kept
    tracemalloc.stop()
    assert len(held) == len(plain)
    assert kept < whole / 10 and peak < whole / 4


@given(st.lists(st.sampled_from([f"示例{n}" for n in range(12_000)]), max_size=60), st.integers(0, 9_000))
def test_the_row_in_which_a_text_came_first_is_known_however_many_came(
    given_texts: list[str], more: int
) -> None:
    table = FirstRows()
    expected: dict[str, int] = {}
    for row, text in enumerate([*given_texts, *(f"其他{n}" for n in range(more)), *given_texts], 1):
        assert table.first(text, row) == expected.setdefault(text, row)
    assert all(table.found(text) == row for text, row in expected.items())
    assert table.found("从未出现") is None
