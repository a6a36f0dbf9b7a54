"""Counting: in memory and in a real Valkey the same, and the same as a slow book of every request."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from redis import Redis

from indexer.keys.plans import Window, window
from portal import under_way
from portal.counters import PRUNE_FROM, Counters, Here, Shared

MINUTE, DAY = window("5/minute"), window("8/day")


@dataclass
class Hand:
    """A clock that the test sets."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Book:
    """The rule said the slow way: every request that was let in is kept, with the window that it fell into."""

    begun: dict[int, float] = field(default_factory=dict)
    let_in: list[tuple[float, int]] = field(default_factory=list)

    def take(self, windows: list[Window], cost: int, now: float) -> bool:
        starts = {}
        for each in windows:
            begun = self.begun.get(each.seconds)
            starts[each.seconds] = now if begun is None or now >= begun + each.seconds else begun
            used = sum(c for at, c in self.let_in if at >= starts[each.seconds] and begun is not None)
            if starts[each.seconds] == now and begun != now:
                used = 0
            if (used >= each.amount) if cost > each.amount else (used + cost > each.amount):
                return False
        self.begun = starts
        self.let_in.append((now, cost))
        return True


STEPS = st.lists(
    st.tuples(st.sampled_from([1, 1, 1, 2, 3, 7, 30]), st.sampled_from([0.5, 1, 2, 10, 59, 60, 61, 86400])),
    max_size=60,
)


@given(STEPS)
@settings(max_examples=300, deadline=None)
def test_counting_in_memory_lets_in_what_the_book_lets_in(steps: list[tuple[int, float]]) -> None:
    clock, book = Hand(), Book()
    here, windows = Here(clock), [MINUTE, DAY]
    for cost, passes in steps:
        assert here.take("x", windows, cost).allowed == book.take(windows, cost, clock.now)
        clock.now += passes


@pytest.fixture(params=["here", "shared"])
def counters(request: pytest.FixtureRequest) -> Counters:
    if request.param == "here":
        return Here()
    return Shared(Redis.from_url(request.getfixturevalue("redis_url")), slot_seconds=1.5)


def test_what_is_refused_costs_nothing_in_any_window(counters: Counters) -> None:
    me = uuid4().hex
    for _ in range(5):
        assert counters.take(me, [MINUTE, DAY]).allowed
    for _ in range(50):
        refused = counters.take(me, [MINUTE, DAY])
        assert not refused.allowed
        assert [(each.left, each.closed) for each in refused.windows] == [(0, True), (3, False)]


def test_what_does_not_fit_any_more_takes_nothing(counters: Counters) -> None:
    me = uuid4().hex
    counters.take(me, [MINUTE, DAY], 3)
    refused = counters.take(me, [MINUTE, DAY], 3)
    assert not refused.allowed
    assert [each.left for each in refused.windows] == [2, 5]
    assert counters.take(me, [MINUTE, DAY], 2).allowed


def test_what_costs_more_than_a_window_holds_closes_it_and_counts_whole_in_the_longer_one(
    counters: Counters,
) -> None:
    me, long = uuid4().hex, window("100/day")
    assert counters.take(me, [MINUTE, long]).allowed
    taken = counters.take(me, [MINUTE, long], 49, whole=50)
    assert taken.allowed
    assert [each.left for each in taken.windows] == [0, 50]
    assert not counters.take(me, [MINUTE, long]).allowed


def test_others_are_counted_apart(counters: Counters) -> None:
    me, other = uuid4().hex, uuid4().hex
    for _ in range(5):
        counters.take(me, [MINUTE])
    assert not counters.take(me, [MINUTE]).allowed
    assert counters.take(other, [MINUTE]).allowed


def test_after_the_seconds_that_it_says_it_lets_in_and_not_a_second_before(counters: Counters) -> None:
    me, short = uuid4().hex, [Window("second", 2, 2)]
    begun = time.monotonic()
    assert counters.take(me, short, 2).allowed
    time.sleep(0.3)
    refused = counters.take(me, short)
    assert refused.wait == 2
    asked = time.monotonic()
    time.sleep(max(0.0, asked + refused.wait - 1 - time.monotonic()))
    if time.monotonic() < begun + 1.9:  # a machine may stop for a while
        assert not counters.take(me, short).allowed
    time.sleep(max(0.0, asked + refused.wait - time.monotonic()))
    assert counters.take(me, short).allowed


