"""A rebuild: from nothing, while people search and others write, never two at once, killed at any moment."""

import threading
import time
from itertools import count
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from indexer.register.database import alone
from indexer.register.withdrawing import withdraw
from indexer.search.elastic import index
from indexer.sync import reindex, restore, sync
from tests.faults.service import Asking, Service, name_of, wait_until

SMALL = 300
LARGE = 3_000


def test_a_reindex_restores_an_index_that_is_gone(service: Service) -> None:
    service.take(range(SMALL))
    sync(service.register, service.engine)
    service.remove_indexes()
    assert service.engine.count() == 0
    assert service.run("reindex").code == 0
    service.assert_index_equals_register()


def test_what_a_rebuild_leaves_is_merged_once_the_cluster_needs_it_no_more(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index, "WORTH_WAITING", 0)
    service.take(range(LARGE))
    reindex(service.register, service.engine)
    service.engine.tidy()
    with service.client() as client:

        def shard() -> Any:
            told = client.indices.stats(index=service.index, level="shards").body["indices"]
            [[copy]] = next(iter(told.values()))["shards"].values()
            return copy

        written = shard()["seq_no"]["max_seq_no"]
        assert all(lease["retaining_seq_no"] > written for lease in shard()["retention_leases"]["leases"])
        wait_until(lambda: shard()["segments"]["count"] == 1, "it is merged")
    service.assert_index_equals_register()


def test_a_sync_that_finds_the_index_gone_builds_it_anew_and_serves_no_half_of_it(service: Service) -> None:
    service.take(range(SMALL))
    sync(service.register, service.engine)
    service.remove_indexes()
    service.take([SMALL])
    sync(service.register, service.engine)
    service.assert_index_equals_register()


def test_workers_that_start_together_make_one_index(service: Service) -> None:
    engines = [service.new_engine() for _ in range(8)]
    gate = threading.Barrier(len(engines))

    def begin(place: int) -> None:
        gate.wait()
        engines[place].writer()

    threads = [threading.Thread(target=begin, args=(place,)) for place in range(len(engines))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert list(service.generations().values()) == [{service.index}]


def test_people_who_search_during_reindex_and_writes_see_no_error_and_no_other_answer(
    service: Service,
) -> None:
    service.settings = {"ZHIXIN_SEARCH_TIMEOUT": "30"}  # a busy machine is slow, which is no wrong answer
    service.take(range(LARGE))
    sync(service.register, service.engine)
    known = service.public()
    expected = {name_of(n): known[name_of(n)] for n in range(0, LARGE, LARGE // 40)}
    with (
        service.followers(2),
        Asking(service.engine, expected, rate=20) as asking,
        service.writing(count(LARGE)),
    ):
        for work in (reindex, restore):
            began = time.monotonic()
            work(service.register, service.new_engine())
            print(f"{work.__name__} took {time.monotonic() - began:.1f} s")
            withdraw(service.register.engine, service.clock, service.register.version().number, "试")
    sync(service.register, service.engine)
    assert asking.errors() == []
    print(f"{len(asking.answers)} searches, the slowest took {max(a.seconds for a in asking.answers):.2f} s")
    service.assert_index_equals_register()


def test_of_two_reindexes_at_once_the_second_is_refused(service: Service) -> None:
    service.take(range(SMALL))
    with alone(service.register.engine, "reindex"):
        refused = service.run("reindex")
        rollback = service.run("reindex", "--rollback")
    for ended in (refused, rollback):
        assert ended.code == 1
        assert "另一个进程" in ended.complaint
        assert "Another process" in ended.complaint
    reindex(service.register, service.engine)
    service.assert_index_equals_register()


def test_a_reindex_that_was_killed_leaves_the_old_index_serving_and_the_next_one_clears_it_away(
    service: Service,
) -> None:
    service.take(range(LARGE))
    sync(service.register, service.engine)
    known = service.public()
    expected = {name_of(n): known[name_of(n)] for n in range(0, LARGE, LARGE // 40)}
    with Asking(service.engine, expected, rate=20) as asking:
        [served] = service.generations()
        with service.client() as client:
            process = service.start("reindex")
            wait_until(lambda: documents_of_the_next(service, client), "the new generation is being filled")
            process.kill()
            process.communicate()
        assert len(service.generations()) == 2
        assert service.generations()[served] == {service.index}
        service.take([LARGE], 主体名称="示例后来制造有限公司")
        sync(service.register, service.engine)
        service.assert_index_equals_register()
        reindex(service.register, service.new_engine())
    assert asking.errors() == []
    generations = service.generations()
    assert generations.pop(served) == {f"{service.index}-previous"}
    assert list(generations.values()) == [{service.index}]
    service.assert_index_equals_register()


def test_a_generation_without_an_alias_is_cleared_away_and_that_of_another_register_is_not(
    service: Service,
) -> None:
    service.take(range(SMALL))
    left, neighbours = f"{service.index}-g000007", f"{service.index}-gz-g000001"
    with service.client() as client:
        client.indices.create(index=left)
        client.indices.create(index=neighbours)
        reindex(service.register, service.engine)
        assert client.indices.exists(index=neighbours)
    assert left not in service.generations()
    service.assert_index_equals_register()


def documents_of_the_next(service: Service, client: Elasticsearch) -> int:
    """How many operations the index that is being filled has taken."""
    alias = f"{service.index}-next"
    if not client.indices.exists_alias(name=alias):
        return 0
    return int(
        client.indices.stats(index=alias, metric="indexing")["_all"]["total"]["indexing"]["index_total"]
    )
