"""A tag changes with everything that changes an answer, and one that still stands costs no answer."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from indexer.register.database import writing
from indexer.register.disputes import end_dispute, open_dispute
from portal.api.operations import OPERATIONS
from portal.context import EXTENSION
from tests.portal.conftest import API, House
from tests.register.conftest import row, uscc
from tests.register.statements import statements
from tests.rulebook.conftest import WITHOUT, library_over

NUMBER = "99926Q10001R0S"
CERTIFICATE: Any = {
    "number": NUMBER,
    "category": "质量管理体系认证",
    "issuer": "示例认证有限公司",
    "valid_from": "2026-01-10",
    "valid_until": "2026-03-04",
    "status": "valid",
}
OWN = f"{API}/subjects/{uscc(1)}"
OF_REGISTER = [
    OWN,
    f"{OWN}/records",
    f"{API}/restrictions/{uscc(1)}",
    f"{API}/certificates/{NUMBER}",
    f"{API}/lists/black",
]
MARKED = ("credit_file", "subject_records", "restrictions", "verify_certificate", "list_entries")


@pytest.fixture
def filled(house: House) -> House:
    """A firm with a certificate that ends in two days."""
    house.desk.publish("enterprise", [row(2, "示例甲有限公司", uscc(1)), row(3, "示例乙有限公司", uscc(2))])
    assert house.desk.publish("certificate", [row(4, "示例甲有限公司", uscc(1), **CERTIFICATE)]) == []
    return house


def record_of(house: House) -> str:
    return str(house.get(f"/certificates/{NUMBER}")["matches"][0]["id"])


def tag(house: House, path: str, **headers: str) -> str:
    answer = house.client.get(path, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.headers["ETag"]


def still_stands(house: House, path: str, held: str) -> bool:
    answer = house.client.get(path, headers={"If-None-Match": held})
    assert answer.status_code in (200, 304)
    if answer.status_code == 304:
        assert answer.headers["ETag"] == held and answer.data == b""
        assert "no-cache" in answer.headers["Cache-Control"]
    return answer.status_code == 304


@pytest.mark.parametrize("path", OF_REGISTER)
def test_a_tag_stands_while_nothing_changes_and_falls_with_a_batch(filled: House, path: str) -> None:
    held = tag(filled, path)
    filled.desk.clock.instant += timedelta(minutes=5)
    assert still_stands(filled, path, held)
    filled.desk.publish("enterprise", [row(5, "示例丙有限公司", uscc(3))])
    assert not still_stands(filled, path, held)


@pytest.mark.parametrize("path", OF_REGISTER)
def test_a_tag_falls_when_an_objection_begins_and_when_it_ends(filled: House, path: str) -> None:
    engine, record = filled.desk.engine, record_of(filled)
    tags = [tag(filled, path)]
    for _ in range(2):  # the same record twice: the second objection is another state than the first
        with writing(engine) as connection:
            open_dispute(connection, record, filled.desk.clock.now())
        tags.append(tag(filled, path))
        with writing(engine) as connection:
            end_dispute(connection, record, filled.desk.clock.now(), "rejected", None)
        tags.append(tag(filled, path))
    assert len(set(tags)) == len(tags)


@pytest.mark.parametrize("path", [*OF_REGISTER, "record", "history"])
def test_a_tag_falls_with_the_day(filled: House, path: str) -> None:
    path = {"record": f"{API}/records/{record_of(filled)}"}.get(path, path)
    path = path.replace("history", f"{API}/records/{record_of(filled)}/history")
    held = tag(filled, path)
    filled.desk.clock.instant += timedelta(days=1)
    assert not still_stands(filled, path, held)


def test_the_day_a_certificate_ends_is_never_hidden_by_a_tag(filled: House) -> None:
    path = f"{API}/certificates/{NUMBER}"
    held, results = tag(filled, path), []
    for _ in range(4):
        answer = filled.client.get(path, headers={"If-None-Match": held})
        if answer.status_code == 200:
            held = answer.headers["ETag"]
            results.append(answer.get_json()["result"])
        filled.desk.clock.instant += timedelta(days=1)
    assert results[-1] == "expired" and "expired" not in results[:2]


def test_a_tag_falls_with_the_rules(filled: House, tmp_path: Path) -> None:
    parts = filled.app.extensions[EXTENSION]
    library = library_over(filled.desk, tmp_path / "library", parts.settings.database_url)
    held = tag(filled, OWN)
    library.approved(WITHOUT)
    parts.rules.editions.forget()
    assert still_stands(filled, OWN, held)  # approved, and not yet in force
    library.wait(minutes=1)
    assert not still_stands(filled, OWN, held)


def test_a_tag_is_of_the_question_and_the_language(filled: House) -> None:
    path = f"{OWN}/records"
    asked = ["", "?limit=1", "?limit=2", "?kind=certificate", "?fields=next", "?fields=results.id"]
    tags = [tag(filled, path + query) for query in asked]
    tags += [tag(filled, path, **{"Accept-Language": "en"}), tag(filled, OWN)]
    tags += [tag(filled, f"{API}/subjects/{uscc(2)}/records")]
    assert len(set(tags)) == len(tags)


def test_a_record_keeps_its_tag_while_others_change(filled: House) -> None:
    path = f"{API}/records/{record_of(filled)}"
    for path_ in (path, f"{path}/history"):
        held = tag(filled, path_)
        filled.desk.publish("enterprise", [row(9, "示例丁有限公司", uscc(len(path_)))])
        assert still_stands(filled, path_, held)


@pytest.mark.parametrize("tail", ["", "/history"])
def test_a_record_loses_its_tag_with_a_version_an_objection_and_a_new_name_of_its_subject(
    filled: House, tail: str
) -> None:
    record = record_of(filled)
    path = f"{API}/records/{record}{tail}"
    tags = [tag(filled, path)]
    filled.desk.publish("certificate", [row(4, "示例甲有限公司", uscc(1), **CERTIFICATE | {"scope": "机械"})])
    tags.append(tag(filled, path))
    with writing(filled.desk.engine) as connection:
        open_dispute(connection, record, filled.desk.clock.now())
    tags.append(tag(filled, path))
    with writing(filled.desk.engine) as connection:
        end_dispute(connection, record, filled.desk.clock.now(), "upheld", "录错")
    tags.append(tag(filled, path))
    filled.desk.publish("enterprise", [row(2, "示例甲新名有限公司", uscc(1))])
    tags.append(tag(filled, path))
    assert len(set(tags)) == len(tags)


@pytest.mark.parametrize("path", OF_REGISTER)
def test_a_304_reads_the_mark_and_nothing_else(filled: House, path: str) -> None:
    engine = filled.app.extensions[EXTENSION].register.engine
    with statements(engine) as read:
        held = tag(filled, path)
    assert any("payload" in each for each in read)
    with statements(engine) as seen:
        assert still_stands(filled, path, held)
    assert len(seen) == 1 and "payload" not in seen[0]


def test_a_304_of_a_record_reads_no_content(filled: House) -> None:
    path = f"{API}/records/{record_of(filled)}"
    held = tag(filled, path)
    with statements(filled.app.extensions[EXTENSION].register.engine) as seen:
        assert still_stands(filled, path, held)
    assert len(seen) == 2 and not any("payload" in each for each in seen)


def test_a_star_asks_whether_there_is_anything(filled: House) -> None:
    anything = {"If-None-Match": "*"}
    assert filled.client.get(OWN, headers=anything).status_code == 304
    assert filled.client.get(f"{API}/subjects/{uscc(7)}", headers=anything).status_code == 404


def test_one_of_several_tags_is_enough_and_a_weak_one_too(filled: House) -> None:
    held = tag(filled, OWN)
    several = f'"other", W/{held.removeprefix("W/")}'
    assert filled.client.get(OWN, headers={"If-None-Match": several}).status_code == 304


def test_with_a_key_nobody_else_may_keep_the_answer(filled: House) -> None:
    assert filled.client.get(OWN).headers["Cache-Control"] == "public, no-cache"
    keyed = filled.client.get(OWN, headers={"Authorization": "Bearer whatever"})
    if keyed.status_code == 200:
        assert keyed.headers["Cache-Control"] == "private, no-cache"
    else:
        assert keyed.status_code == 401 and "no-store" in keyed.headers["Cache-Control"]


def test_every_reading_of_the_register_says_what_it_rests_on() -> None:
    stated = {each.name for each in OPERATIONS if each.state is not None}
    assert {*MARKED, "one_record", "record_history"} <= stated
