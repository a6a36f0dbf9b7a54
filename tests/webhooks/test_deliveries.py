"""Changes reach their receivers: signed, in order, at least once, and never saying what has been hidden since."""

import json
from datetime import timedelta
from random import Random
from typing import Any

import orjson
import pytest
from sqlalchemy import select

from indexer.accounts.models import AuditEntry, Letter
from indexer.errors import InvalidParameter, NotFound
from indexer.feed import recording
from indexer.feed.recording import record
from indexer.register.database import writing
from indexer.register.repairing import set_repaired
from indexer.register.withdrawing import withdraw
from indexer.webhooks import delivering
from indexer.webhooks.delivering import FIRST_WAIT, LONGEST_WAIT, wait_after
from indexer.webhooks.models import Delivery
from indexer.webhooks.models import Receiver as Row
from indexer.webhooks.receivers import Wish
from portal.api.change_views import written
from tests.feed.playing import programs
from tests.register.conftest import row, uscc
from tests.webhooks.conftest import BY, HOST, Listening, Office, OpenOffice

BOTH = pytest.mark.parametrize("open_office", ["sqlite", "postgresql"], indirect=True)
FIRM = "示例甲有限公司"


def certificates(office: Office, *numbers: str, code: str = uscc(1), **values: Any) -> None:
    """Publish certificates of a firm."""
    office.desk.publish(
        "certificate", [row(at, FIRM, code, number=each, **values) for at, each in enumerate(numbers, 2)]
    )


def listing(office: Office, name: str, number: str) -> None:
    """Put a firm on a list."""
    values: Any = {"list": name, "listed_on": "2026-02-01", "document_number": number, "scheme": "示例名单"}
    if name != "red":
        values |= {"status": "listed", "subject_kind": "organisation"}
    assert office.desk.publish("listing", [row(2, FIRM, uscc(2), **values)]) == []


def changes(messages: list[Any]) -> list[tuple[int, str]]:
    """The numbers and kinds of change of some messages, in their order."""
    assert {each["type"] for each in messages} <= {"register.changes"}
    return [(each["number"], each["what"]) for message in messages for each in message["data"]["changes"]]


def verifier() -> Any:
    """The program of the documents that verifies a message."""
    [source] = [each for each in programs() if "def verified" in each]
    found: dict[str, Any] = {}
    exec(source, found)  # noqa: S102  the document's own program
    return found


@BOTH
def test_changes_arrive_in_order_and_once(open_office: OpenOffice, listening: Listening) -> None:
    office, catcher = open_office(form=written), listening()
    certificates(office, "示例-0")
    record(office.desk.register)
    office.registered(catcher)  # what was public before is no news
    certificates(office, *(f"示例-{at}" for at in range(1, 46)))
    assert office.work() == 3
    messages = catcher.taken()
    assert changes(messages) == [(number, "added") for number in range(2, 47)]
    first = messages[0]["data"]["changes"][0]
    assert first["record"]["number"] == "示例-1" and first["subject"] == uscc(1)
    certificates(office, "示例-1", scope="新")
    withdraw(office.desk.engine, office.desk.clock, 1, "有误")
    office.work()
    assert changes(catcher.taken()) == [(47, "changed"), (48, "removed")]
    assert office.work() == 0 and catcher.caught == []


def test_the_document_s_program_verifies_and_refuses_what_is_forged_or_old(
    office: Office, listening: Listening
) -> None:
    catcher, verified = listening(), verifier()["verified"]
    _, secret = office.receivers.register(BY, Wish(catcher.url(), "示例", "ops@firm.example"))
    office.work()
    [(_, headers, body)] = catcher.caught
    now = office.desk.clock.now().timestamp()
    assert verified(secret, headers, body, now)
    assert verified(secret, headers, body, now + 299)
    assert not verified(secret, headers, body, now + 302) and not verified(secret, headers, body, now - 302)
    assert not verified(secret, headers, body + b" ", now)
    assert not verified("whsec_" + "A" * 44, headers, body, now)
    for name in ("webhook-id", "webhook-timestamp", "webhook-signature"):
        assert not verified(secret, {**headers, name: headers[name][:-2] + "99"}, body, now)
        assert not verified(secret, {k: v for k, v in headers.items() if k != name}, body, now)