def test_no_more_are_under_way_than_may_be(counters: Counters) -> None:
    me, wide = uuid4().hex, [window("100/day")]
    slots = [counters.take(me, wide, at_once=2) for _ in range(3)]
    assert [each.allowed for each in slots] == [True, True, False]
    assert slots[2].crowded
    assert slots[2].windows[0].left == 98
    counters.leave(me, slots[0].slot)
    assert counters.take(me, wide, at_once=2).allowed


def test_the_slots_of_a_process_that_was_killed_are_free_again(redis_url: str) -> None:
    me, wide = uuid4().hex, [window("100/day")]
    killed, other = (Shared(Redis.from_url(redis_url), slot_seconds=1.5) for _ in range(2))
    for _ in range(2):
        assert killed.take(me, wide, at_once=2).allowed
    _told_of(redis_url, me, 2)
    assert other.take(me, wide, at_once=2).crowded
    time.sleep(1.6)  # longer than a slot lasts, which the server's clock says
    assert other.take(me, wide, at_once=2).allowed


def _told_of(redis_url: str, visitor: str, requests: int) -> None:
    """Wait until the store counts so many requests of a visitor as under way."""
    store: Redis = Redis.from_url(redis_url)
    for _ in range(200):
        if store.zcard(f"zhixin:limits:{{{visitor}}}:slots") == requests:
            return
        time.sleep(0.005)
    raise AssertionError("the store was not told")


@pytest.mark.parametrize(
    "late", [0.02, 0.001]
)  # with the second, most end while the store is being told of them
def test_who_keeps_to_the_cap_is_never_refused_for_what_is_over(
    redis_url: str, monkeypatch: pytest.MonkeyPatch, late: float
) -> None:
    monkeypatch.setattr(under_way, "LATE", late)
    me, wide = uuid4().hex, [window("1000000/day")]
    processes = [Shared(Redis.from_url(redis_url)) for _ in range(4)]

    def ask(caller: int) -> list[bool]:
        crowded = []
        for turn in range(100):
            process = processes[(caller + turn) % 4]
            taken = process.take(me, wide, at_once=8)
            crowded.append(taken.crowded)
            time.sleep(late * 1.5 if turn % 10 == caller else 0.0)  # each is late now and then
            process.leave(me, taken.slot)
        return crowded

    with ThreadPoolExecutor(8) as callers:
        assert not any(each for refused in callers.map(ask, range(8)) for each in refused)
    _told_of(redis_url, me, 0)


def test_what_is_quick_is_counted_by_its_own_process(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(under_way, "LATE", 60)  # nothing is late here, however slow the machine
    me, wide = uuid4().hex, [window("100/day")]
    one, other = (Shared(Redis.from_url(redis_url)) for _ in range(2))
    for _ in range(20):
        one.leave(me, one.take(me, wide, at_once=1).slot)
    assert one.take(me, wide, at_once=1).allowed
    assert one.take(me, wide, at_once=1).crowded and other.take(me, wide, at_once=1).allowed
    assert not Redis.from_url(redis_url).exists(f"zhixin:limits:{{{me}}}:slots")


def test_what_takes_long_is_counted_by_all_processes(redis_url: str) -> None:
    me, wide = uuid4().hex, [window("100/day")]
    one, other = (Shared(Redis.from_url(redis_url)) for _ in range(2))
    slow = one.take(me, wide, at_once=1)
    _told_of(redis_url, me, 1)
    assert other.take(me, wide, at_once=1).crowded and one.take(me, wide, at_once=1).crowded
    one.leave(me, slow.slot)
    _told_of(redis_url, me, 0)
    assert other.take(me, wide, at_once=1).allowed


def test_memory_forgets_visitors_whose_windows_have_ended() -> None:
    clock = Hand()
    here = Here(clock)
    for number in range(PRUNE_FROM):
        here.take(str(number), [MINUTE])
    clock.now += 61
    for number in range(10):
        here.take(f"later {number}", [MINUTE])
    assert len(here._visitors) == 10


def test_a_store_forgets_a_visitor_with_its_longest_window(redis_url: str) -> None:
    store: Redis = Redis.from_url(redis_url)
    me = uuid4().hex
    Shared(store).take(me, [Window("second", 5, 1), MINUTE], at_once=3)
    _told_of(redis_url, me, 1)
    lasts = [store.pttl(key) for key in store.scan_iter(f"*{me}*")]
    assert len(lasts) == 2
    assert all(0 < each <= 120_000 for each in lasts)
