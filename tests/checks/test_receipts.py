"""A receipt is written once, kept word for word, opened by its key alone and found by its number; on both databases."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, insert, select, update
from sqlalchemy.exc import DBAPIError

from indexer.clock import FixedClock
from indexer.register import receipts as module
from indexer.register.database import DatabaseBusy, connect, filing, writing
from indexer.register.models import Receipt as Row
from indexer.register.models import ReceiptPart
from indexer.register.receipt_numbers import ALPHABET, is_receipt_number, new_number, normal, written
from indexer.register.receipts import ATTEMPTS, STALE, ReceiptDamaged, Receipts, Result, TooManyUnfinished

DAY = date(2026, 3, 2)
PARTS = (b'{"bidders":[', '{"name":"示例甲有限公司"}'.encode(), b"]}")
RESULT = Result(PARTS, 7, "rules-1")
chance = st.text(st.sampled_from(ALPHABET), min_size=5, max_size=5)


@pytest.fixture
def engine(migrated_database: str) -> Iterator[Engine]:
    engine = connect(migrated_database)
    yield engine
    engine.dispose()


@pytest.fixture
def receipts(engine: Engine) -> Receipts:
    return Receipts(engine, FixedClock(datetime(2026, 3, 2, 1, 0, tzinfo=UTC)))


def later(receipts: Receipts, by: timedelta) -> None:
    assert isinstance(receipts.clock, FixedClock)
    receipts.clock.instant += by


def test_the_key_gives_back_word_for_word_what_was_filed(receipts: Receipts) -> None:
    key, filed = receipts.file(b'{"asked":1}', DAY, 1, RESULT)
    found = receipts.by_key(key)
    assert found == filed
    assert b"".join(receipts.parts(filed)) == b"".join(PARTS)
    assert filed.hash == hashlib.sha256(b"".join(PARTS)).hexdigest()
    assert receipts.request(filed) == b'{"asked":1}'
    assert (filed.state, filed.register_version, filed.rules_version) == ("done", 7, "rules-1")
    assert receipts.by_number(filed.number.lower().replace("-", " ")) == filed
    assert receipts.part(filed, 1) == PARTS[1] and receipts.part(filed, -1) == PARTS[2]
    assert receipts.part(filed, 3) is None


def test_only_the_key_itself_opens_a_receipt_and_it_is_nowhere_in_the_database(receipts: Receipts) -> None:
    key, filed = receipts.file(b"{}", DAY, 1, RESULT)
    assert len(key) >= 32
    for other in (key[:-1], key.swapcase(), filed.number, module.digest(key), "", "\ud800"):
        assert receipts.by_key(other) is None
    with receipts.engine.connect() as connection:
        assert key not in repr(list(connection.execute(select(Row))))


@pytest.mark.parametrize(
    "values",
    [
        {"hash": "0" * 64},
        {"state": "running"},
        {"rules_version": "rules-2"},
        {"keep_until": date(2026, 3, 3)},
        {"request": b""},
        {"worker": "nobody"},
    ],
)
def test_the_database_refuses_to_change_a_receipt(receipts: Receipts, values: dict[str, object]) -> None:
    _, filed = receipts.file(b"{}", DAY, 1, RESULT)
    with pytest.raises(DBAPIError), writing(receipts.engine) as connection:
        connection.execute(update(Row).where(Row.id == filed.id).values(values))
    assert receipts.by_number(filed.number) == filed


def test_the_database_refuses_to_change_what_was_asked_of_a_check_that_still_waits(
    receipts: Receipts,
) -> None:
    _, waiting = receipts.wait(b"{}", DAY, 5)
    for values in ({"request": b"x"}, {"as_of": date(2026, 1, 1)}, {"number": "ZX-1"}, {"bidders": 6}):
        with pytest.raises(DBAPIError), writing(receipts.engine) as connection:
            connection.execute(update(Row).where(Row.id == waiting.id).values(values))


def test_the_database_refuses_to_change_add_or_delete_pieces(receipts: Receipts) -> None:
    _, filed = receipts.file(b"{}", DAY, 1, RESULT)
    for statement in (
        update(ReceiptPart).values(content=b""),
        insert(ReceiptPart).values(receipt_id=filed.id, place=9, content=b""),
        delete(ReceiptPart),
        delete(Row),
    ):
        with pytest.raises(DBAPIError), writing(receipts.engine) as connection:
            connection.execute(statement)
    assert b"".join(receipts.parts(filed)) == b"".join(PARTS)


def test_a_receipt_whose_retention_is_over_can_be_deleted(receipts: Receipts) -> None:
    assert isinstance(receipts.clock, FixedClock)
    receipts.clock.instant = datetime(2001, 2, 28, 20, 0, tzinfo=UTC)
    _, filed = receipts.file(b"{}", DAY, 1, RESULT)
    assert filed.keep_until == date(2017, 3, 1)
    with writing(receipts.engine) as connection:
        connection.execute(delete(ReceiptPart))
        connection.execute(delete(Row))
    assert receipts.by_number(filed.number) is None


def test_it_is_kept_for_fifteen_years_after_a_procurement_that_ends_within_one() -> None:
    assert module.keep_until(date(2026, 11, 23)) == date(2042, 11, 23)
    assert module.keep_until(date(2024, 2, 29)) == date(2040, 2, 29)


def test_a_result_that_was_tampered_with_below_the_database_is_not_given_out(receipts: Receipts) -> None:
    _, filed = receipts.file(b"{}", DAY, 1, RESULT)
    with writing(receipts.engine) as connection:
        on = " ON receipt_part" if receipts.engine.dialect.name == "postgresql" else ""
        connection.exec_driver_sql(f"DROP TRIGGER receipt_part_once{on}")
        part = select(ReceiptPart.content).where(ReceiptPart.place == 0).scalar_subquery()
        connection.execute(update(ReceiptPart).where(ReceiptPart.place == 1).values(content=part))
    with pytest.raises(ReceiptDamaged):
        list(receipts.parts(filed))


def test_a_check_that_waits_is_claimed_once_and_finished_by_its_worker(receipts: Receipts) -> None:
    key, waiting = receipts.wait(b'{"asked":2}', DAY, 3)
    assert receipts.orphaned(waiting)
    job = receipts.claim()
    assert job is not None and job.request == b'{"asked":2}'
    assert receipts.claim() is None
    assert receipts.beat(job, 2)
    running = receipts.by_key(key)
    assert running is not None and (running.state, running.checked) == ("running", 2)
    assert not receipts.orphaned(running)
    assert receipts.finish(job, RESULT)
    done = receipts.by_key(key)
    assert done is not None and (done.state, done.checked, done.number) == ("done", 3, waiting.number)
    assert b"".join(receipts.parts(done)) == b"".join(PARTS)


def test_a_check_without_a_sign_of_life_is_taken_over_and_its_old_worker_can_not_write(
    receipts: Receipts,
) -> None:
    key, _ = receipts.wait(b"{}", DAY, 3)
    dead = receipts.claim()
    assert dead is not None
    later(receipts, STALE + timedelta(seconds=1))
    orphan = receipts.by_key(key)
    assert orphan is not None and receipts.orphaned(orphan)
    other = receipts.claim()
    assert other is not None and other.worker != dead.worker
    assert not receipts.beat(dead, 1)
    assert not receipts.finish(dead, Result([b"{}"], 1, "x"))
    receipts.fail(dead, "error")
    assert receipts.finish(other, RESULT)
    assert not receipts.finish(other, RESULT)
    done = receipts.by_key(key)
    assert done is not None and b"".join(receipts.parts(done)) == b"".join(PARTS)


def test_a_check_that_kills_its_workers_is_given_up(receipts: Receipts) -> None:
    key, _ = receipts.wait(b"{}", DAY, 3)
    for _ in range(ATTEMPTS):
        assert receipts.claim() is not None
        later(receipts, STALE + timedelta(seconds=1))
    assert receipts.claim() is None
    failed = receipts.by_key(key)
    assert failed is not None and (failed.state, failed.failure) == ("failed", "check-gave-up")


def test_no_more_checks_wait_than_can_be_worked_off(receipts: Receipts) -> None:
    for _ in range(module.UNFINISHED_MOST):
        receipts.wait(b"{}", DAY, 3)
    with pytest.raises(TooManyUnfinished):
        receipts.wait(b"{}", DAY, 3)
    receipts.file(b"{}", DAY, 1, RESULT)


def test_filing_does_not_wait_long_for_a_file_that_is_being_taken_in(
    receipts: Receipts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0)
    with writing(receipts.engine):
        if receipts.engine.dialect.name == "sqlite":
            with pytest.raises(DatabaseBusy):
                receipts.file(b"{}", DAY, 1, RESULT)
        else:
            receipts.file(b"{}", DAY, 1, RESULT)
    receipts.file(b"{}", DAY, 1, RESULT)


def test_a_writer_after_a_filing_waits_again_as_long_as_before(receipts: Receipts) -> None:
    if receipts.engine.dialect.name == "postgresql":
        return
    with filing(receipts.engine, 1) as connection:
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == 600_000


@given(st.dates(date(2020, 1, 1), date(2099, 12, 31)), chance)
def test_a_number_is_read_in_any_writing(day: date, drawn: str) -> None:
    number = written(day, drawn)
    assert normal(number) == number
    assert normal(number.lower().replace("-", "")) == number
    assert normal(f" {number.replace('-', ' - ')} ") == number
    assert normal("".join(chr(ord(c) + 0xFEE0) for c in number)) == number


@given(st.dates(date(2020, 1, 1), date(2099, 12, 31)), chance, st.data())
def test_one_wrong_character_and_two_that_changed_places_are_found(
    day: date, drawn: str, data: st.DataObject
) -> None:
    number = written(day, drawn)
    places = [at for at, c in enumerate(number) if at > 2 and c != "-"]
    at = data.draw(st.sampled_from(places))
    other = data.draw(
        st.sampled_from("0123456789" if at < 11 else ALPHABET).filter(lambda c: c != number[at])
    )
    assert normal(number[:at] + other + number[at + 1 :]) is None
    if at + 1 in places and number[at] != number[at + 1]:
        assert normal(number[:at] + number[at + 1] + number[at] + number[at + 2 :]) is None


def test_a_mistyped_number_is_still_known_as_one_and_a_certificates_is_not() -> None:
    number = new_number(DAY)
    assert is_receipt_number(number) and is_receipt_number(number[:-1] + "O")
    assert normal(number[:-1] + "O") is None
    for other in ("99926Q00001R0S", "00114E22766R2L/3502", "ZX-2026-1", "示例〔2026〕1号", ""):
        assert not is_receipt_number(other)
