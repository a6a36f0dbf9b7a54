"""`zhixin doctor`: what differs is named and mended, what is well is left alone."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.comparing import Drift, _apart
from indexer.documents import documents
from indexer.search.documents import Document
from indexer.search.protocol import Held
from tests.cli.command import Zhixin, certificate, write

SAID = st.dictionaries(
    st.text("0123456789abcdef", min_size=1, max_size=3),
    st.tuples(st.integers(1, 2), st.integers(8, 9)),
)


@given(SAID, SAID)
def test_going_along_both_in_step_finds_what_comparing_them_whole_finds(
    said: dict[str, tuple[int, int]], held: dict[str, tuple[int, int]]
) -> None:
    ours = [(id_, *said[id_]) for id_ in sorted(said)]
    theirs = [Held(id_, *held[id_], "") for id_ in sorted(held)]
    by_hand = {
        *(Drift(id_, "missing") for id_ in said.keys() - held.keys()),
        *(Drift(id_, "extra") for id_ in held.keys() - said.keys()),
        *(Drift(id_, "stale") for id_ in said.keys() & held.keys() if said[id_] != held[id_]),
    }
    found = list(_apart(ours, theirs))
    assert set(found) == by_hand
    assert [drift.id for drift in found] == sorted(drift.id for drift in found)


@pytest.fixture
def filled(zhixin: Zhixin) -> Zhixin:
    """A register of 40 certificates that is in the index."""
    zhixin.ingest(write(zhixin.folder / "certificates.csv", map(certificate, range(40))))
    assert zhixin("sync").code == 0
    return zhixin


def test_a_register_that_is_in_the_index_is_sound(filled: Zhixin) -> None:
    ended = filled("doctor", "--json")
    assert ended.code == 0
    assert json.loads(ended.out) == {
        "sound": True,
        "complaints": [],
        "warnings": [],
        "compared": 40,
        "drifted": 0,
        "repaired": 0,
        "drifts": [],
    }


def test_each_sort_of_drift_is_named_and_mended(filled: Zhixin) -> None:
    register = filled.register()
    held = list(documents(register, register.records_between(0, register.last_version())))
    missing, stale = held[3], held[17]
    extra = Document("f" * 24, 1, "certificate", name="示例多出来的公司")
    with filled.search().writer() as writer:
        writer.remove([(missing.id, missing.routing)], at=10**6)
        older = Document(stale.id, stale.version, "certificate", name="示例旧名称")
        writer.put(writer.prepare([older, extra], 10**6))
    drifts = {(missing.id, "missing"), (stale.id, "stale"), (extra.id, "extra")}

    seen = filled("doctor")
    assert seen.code == 1
    assert {tuple(line.split("\t")) for line in seen.out.splitlines()} == drifts
    assert "3 differ" in seen.err

    mended = filled("doctor", "--repair", "--json")
    assert mended.code == 0, mended.err
    told = json.loads(mended.out)
    assert (told["drifted"], told["repaired"]) == (3, 3)
    assert {(drift["id"], drift["what"]) for drift in told["drifts"]} == drifts
    assert filled("doctor").code == 0


def test_what_waits_for_the_sync_is_no_drift(filled: Zhixin) -> None:
    filled.ingest(write(filled.folder / "more.csv", map(certificate, range(40, 50))))
    ended = filled("doctor", "--json")
    assert (ended.code, json.loads(ended.out)["drifted"]) == (0, 0)


def test_services_that_do_not_answer_are_named_with_what_to_do(zhixin: Zhixin) -> None:
    zhixin.ingest(write(zhixin.folder / "certificates.csv", map(certificate, range(3))))
    no_index = zhixin("doctor", "--json")
    assert no_index.code == 1
    assert [each["code"] for each in json.loads(no_index.out)["complaints"]] == ["search"]
    assert "zhixin reindex" in json.loads(no_index.out)["complaints"][0]["zh"]
    assert zhixin("sync").code == 0
    gone = {
        "ZHIXIN_REDIS_URL": "redis://127.0.0.1:1/0",
        "ZHIXIN_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
    }
    down = zhixin("doctor", "--json", environ=gone)
    assert down.code == 1
    assert [each["code"] for each in json.loads(down.out)["complaints"]] == ["database-unavailable", "redis"]
