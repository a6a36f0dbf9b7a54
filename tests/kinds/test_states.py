"""Effective states, day by day (domain.md 2.2)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.kinds import kinds
from indexer.kinds.base import State

BEGIN, END = date(2023, 3, 1), date(2026, 2, 28)
PERIOD_KINDS = ("certificate", "licence", "institution", "rating", "brand", "practitioner")
days = st.dates(date(2020, 1, 1), date(2030, 12, 31))


def on(
    kind: str, day: date, *states: State, begin: date | None = BEGIN, end: date | None = END
) -> str | None:
    return kinds()[kind].status_on(states, begin, end, day)


@pytest.mark.parametrize("kind", PERIOD_KINDS)
def test_the_last_day_is_valid_and_the_day_after_is_not(kind: str) -> None:
    assert on(kind, END) == "valid"
    assert on(kind, END + timedelta(days=1)) == "expired"


@pytest.mark.parametrize("kind", PERIOD_KINDS)
def test_the_first_day_is_valid_and_the_day_before_is_not(kind: str) -> None:
    assert on(kind, BEGIN) == "valid"
    assert on(kind, BEGIN - timedelta(days=1)) == "not_yet_valid"


def test_a_certificate_until_the_leap_day_is_valid_on_it() -> None:
    leap = date(2024, 2, 29)
    assert on("certificate", leap, end=leap) == "valid"
    assert on("certificate", date(2024, 3, 1), end=leap) == "expired"


def test_without_a_last_day_nothing_expires() -> None:
    assert on("licence", date(2090, 1, 1), end=None) == "valid"


def test_a_suspension_ends_and_stays_in_history() -> None:
    states = (State(None, "valid"), State(date(2024, 5, 1), "suspended"), State(date(2024, 8, 1), "valid"))
    assert on("certificate", date(2024, 4, 30), *states) == "valid"
    assert on("certificate", date(2024, 5, 1), *states) == "suspended"
    assert on("certificate", date(2024, 7, 31), *states) == "suspended"
    assert on("certificate", date(2024, 8, 1), *states) == "valid"


def test_a_suspended_certificate_expires_all_the_same() -> None:
    assert on("certificate", END + timedelta(days=1), State(date(2025, 1, 1), "suspended")) == "expired"


def test_a_final_state_wins_over_the_calendar_from_its_day_on() -> None:
    revoked = State(date(2025, 6, 1), "revoked")
    assert on("certificate", date(2025, 5, 31), revoked) == "valid"
    assert on("certificate", date(2025, 6, 1), revoked) == "revoked"
    assert on("certificate", END + timedelta(days=400), revoked) == "revoked"


def test_a_final_state_without_a_day_holds_from_the_start() -> None:
    assert on("certificate", BEGIN, State(None, "cancelled")) == "cancelled"


def test_the_acts_that_end_a_licence_stay_apart() -> None:
    ends = {
        on("licence", date(2026, 1, 1), State(date(2025, 6, 1), act))
        for act in ("revoked", "forfeited", "cancelled")
    }
    assert ends == {"revoked", "forfeited", "cancelled"}
    words = kinds()["licence"].statuses
    assert [term.code for word in ("撤销", "吊销", "注销", "撤回") if (term := words.find(word))] == [
        "revoked",
        "forfeited",
        "cancelled",
        "withdrawn",
    ]


@given(day=days, begin=st.none() | days, end=st.none() | days, since=st.none() | days)
def test_from_its_day_a_final_state_never_ends(
    day: date, begin: date | None, end: date | None, since: date | None
) -> None:
    status = kinds()["certificate"].status_on([State(since, "revoked")], begin, end, day)
    assert (status == "revoked") == (since is None or since <= day)


def test_a_listing_is_in_force_from_entry_to_its_last_day() -> None:
    assert on("listing", BEGIN - timedelta(days=1)) is None
    assert on("listing", BEGIN) == "listed"
    assert on("listing", END) == "listed"
    assert on("listing", END + timedelta(days=1)) == "expired"


def test_a_removed_listing_counts_until_the_day_before_its_removal() -> None:
    removed = State(date(2024, 9, 1), "removed")
    assert on("listing", date(2024, 8, 31), removed) == "listed"
    assert on("listing", date(2024, 9, 1), removed) == "removed"
    assert on("listing", END + timedelta(days=1), removed) == "removed"


def test_a_policy_is_in_force_through_its_last_day_and_keeps_how_it_ended() -> None:
    lapsed = date(2020, 12, 31)
    repealed = State(lapsed, "repealed")
    assert on("policy", date(2019, 12, 31), begin=date(2020, 1, 1), end=lapsed) == "not_yet_in_force"
    assert on("policy", lapsed, begin=None, end=lapsed) == "in_force"
    assert on("policy", date(2021, 1, 1), begin=None, end=lapsed) == "lapsed"
    assert on("policy", lapsed, repealed, begin=None, end=lapsed) == "in_force"
    assert on("policy", date(2021, 1, 1), repealed, begin=None, end=lapsed) == "repealed"
    assert on("policy", date(2021, 1, 1), State(None, "lapsed"), begin=None, end=None) == "lapsed"
    assert on("policy", date(2021, 1, 1), begin=None, end=None) == "in_force"


def test_an_enterprise_whose_licence_was_revoked_can_still_be_deregistered() -> None:
    words = kinds()["enterprise"].statuses
    assert not words["revoked"].final
    assert words["cancelled"].final
    history = (State(date(2020, 1, 1), "revoked"), State(date(2024, 1, 1), "cancelled"))
    assert on("enterprise", date(2023, 12, 31), *history, end=None) == "revoked"
    assert on("enterprise", date(2024, 1, 1), *history, end=None) == "cancelled"
    assert on("enterprise", date(2019, 12, 31), *history, end=None) == "active"


def test_kinds_without_states_have_none() -> None:
    assert on("inspection", date(2026, 1, 1)) is None
    assert on("alert", date(2026, 1, 1)) is None
    assert on("penalty", date(2026, 1, 1)) == "in_force"