def test_signatures_are_those_of_the_specification() -> None:
    # The example that the specification and its libraries share.
    from indexer.webhooks.signing import signature

    secret, message = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek"
    assert signature(secret, message, 1614265330, b'{"test": 2432232314}') == (
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    )


def test_a_message_that_comes_twice_is_done_once(office: Office, listening: Listening) -> None:
    import sqlite3
    from contextlib import closing

    take_in, done = verifier()["take_in"], []
    with closing(sqlite3.connect(":memory:")) as store:
        for _ in range(2):
            take_in(store, "msg_1", [1, 2], lambda _, each: done.append(each))
    assert done == [1, 2]


def test_after_a_rotation_both_secrets_sign_for_a_day(office: Office, listening: Listening) -> None:
    catcher, verified = listening(), verifier()["verified"]
    receiver, old = office.registered(catcher)
    new = office.receivers.rotate(BY, receiver)
    for hours, holding in ((1, (True, True)), (25, (False, True))):
        office.desk.clock.instant += timedelta(hours=hours)
        office.receivers.test(BY, receiver)
        office.work()
        [(_, headers, body)] = catcher.caught
        now = office.desk.clock.now().timestamp()
        assert tuple(verified(each, headers, body, now) for each in (old, new)) == holding
        catcher.caught.clear()


def test_a_copy_of_the_database_gives_no_secret(open_office: OpenOffice, listening: Listening) -> None:
    office = open_office()
    _, secret = office.registered(listening())
    with office.desk.engine.connect() as connection:
        [kept] = connection.scalars(select(Row.secret))
        audited = connection.execute(select(AuditEntry.before, AuditEntry.after)).all()
    assert secret.removeprefix("whsec_") not in kept and secret not in str(audited)
    assert office.receivers.seal.open(kept) == secret


def test_what_is_not_taken_comes_again_the_same_later_and_later(office: Office, listening: Listening) -> None:
    catcher = listening()
    office.registered(catcher)
    catcher.say(503)
    certificates(office, "示例-1")
    assert office.work() == 1
    assert office.work() == 0  # not at once
    certificates(office, "示例-2")
    office.desk.clock.instant -= timedelta(hours=1)
    assert office.work() == 0  # the next waits for the one before
    for seconds in (7, 26, 101):
        assert office.later(seconds=seconds) == 1
    ids = [headers["webhook-id"] for _, headers, _ in catcher.caught]
    stamps = [headers["webhook-timestamp"] for _, headers, _ in catcher.caught]
    assert len(ids) == 4 and len(set(ids)) == 1 and len(set(stamps)) == 4
    catcher.caught.clear()
    catcher.say(200)
    office.later(minutes=10)
    assert changes(catcher.taken()) == [(1, "added"), (2, "added")]


def test_waits_grow_by_four_to_six_hours_and_vary() -> None:
    chance = Random(1)
    waits = [[wait_after(tries, chance).total_seconds() for _ in range(50)] for tries in range(1, 40)]
    for tries, some in enumerate(waits):
        plain = min(FIRST_WAIT * 4**tries, LONGEST_WAIT)
        assert plain * 0.75 <= min(some) < max(some) <= plain * 1.25


def test_after_five_days_it_is_stopped_with_a_letter_and_resumed_it_misses_nothing(
    office: Office, listening: Listening
) -> None:
    catcher = listening()
    receiver, _ = office.registered(catcher)
    catcher.say(500)
    certificates(office, "示例-1")
    office.work()
    for _ in range(30):
        office.later(hours=8)
        if office.receivers.one(receiver).state == "stopped":
            break
    found = office.receivers.one(receiver)
    assert found.state == "stopped" and found.stopped_at is not None and found.failing_since is not None
    assert timedelta(days=5) <= found.stopped_at - found.failing_since < timedelta(days=6)
    with office.desk.engine.connect() as connection:
        [letter] = connection.execute(select(Letter)).all()
    assert (letter.mail, letter.kind) == ("ops@firm.example", "webhook-stopped")
    text = json.loads(office.accounts.mailbox.seal.open(letter.content) or "")["text"]
    assert catcher.url() in text and "5 天" in text
    catcher.caught.clear()
    catcher.say(204)
    certificates(office, "示例-2")
    assert office.later(days=3) == 0
    office.receivers.resume(BY, receiver)
    office.work()
    test, *rest = catcher.taken()
    assert test["type"] == "register.test" and changes(rest) == [(1, "added"), (2, "added")]


