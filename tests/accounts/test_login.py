"""Logging in: what is told to whom, and brakes on guessing that lock out nobody but the guesser."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from statistics import median
from time import perf_counter

import pytest

from indexer.accounts import throttle
from indexer.accounts.audit import Act, Caller, Question, search
from indexer.accounts.login import Admitted, WrongPassword
from indexer.accounts.passwords import PasswordRefused, check, keep, right
from indexer.accounts.roles import Role
from indexer.accounts.second_step import WrongCode
from indexer.accounts.throttle import TooManyFailures
from indexer.register.database import filing
from tests.accounts.cast import PASSWORD, code, somebody
from tests.accounts.conftest import ELSEWHERE, HOME, Office

MAIL = "one@firm.example"


def log_in(
    office: Office, password: str = PASSWORD, caller: Caller = HOME, known: str = "", mail: str = MAIL
) -> Admitted:
    return office.accounts.login.with_password(caller, mail, password, known, "test")


def fail(office: Office, times: int, caller: Caller = HOME, known: str = "", mail: str = MAIL) -> None:
    for _ in range(times):
        with pytest.raises(WrongPassword):
            log_in(office, "a wrong password", caller, known, mail)


@pytest.mark.parametrize(
    "password",
    [
        "short one",
        "password1234",
        "123456789012",
        "qwertyuiopasdf",
        "aaaaaaaaaaaaaaaa",
        "zhixinzhixin",
        "liming@firm.example",
        "firmfirmfirm",
        "x" * 129,
    ],
)
def test_a_password_that_others_would_guess_is_refused(password: str) -> None:
    with pytest.raises(PasswordRefused):
        check(password, "liming@firm.example")


@pytest.mark.parametrize(
    "password", ["seven green bicycles leave", "三号码头的旧灯塔会唱歌吗", "kT9#vq2!Lm5@"]
)
def test_a_long_password_of_ones_own_is_taken_in_any_script(password: str) -> None:
    check(password, MAIL)
    assert right(keep(password), password)


def test_a_password_typed_on_another_keyboard_is_the_same() -> None:
    assert right(keep("ｓeven green bicycles"), "seven green bicycles")
    assert keep(PASSWORD).startswith("$argon2id$")


def test_who_can_not_log_in_is_told_the_same_whatever_the_reason(office: Office) -> None:
    somebody(office.accounts, MAIL)
    disabled = somebody(office.accounts, "gone@firm.example")
    office.accounts.people.switch(HOME, disabled.account, "disabled")
    said = []
    for mail, password in (
        (MAIL, "a wrong password"),
        ("nobody@firm.example", PASSWORD),
        (disabled.mail, PASSWORD),
    ):
        with pytest.raises(WrongPassword) as error:
            log_in(office, password, mail=mail)
        said.append((error.value.zh, error.value.status))
    assert len(set(said)) == 1


def test_an_unknown_account_takes_as_long_as_a_wrong_password(office: Office) -> None:
    somebody(office.accounts, MAIL)

    def seconds(mail: str) -> float:
        start = perf_counter()
        fail(office, 1, mail=mail)
        return perf_counter() - start

    fail(office, 1, mail="warm@firm.example")
    known, unknown = (
        median(seconds(MAIL) for _ in range(3)),
        median(seconds("no@firm.example") for _ in range(3)),
    )
    assert 1 / 3 < known / unknown < 3  # without the work for nobody it would be a hundredth


def test_a_guesser_is_held_up_for_longer_and_longer(office: Office) -> None:
    somebody(office.accounts, MAIL)
    fail(office, throttle.STRANGER.free)
    waits = []
    for _ in range(3):
        with pytest.raises(TooManyFailures) as error:
            log_in(office)  # even with the right password
        waits.append(error.value.wait)
        office.wait(seconds=error.value.wait.total_seconds() + 1)
        fail(office, 1)
    assert waits == [timedelta(seconds=30), timedelta(minutes=1), timedelta(minutes=2)]


def test_a_guesser_does_not_lock_the_owner_out(office: Office) -> None:
    somebody(office.accounts, MAIL)
    known = log_in(office).browser
    assert known is not None
    fail(office, throttle.STRANGER.free, ELSEWHERE)
    with pytest.raises(TooManyFailures):
        log_in(office, caller=ELSEWHERE)
    assert log_in(office).browser  # another network
    assert (
        log_in(office, caller=ELSEWHERE, known=known).browser == known
    )  # a known browser, behind the guesser's network


def test_all_strangers_together_have_a_limit_and_the_known_browser_none_of_it(office: Office) -> None:
    somebody(office.accounts, MAIL)
    known = log_in(office).browser or ""
    with filing(office.accounts.engine, 1) as connection:
        for _ in range(throttle.STRANGERS.free):
            counter = throttle.Counter(throttle.STRANGERS, (MAIL,))
            throttle.attempt(connection, [counter], office.clock.now())
    with pytest.raises(TooManyFailures):
        log_in(office, caller=Caller(network="203.0.113.9"))
    assert log_in(office, known=known).browser == known


def test_one_network_at_many_accounts_is_held_up(office: Office) -> None:
    with filing(office.accounts.engine, 1) as connection:
        counter = throttle.Counter(throttle.NETWORK, (ELSEWHERE.network,))
        for _ in range(throttle.NETWORK.free):
            throttle.attempt(connection, [counter], office.clock.now())
    somebody(office.accounts, MAIL)
    with pytest.raises(TooManyFailures):
        log_in(office, caller=ELSEWHERE)
    assert log_in(office).browser


def test_guesses_sent_at_once_count_each(office: Office) -> None:
    somebody(office.accounts, MAIL)

    def guess(_: int) -> str:
        try:
            log_in(office, "a wrong password")
        except (WrongPassword, TooManyFailures) as error:
            return error.code
        return "in"

    with ThreadPoolExecutor(8) as threads:
        said = list(threads.map(guess, range(12)))
    assert said.count("wrong-password") == throttle.STRANGER.free


def test_the_known_browser_of_one_is_not_that_of_another(office: Office) -> None:
    somebody(office.accounts, MAIL)
    other = somebody(office.accounts, "other@firm.example")
    known = log_in(office, mail=other.mail).browser or ""
    fail(office, throttle.STRANGER.free, ELSEWHERE)
    with pytest.raises(TooManyFailures):
        log_in(office, caller=ELSEWHERE, known=known)
    office.wait(hours=2)
    assert log_in(office, known=known).browser != known


def test_with_two_steps_the_password_alone_opens_nothing(office: Office) -> None:
    accounts = office.accounts
    somebody(accounts, MAIL, Role.OPERATOR)
    half = log_in(office)
    assert half.browser is None
    assert accounts.sessions.person(half.token) is None
    whole = accounts.login.with_code(HOME, half.token, code(accounts), "")
    assert whole is not None and whole.token != half.token
    found = accounts.sessions.person(whole.token)
    assert found is not None and found.mail == MAIL
    assert accounts.login.with_code(HOME, half.token, code(accounts), "") is None  # that log-in is over


def test_a_code_is_taken_once(office: Office) -> None:
    accounts = office.accounts
    somebody(accounts, MAIL, Role.OPERATOR)
    first, second = log_in(office), log_in(office)
    now = code(accounts)
    assert accounts.login.with_code(HOME, first.token, now, "")
    with pytest.raises(WrongCode):
        accounts.login.with_code(HOME, second.token, now, "")
    office.wait(seconds=30)
    assert accounts.login.with_code(HOME, second.token, code(accounts), "")


def test_a_code_of_two_minutes_ago_is_too_old(office: Office) -> None:
    accounts = office.accounts
    somebody(accounts, MAIL, Role.OPERATOR)
    old, half = code(accounts), log_in(office)
    office.wait(minutes=2)
    with pytest.raises(WrongCode):
        accounts.login.with_code(HOME, half.token, old, "")


def test_codes_can_not_be_tried_through(office: Office) -> None:
    accounts = office.accounts
    somebody(accounts, MAIL, Role.OPERATOR)
    half = log_in(office)
    for _ in range(throttle.CODE.free):
        with pytest.raises(WrongCode):
            accounts.login.with_code(HOME, half.token, "000000", "")
    with pytest.raises(TooManyFailures):
        accounts.login.with_code(HOME, half.token, code(accounts), "")


def test_a_recovery_code_opens_once(office: Office) -> None:
    accounts = office.accounts
    someone = somebody(accounts, MAIL, Role.OPERATOR)
    codes = accounts.second_step.new_codes(HOME, someone.account)
    assert len(set(codes)) == 10
    assert accounts.login.with_code(HOME, log_in(office).token, codes[0].lower(), "")
    with pytest.raises(WrongCode):
        accounts.login.with_code(HOME, log_in(office).token, codes[0], "")
    assert accounts.second_step.codes_left(someone.account) == 9


def test_log_ins_and_failures_are_written_down(office: Office) -> None:
    someone = somebody(office.accounts, MAIL)
    fail(office, 1, ELSEWHERE)
    log_in(office)
    found = search(office.accounts.engine, Question(about=f"account:{someone.account}"), 2)
    assert [(entry.act, entry.mail, entry.network) for entry in found] == [
        (Act.LOGGED_IN, MAIL, HOME.network),
        (Act.LOGIN_FAILED, None, ELSEWHERE.network),
    ]
