"""No write brings an older state back, and a document that the engine refuses holds no other up."""

from dataclasses import replace

import orjson

from indexer.search.documents import Document
from indexer.search.elastic.index import PROPERTIES
from indexer.sync import sync
from tests.faults.service import Service, name_of

HELD = Document("a", 1, "enterprise", subject="7", name="示例晚到检测厂")
LATER = replace(HELD, version=2, name="示例新名检测厂")
ENDLESS = "示" * 11_000  # 33,000 bytes: Lucene takes no term over 32,766


def test_a_write_that_comes_late_does_not_replace_a_newer_state(service: Service) -> None:
    with service.engine.writer() as writer:
        early = writer.prepare([HELD], 5)
        writer.put(writer.prepare([LATER], 9))
    with service.engine.writer() as writer:
        writer.put(early)
    assert writer.refused == {}
    [held] = service.engine.held()
    assert (held.version, held.digest) == (2, LATER.digest)


def test_a_write_that_comes_late_does_not_undo_a_deletion(service: Service) -> None:
    with service.engine.writer() as writer:
        writer.put(writer.prepare([HELD], 3))
        early = writer.prepare([HELD], 5)
    with service.engine.writer() as writer:
        writer.remove([(HELD.id, HELD.routing)], 9)
    with service.engine.writer() as writer:
        writer.put(early)
    assert service.engine.count() == 0
    with service.engine.writer() as writer:
        writer.put(writer.prepare([LATER], 12))
    assert [held.version for held in service.engine.held()] == [2]


def test_a_deletion_that_comes_late_does_not_take_a_newer_state_out(service: Service) -> None:
    with service.engine.writer() as writer:
        writer.put(writer.prepare([LATER], 9))
    with service.engine.writer() as writer:
        writer.remove([(HELD.id, HELD.routing)], 5)
    assert [held.version for held in service.engine.held()] == [2]


def test_documents_that_the_mapping_refuses_are_named_and_all_others_of_the_request_are_written(
    service: Service,
) -> None:
    others = [replace(HELD, id=f"b{n}", version=n) for n in range(20)]
    too_long = replace(HELD, id="too long", issuer=ENDLESS)
    no_short = replace(HELD, id="no short", year=40_000)
    with service.engine.writer() as writer:
        prepared = writer.prepare([*others[:10], too_long, no_short, *others[10:]], 1)
        [line] = writer.prepare([replace(HELD, id="unknown field")], 1)
        action, fields = line.splitlines()
        unknown = b"%b\n%b\n" % (action, orjson.dumps(orjson.loads(fields) | {"invented": "示例"}))
        writer.put([*prepared, unknown])
    assert writer.refused.keys() == {"too long", "no short", "unknown field"}
    assert all("exception" in reason for reason in writer.refused.values())
    assert {held.id for held in service.engine.held()} == {document.id for document in others}


def test_a_refused_record_is_set_aside_by_the_sync_and_leaves_when_it_can_be_taken(service: Service) -> None:
    only_2024 = {"type": "date", "format": "'2024'-MM-dd"}
    service.make_index({"properties": {**PROPERTIES, "dated": only_2024}})
    service.take(range(1, 20))
    service.take([20], 颁证日期="2023-03-01")
    poison = service.public()[name_of(20)]
    sync(service.register, service.engine)
    assert service.queue.waiting(1) == 0
    assert service.queue.unindexed(10).keys() == {poison}
    assert service.engine.count() == 19
    assert [(drift.id, drift.what) for drift in service.drifts()] == [(poison, "missing")]

    service.take([20])
    sync(service.register, service.engine)
    assert service.queue.unindexed(10) == {}
    service.assert_index_equals_register()
