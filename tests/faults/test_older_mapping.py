"""An index that another release made is recognised: nobody reads it or writes into it, and a rebuild replaces it."""

import pytest

from indexer.search.failures import IndexUnusable
from indexer.search.query import Query
from indexer.sync import reindex, restore, sync
from tests.faults.service import Service, name_of, wait_until

OLDER = {"_meta": {"built_from": "an older mapping"}}


def documents(service: Service, index: str) -> int:
    """How many documents an index has, found or not."""
    with service.client() as client:
        client.indices.refresh(index=index)
        return int(client.count(index=index)["count"])


def test_an_index_of_an_older_mapping_is_neither_read_nor_written(service: Service) -> None:
    outdated = service.make_index(OLDER)
    service.take(range(1, 10))
    with pytest.raises(IndexUnusable, match="zhixin reindex"):
        service.engine.search(Query(name_of(1)))
    with pytest.raises(IndexUnusable, match="zhixin reindex"):
        sync(service.register, service.engine)
    refused = service.run("sync")
    assert refused.code == 1
    assert "zhixin reindex" in refused.complaint
    assert documents(service, outdated) == 0
    assert service.queue.waiting(100) == 9


def test_a_reindex_replaces_an_index_of_an_older_mapping_though_records_wait(service: Service) -> None:
    outdated = service.make_index(OLDER)
    service.take(range(1, 10))
    with service.followers(1) as [follower]:
        wait_until(follower.waited_for, "the follower tells that it waits")
        reindexed = service.run("reindex")
        assert reindexed.code == 0, reindexed.err
        service.wait_until_caught_up()
        assert len(follower.waited_for()) == 1
    service.assert_index_equals_register()
    assert service.engine.search(Query(name_of(3))).hits[0].id == service.public()[name_of(3)]
    assert service.generations()[outdated] == {f"{service.index}-previous"}
    assert documents(service, outdated) == 0


def test_there_is_no_way_back_to_an_index_of_an_older_mapping(service: Service) -> None:
    service.make_index(OLDER)
    service.take(range(1, 10))
    reindex(service.register, service.engine)
    refused = service.run("reindex", "--rollback")
    assert refused.code == 1
    assert "zhixin reindex" in refused.complaint
    sync(service.register, service.engine)
    service.assert_index_equals_register()


def test_the_way_back_leads_from_an_index_of_another_release_to_one_of_this(service: Service) -> None:
    service.take(range(1, 10))
    sync(service.register, service.engine)
    [ours] = service.generations()
    theirs = service.make_index(OLDER, number=2)
    with service.client() as client:
        swap = [
            {"remove": {"index": ours, "alias": service.index}},
            {"add": {"index": ours, "alias": f"{service.index}-previous"}},
        ]
        client.indices.update_aliases(actions=swap)
    service.take(range(5, 15), 发证机构="示例另一认证有限公司")
    restore(service.register, service.new_engine())
    sync(service.register, service.engine)
    service.assert_index_equals_register()
    assert service.generations() == {ours: {service.index}, theirs: {f"{service.index}-previous"}}
    assert documents(service, theirs) == 0