def test_a_receiver_that_says_gone_is_stopped_at_once(office: Office, listening: Listening) -> None:
    catcher = listening()
    receiver, _ = office.registered(catcher)
    catcher.say(410)
    certificates(office, "示例-1")
    office.work()
    assert office.receivers.one(receiver).state == "stopped"


def test_nothing_but_the_test_goes_to_who_has_not_taken_it(office: Office, listening: Listening) -> None:
    catcher = listening()
    catcher.say(404)
    receiver, _ = office.receivers.register(BY, Wish(catcher.url(), "示例", "ops@firm.example"))
    certificates(office, "示例-1")
    office.work()
    office.later(minutes=1)
    assert {each["type"] for each in catcher.taken()} == {"register.test"}
    catcher.say(200)
    office.later(minutes=10)
    assert [each["type"] for each in catcher.taken()] == ["register.test", "register.changes"]
    assert office.receivers.one(receiver).state == "active"


def test_a_late_try_does_not_tell_what_was_hidden_meanwhile(
    open_office: OpenOffice, listening: Listening
) -> None:
    office, catcher = open_office(form=written), listening()
    office.registered(catcher)
    catcher.say(500)
    values: Any = {
        "document_number": "示例〔2026〕1号",
        "cause": "示例案由",
        "kinds": "罚款",
        "decided_on": "2026-01-10",
    }
    values |= {"subject_kind": "法人及非法人组织", "content": "罚款", "fine": "500000"}
    office.desk.publish("penalty", [row(2, FIRM, uscc(1), **values)])
    office.work()
    [message] = catcher.taken()
    [told] = message["data"]["changes"]
    assert told["record"]["fields"]["cause"] == "示例案由"
    with writing(office.desk.engine) as connection:
        set_repaired(connection, office.desk.clock, told["id"], "已修复")
    catcher.say(200)
    assert office.deliveries.work() == 0
    office.desk.clock.instant += timedelta(seconds=10)
    office.deliveries.work()  # before the recorder has seen the repair
    [(_, _, body)] = catcher.caught
    [late] = orjson.loads(body)["data"]["changes"]
    assert late | {"position": ""} == {
        **dict.fromkeys(("kind", "subject", "record")),
        "id": told["id"],
        "number": 1,
        "what": "removed",
        "at": late["at"],
        "position": "",
    }
    assert "案由" not in body.decode()


def test_filters_by_kind_list_and_subject_also_of_what_is_gone(office: Office, listening: Listening) -> None:
    wants: list[dict[str, Any]] = [
        {"kinds": ["brand"]},
        {"lists": ["black"]},
        {"kinds": ["certificate"], "lists": ["red"]},
        {"subjects": [uscc(2)]},
        {"kinds": ["certificate"], "subjects": [uscc(3)]},
    ]
    catchers = [listening() for _ in wants]
    for catcher, wanted in zip(catchers, wants, strict=True):
        office.registered(catcher, **wanted)
    certificates(office, "示例-1")
    certificates(office, "示例-3", code=uscc(3))
    listing(office, "red", "示例〔2026〕1号")
    listing(office, "black", "示例〔2026〕2号")
    office.desk.publish("brand", [row(2, FIRM, uscc(2), title="示例精品", level="省级")])
    office.work()
    assert [[number for number, _ in changes(each.taken())] for each in catchers] == [
        [5],
        [4],
        [1, 2, 3],
        [3, 4, 5],
        [2],
    ]
    for batch in range(5, 0, -1):
        withdraw(office.desk.engine, office.desk.clock, batch, "有误")
    office.work()
    gone = [changes(each.taken()) for each in catchers]
    assert {what for each in gone for _, what in each} == {"removed"}
    assert [len(each) for each in gone] == [1, 1, 3, 3, 1]


