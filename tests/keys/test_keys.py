"""Keys: nobody has one who does not read the letters of its address; it is shown once, and ends when it is said to end."""

import re
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from indexer.accounts.audit import Caller
from indexer.accounts.links import LinkEnded
from indexer.accounts.people import Conflict
from indexer.clock import day_of
from indexer.errors import InvalidParameter, NotFound
from indexer.keys.asking import MOST
from indexer.keys.keeping import DayOfUse
from indexer.keys.tokens import ALPHABET, is_key, new_key
from indexer.retention import retain
from tests.keys.conftest import MAIL, NETWORK, SITE, Ring

ADMIN = Caller(network="command")


def test_a_key_has_a_form_that_scanners_know_and_can_check() -> None:
    made = {new_key() for _ in range(200)}
    assert len(made) == 200
    for key in made:
        assert re.fullmatch(r"zhixin_[0-9A-Za-z]{36}", key)
        assert is_key(key)


@given(st.integers(7, 42), st.sampled_from(ALPHABET))
def test_a_slip_in_a_key_shows_without_asking_the_database(place: int, other: str) -> None:
    key = new_key()
    slipped = key[:place] + other + key[place + 1 :]
    assert is_key(slipped) == (slipped == key)


@given(st.text(max_size=60))
def test_no_other_text_is_a_key(said: str) -> None:
    assert not is_key(said)
    assert not is_key(f"zhixin_{said}") or len(said) == 36


def test_a_key_is_given_to_who_reads_the_letters_of_the_address_and_once(ring: Ring) -> None:
    token = ring.ask()
    opened = ring.keys.opened(token)
    assert (opened.mail, opened.name, opened.plan, opened.state) == (MAIL, "采购系统", "basic", "asked")
    given = ring.keys.confirm(NETWORK, token)
    assert given.secret is not None
    holder = ring.use.holder(given.secret)
    assert holder is not None
    assert (holder.key, holder.plan, holder.scopes) == (given.key, "basic", ("read",))
    for again in (ring.keys.opened, lambda each: ring.keys.confirm(NETWORK, each)):
        with pytest.raises(LinkEnded):
            again(token)
    assert ring.acts(given.key) == ["key-asked", "key-issued"]


def test_nothing_that_opens_something_stands_in_the_database(ring: Ring) -> None:
    _, secret = ring.give()
    token = ring.own()
    with ring.engine.connect() as connection:
        for table in ("api_key", "api_secret", "api_key_link", "audit", "letter"):
            rows = str(connection.execute(text(f"SELECT * FROM {table}")).all())
            assert rows != "[]"
            assert secret not in rows
            assert token not in rows


def test_a_letter_says_no_word_that_a_stranger_typed(ring: Ring) -> None:
    ring.ask()
    [said] = ring.letters("key-confirm")
    assert "采购系统" not in said
    assert "资质" not in said
    assert f"{SITE}/keys/open/" in said


def test_a_confirmation_ends_after_a_day(ring: Ring) -> None:
    token = ring.ask()
    ring.pass_time(hours=24)
    with pytest.raises(LinkEnded):
        ring.keys.confirm(NETWORK, token)


def test_a_plan_that_is_approved_gives_its_key_only_then(ring: Ring) -> None:
    waiting = ring.keys.confirm(NETWORK, ring.ask("partner", ("read", "exchange")))
    assert waiting.secret is None
    assert ring.one(waiting.key).state == "waiting"
    ring.keys.decide(ADMIN, waiting.key, True, "")
    given = ring.keys.confirm(NETWORK, ring.link("key-granted"))
    assert given.secret is not None
    holder = ring.use.holder(given.secret)
    assert holder is not None
    assert holder.scopes == ("read", "exchange")
    with pytest.raises(Conflict):
        ring.keys.decide(ADMIN, waiting.key, False, "too late")
    assert ring.acts(given.key) == ["key-asked", "key-confirmed", "key-decided", "key-issued"]


def test_a_key_that_is_refused_says_why_and_is_never_given(ring: Ring) -> None:
    waiting = ring.keys.confirm(NETWORK, ring.ask("partner"))
    with pytest.raises(InvalidParameter, match="理由"):
        ring.keys.decide(ADMIN, waiting.key, False, " ")
    ring.keys.decide(ADMIN, waiting.key, False, "用途不清楚")
    assert "用途不清楚" in ring.letters("key-refused")[0]
    assert ring.one(waiting.key).state == "refused"


@pytest.mark.parametrize(
    ("wrong", "values"),
    [
        ("mail", ("nobody", "名", "核对投标人的资质", "basic", ["read"])),
        ("name", (MAIL, " ", "核对投标人的资质", "basic", ["read"])),
        ("name", (MAIL, "名" * 61, "核对投标人的资质", "basic", ["read"])),
        ("purpose", (MAIL, "名", "查", "basic", ["read"])),
        ("plan", (MAIL, "名", "核对投标人的资质", "anonymous", ["read"])),
        ("scopes", (MAIL, "名", "核对投标人的资质", "basic", [])),
        ("scopes", (MAIL, "名", "核对投标人的资质", "basic", ["exchange"])),
        ("scopes", (MAIL, "名", "核对投标人的资质", "basic", ["read", "all"])),
    ],
)
def test_what_can_not_be_asked_for_is_refused_by_name(
    ring: Ring, wrong: str, values: tuple[str, str, str, str, list[str]]
) -> None:
    with pytest.raises(InvalidParameter) as caught:
        ring.keys.wanted(*values)
    assert caught.value.where == wrong


def test_letters_that_anybody_can_cause_are_few(ring: Ring) -> None:
    wanted = ring.keys.wanted(MAIL, "名", "核对投标人的资质", "basic", ["read"])
    for _ in range(10):
        ring.keys.ask(NETWORK, wanted)
        ring.keys.ask_own(NETWORK, MAIL)
    assert 1 <= len(ring.letters("key-confirm")) <= 4


