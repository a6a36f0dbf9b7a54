"""The cluster's disks are nearly full: writing stops with a clear word, searching does not, and nothing is lost."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from indexer.search.elastic.connection import IndexReadOnly
from indexer.search.query import Query
from indexer.sync import sync
from tests import elastic_servers
from tests.faults.service import Service, name_of, opened, wait_until

WATERMARKS = "cluster.routing.allocation.disk.watermark"
WATCHED = {
    "cluster.routing.allocation.disk.threshold_enabled": "true",
    # The least that Elasticsearch allows; its own default is 30 s.
    "cluster.info.update.interval": "10s",
    # And no longer than a second from a look to a block or its lifting; its own default is 60 s.
    "cluster.routing.allocation.disk.reroute_interval": "1s",
}
FULL = "100000gb"  # of free space that there ought to be: no disk of a test has that
ROOMY = "1b"


@pytest.fixture
def service(register_url: str, open_folder: Path, tmp_path: Path) -> Iterator[Service]:
    with (
        elastic_servers.single(open_folder, settings=WATCHED | watermarks(ROOMY)) as node,
        opened(Service(register_url, tmp_path, [node.url])) as service,
    ):
        yield service


def watermarks(free: str) -> dict[str, str]:
    """Settings that ask for so much free space on each disk."""
    return {f"{WATERMARKS}.{level}": free for level in ("low", "high", "flood_stage")}


def ask_for(service: Service, free: str) -> None:
    with service.client() as client:
        client.cluster.put_settings(persistent=watermarks(free))


def is_blocked(service: Service) -> bool:
    """Whether the live index takes no writes."""
    with service.client() as client:
        [index] = client.indices.get_settings(index=service.index, flat_settings=True).body.values()
        return str(index["settings"].get("index.blocks.read_only_allow_delete")) == "true"


def test_a_full_disk_stops_writing_with_a_clear_word_and_it_goes_on_by_itself_when_there_is_room(
    service: Service,
) -> None:
    service.take(range(100))
    sync(service.register, service.engine)
    ask_for(service, FULL)
    print(f"blocked after {wait_until(lambda: is_blocked(service), 'the index is blocked'):.1f} s")

    service.take(range(50, 150), 发证机构="示例另一认证有限公司")
    with pytest.raises(IndexReadOnly, match="磁盘将满"):
        sync(service.register, service.engine)
    with service.followers(2) as followers:
        for follower in followers:
            wait_until(follower.waited_for, "the follower tells that it waits")
        assert service.queue.waiting(1000) == 100
        assert service.engine.search(Query(name_of(1))).hits[0].id == service.public()[name_of(1)]
        assert service.engine.count() == 100

        ask_for(service, ROOMY)
        print(f"unblocked after {wait_until(lambda: not is_blocked(service), 'the block is lifted'):.1f} s")
        service.wait_until_caught_up(10)
        for follower in followers:
            assert follower.running()
            [told] = follower.waited_for()
            assert "disks are nearly full" in told
            assert "Traceback" not in follower.said()
    service.assert_index_equals_register()