def test_records_that_make_a_message_large_are_left_to_be_fetched(
    open_office: OpenOffice, listening: Listening, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivering, "LARGEST", 3000)
    office, catcher = open_office(form=written), listening()
    office.registered(catcher)
    certificates(office, *(f"示例-{at}" for at in range(10)))
    office.work()
    [message] = catcher.taken()
    told = message["data"]["changes"]
    shown = [each["record"] is not None for each in told]
    assert len(told) == 10 and shown == sorted(shown, reverse=True) and 0 < sum(shown) < 10


def test_who_was_away_until_changes_were_gone_is_told_to_begin_anew(
    office: Office, listening: Listening
) -> None:
    catcher = listening()
    receiver, _ = office.registered(catcher)
    certificates(office, "示例-1")
    office.work()
    catcher.taken()
    office.receivers.stop(BY, receiver)
    withdraw(office.desk.engine, office.desk.clock, 1, "有误")
    record(office.desk.register)
    office.desk.clock.instant += timedelta(days=250)
    record(office.desk.register)
    office.receivers.resume(BY, receiver)
    office.work()
    test, lost = catcher.taken()
    assert (test["type"], lost["type"]) == ("register.test", "register.lost")
    certificates(office, "示例-2")
    office.work()
    assert changes(catcher.taken()) == [(3, "added")]


def test_a_sender_that_died_after_sending_sends_the_same_again(office: Office, listening: Listening) -> None:
    catcher = listening()
    office.registered(catcher)
    certificates(office, "示例-1")
    record(office.desk.register)
    office.deliveries._plan()
    message = office.deliveries._take()
    assert message is not None and office.deliveries._take() is None
    # It dies here; what it took is due again after a while.
    assert office.work() == 0
    assert office.later(minutes=3) == 1
    [(_, headers, _)] = catcher.caught
    assert headers["webhook-id"] == message.delivery.message


def test_a_second_planner_plans_nothing_twice(office: Office, listening: Listening) -> None:
    office.registered(listening())
    certificates(office, "示例-1")
    record(office.desk.register)
    with office.desk.engine.connect() as connection:
        [receiver] = connection.execute(select(Row.__table__)).all()
    for _ in range(2):
        office.deliveries._plan_for(receiver, office.deliveries.changes.newest())
    with office.desk.engine.connect() as connection:
        assert len(list(connection.scalars(select(Delivery.id).where(Delivery.what == "changes")))) == 1


def test_what_a_receiver_wants_is_checked_when_it_is_registered(open_office: OpenOffice) -> None:
    office = open_office(inside=())
    good: dict[str, Any] = {"url": f"https://{HOST}/x", "name": "示例", "mail": "ops@firm.example"}
    for wrong in (
        *({"url": "http://127.0.0.1/"}, {"name": ""}, {"name": "x" * 101}, {"mail": "ops"}),
        *({"kinds": ["practitioner"]}, {"kinds": ["no"]}, {"lists": ["grey"]}, {"subjects": ["12345"]}),
    ):
        with pytest.raises(InvalidParameter) as refused:
            office.receivers.register(BY, Wish(**(good | wrong)))
        assert refused.value.where == next(iter(wrong))
    with pytest.raises(NotFound):
        office.receivers.rotate(BY, 7)


def test_a_feed_that_began_anew_is_told_as_lost(office: Office, listening: Listening) -> None:
    catcher = listening()
    office.registered(catcher)
    certificates(office, *(f"示例-{at}" for at in range(3)))
    office.work()
    catcher.taken()
    recording.restart(office.desk.engine, office.desk.clock.today())
    certificates(office, *(f"示例-{at}" for at in range(3, 6)))
    office.work()  # the new feed has come further than the old one
    assert [each["type"] for each in catcher.taken()] == ["register.lost"]
    certificates(office, "示例-6")
    office.work()
    assert changes(catcher.taken()) == [(7, "added")]


def test_a_receiver_from_before_the_feed_is_told_to_begin_with_it(
    open_office: OpenOffice, listening: Listening
) -> None:
    office, catcher = open_office(begun=False), listening()
    certificates(office, *(f"示例-{at}" for at in range(30)))
    office.receivers.register(BY, Wish(catcher.url(), "示例", "ops@firm.example"))
    office.work()
    assert [each["type"] for each in catcher.taken()] == ["register.test", "register.lost"]
    certificates(office, "示例-31")
    office.work()
    assert changes(catcher.taken()) == [(31, "added")]