def test_an_address_has_ten_keys_at_most(ring: Ring) -> None:
    for _ in range(MOST + 2):
        ring.ask()
    assert len(ring.letters("key-confirm")) == MOST


def test_a_rotation_lets_the_former_key_count_for_its_overlap(ring: Ring) -> None:
    key, first = ring.give()
    second = ring.keys.rotate(NETWORK, ring.own(), key, "day")
    assert second != first
    assert ring.use.holder(first) == ring.use.holder(second)
    assert [each.hint for each in ring.one(key).secrets] == [second[-4:], first[-4:]]
    ring.pass_time(hours=24)
    assert ring.use.holder(first) is None
    assert ring.use.holder(second) is not None


def test_a_second_rotation_never_makes_an_older_key_count_longer(ring: Ring) -> None:
    key, first = ring.give()
    token = ring.own()
    second = ring.keys.rotate(NETWORK, token, key, "none")
    assert ring.use.holder(first) is None
    third = ring.keys.rotate(NETWORK, token, key, "week")
    assert ring.use.holder(first) is None
    assert ring.use.holder(second) is not None
    assert ring.use.holder(third) is not None


def test_what_is_revoked_is_refused_by_every_process_from_the_next_request_on(ring: Ring) -> None:
    from indexer.keys.using import Use
    from indexer.register.database import connect

    key, secret = ring.give()
    other_process = Use(connect(ring.engine.url.render_as_string(hide_password=False)), ring.clock)
    assert other_process.holder(secret) is not None
    ring.keys.end_own(NETWORK, ring.own(), key)
    assert other_process.holder(secret) is None
    assert ring.use.holder(secret) is None
    other_process.engine.dispose()
    with pytest.raises(Conflict):
        ring.keys.revoke(ADMIN, key, "again")
    assert ring.acts(key)[-1] == "key-revoked"
    assert "已吊销" in ring.letters("key-changed")[-1]


def test_a_key_ends_by_itself(ring: Ring) -> None:
    key, secret = ring.give()
    ends = ring.one(key).ends_at
    assert ends is not None
    assert ends - ring.clock.now() == timedelta(days=365)
    ring.clock.instant = ends - timedelta(seconds=1)
    assert ring.use.holder(secret) is not None
    ring.clock.instant = ends
    assert ring.use.holder(secret) is None
    assert ring.one(key).ended


def test_a_link_opens_the_keys_of_its_own_address_and_for_an_hour(ring: Ring) -> None:
    key, _ = ring.give()
    other = ring.keys.confirm(NETWORK, ring.ask(mail="other@firm.example"))
    token = ring.own()
    mail, held = ring.keys.own(token)
    assert (mail, [each.id for each in held]) == (MAIL, [key])
    with pytest.raises(NotFound):
        ring.keys.rotate(NETWORK, token, other.key, "none")
    with pytest.raises(NotFound):
        ring.keys.end_own(NETWORK, token, other.key)
    ring.pass_time(hours=1)
    with pytest.raises(LinkEnded):
        ring.keys.own(token)


def test_an_address_without_keys_gets_no_letter(ring: Ring) -> None:
    ring.keys.ask_own(NETWORK, "stranger@firm.example")
    assert ring.letters("keys") == []


def test_another_plan_takes_scopes_away_that_it_does_not_have(ring: Ring) -> None:
    waiting = ring.keys.confirm(NETWORK, ring.ask("partner", ("checks", "exchange")))
    ring.keys.change_plan(ADMIN, waiting.key, "basic")
    found = ring.one(waiting.key)
    assert (found.plan, found.scopes) == ("basic", ("checks",))
    with pytest.raises(InvalidParameter):
        ring.keys.change_plan(ADMIN, waiting.key, "gold")
    assert ring.acts(waiting.key)[-1] == "key-plan-changed"


def test_use_is_shown_by_day_of_shanghai(ring: Ring) -> None:
    key, _ = ring.give()
    today = day_of(ring.clock.now())
    ring.use.count(key, 1, refused=False)
    ring.use.count(key, 500, refused=False)
    ring.use.write()
    ring.use.count(key, 1, refused=True)
    ring.pass_time(days=1)
    ring.use.count(key, 2, refused=False)
    ring.use.stop()
    tomorrow = today + timedelta(days=1)
    assert list(ring.one(key).use) == [DayOfUse(tomorrow, 1, 2, 0), DayOfUse(today, 2, 501, 1)]
    assert ring.one(key).used_at == ring.clock.now()


def test_what_is_over_goes_and_what_counts_stays(ring: Ring) -> None:
    unconfirmed, (kept, secret) = ring.ask(), ring.give()
    ended, _ = ring.give()
    ring.use.count(ended, 1, refused=False)
    ring.use.count(kept, 1, refused=False)
    ring.use.stop()
    ring.keys.end_own(NETWORK, ring.own(), ended)
    ring.pass_time(days=360)
    removed = {done.rule: done.removed for done in retain(ring.accounts)}
    assert removed["retention.key_asked"] == 1
    assert removed["retention.key_link"] >= 3
    assert removed["retention.key_use"] == removed["retention.key"] == 0
    assert ring.use.holder(secret) is not None
    with pytest.raises(LinkEnded):
        ring.keys.opened(unconfirmed)
    ring.pass_time(days=800)
    removed = {done.rule: done.removed for done in retain(ring.accounts)}
    assert removed["retention.key_use"] == 2
    assert removed["retention.key"] == 1
    with pytest.raises(NotFound):
        ring.one(ended)
    assert ring.one(kept).state == "live"
