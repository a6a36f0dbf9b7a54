"""The circuit breaker against a model of its states, and with real threads."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, rule

from indexer.errors import InvalidParameter, ServiceUnavailable
from indexer.search.elastic.breaker import Breaker, NotAsked

Call = tuple[AbstractContextManager[None], str, int]
REST = 5


def gone() -> ServiceUnavailable:
    return ServiceUnavailable("没有响应", "no answer")


def fail(breaker: Breaker) -> None:
    with pytest.raises(ServiceUnavailable), breaker.guard():
        raise gone()


class Model(RuleBasedStateMachine):
    """What the breaker should do: calls begin and end in any order while a clock goes on."""

    running = Bundle("running")

    @initialize(failures=st.integers(1, 4))
    def begin(self, failures: int) -> None:
        self.now = 100.0
        self.failures = failures
        self.breaker = Breaker(failures, REST, clock=lambda: self.now)
        self.state = "closed"
        self.since = 0.0
        self.bad = 0
        self.period = 0  # counts the states that there were
        self.trial = False

    def change(self, state: str) -> None:
        self.state, self.since, self.bad, self.trial = state, self.now, 0, False
        self.period += 1

    @rule(seconds=st.integers(0, 2 * REST))
    def wait(self, seconds: int) -> None:
        self.now += seconds

    @rule(target=running)
    def call(self) -> Call:
        guard = self.breaker.guard()
        resting = self.state == "open" and (self.trial or self.now < self.since + REST)
        if resting:
            with pytest.raises(NotAsked):
                guard.__enter__()
            return guard, "refused", -1
        guard.__enter__()
        self.trial = self.state == "open"
        return guard, self.state, self.period

    @rule(call=consumes(running))
    def succeed(self, call: Call) -> None:
        guard, state, period = call
        if state == "refused":
            return
        assert not guard.__exit__(None, None, None)
        if period == self.period:
            self.bad = 0
            if state == "open":
                self.change("closed")

    @rule(call=consumes(running))
    def break_down(self, call: Call) -> None:
        guard, state, period = call
        if state == "refused":
            return
        error = gone()
        assert not guard.__exit__(type(error), error, None)
        if period == self.period:
            self.bad += 1
            if state == "open" or self.bad == self.failures:
                self.change("open")

    @rule(
        call=consumes(running),
        error=st.sampled_from([InvalidParameter("q", "无", "no"), KeyboardInterrupt()]),
    )
    def say_nothing(self, call: Call, error: BaseException) -> None:
        guard, state, period = call
        if state == "refused":
            return
        assert not guard.__exit__(type(error), error, None)
        if period == self.period and state == "open":
            self.trial = False

    @invariant()
    def a_closed_breaker_bears_less_than_its_failures(self) -> None:
        if hasattr(self, "state") and self.state == "closed":
            assert self.bad < self.failures


Model.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
test_the_breaker_does_what_its_model_does = Model.TestCase


def test_it_opens_after_that_many_failures_in_a_row_and_not_before() -> None:
    breaker = Breaker(failures=3, clock=lambda: 0.0)
    for _ in range(2):
        fail(breaker)
    with breaker.guard():
        pass
    for _ in range(3):
        fail(breaker)
    with pytest.raises(NotAsked) as refused, breaker.guard():
        raise AssertionError("the block must not be entered")
    assert refused.value.status == 503


def test_only_the_chosen_errors_count() -> None:
    breaker = Breaker(failures=1, counts=(TimeoutError,), clock=lambda: 0.0)
    fail(breaker)
    with breaker.guard():
        pass
    with pytest.raises(TimeoutError), breaker.guard():
        raise TimeoutError
    with pytest.raises(NotAsked), breaker.guard():
        pass


def test_of_many_threads_one_tries_and_the_others_do_not_wait_for_it() -> None:
    now = [0.0]
    breaker = Breaker(failures=1, rest=5.0, clock=lambda: now[0])
    fail(breaker)
    now[0] = 5.0
    threads = 16
    together, asked, answer = threading.Barrier(threads), threading.Semaphore(0), threading.Event()

    def ask() -> str:
        together.wait(10)
        try:
            with breaker.guard():
                asked.release()
                answer.wait(10)
                return "answered"
        except NotAsked:
            return "refused"

    with ThreadPoolExecutor(threads) as pool:
        calls = [pool.submit(ask) for _ in range(threads)]
        assert asked.acquire(timeout=10)
        while (
            sum(call.done() for call in calls) < threads - 1
        ):  # those refused end while the trial still runs
            assert not asked.acquire(timeout=0.01)
        answer.set()
    assert sorted(call.result() for call in calls) == ["answered"] + ["refused"] * (threads - 1)
    with breaker.guard(), breaker.guard():  # closed again, for any number
        pass


def test_calls_that_hang_while_it_opens_neither_lengthen_the_rest_nor_close_it() -> None:
    now = [0.0]
    breaker = Breaker(failures=1, rest=5.0, clock=lambda: now[0])
    slow, lucky = breaker.guard(), breaker.guard()
    slow.__enter__()
    lucky.__enter__()
    fail(breaker)
    now[0] = 4.0
    late = gone()
    slow.__exit__(type(late), late, None)
    lucky.__exit__(None, None, None)
    with pytest.raises(NotAsked), breaker.guard():
        pass
    now[0] = 5.0
    with breaker.guard():
        pass
