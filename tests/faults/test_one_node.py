"""A cluster of one node: its disk fills up; it dies, or falls silent, under a portal at work, and comes back."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote
from urllib.request import urlopen

import pytest

from indexer.search.elastic.connection import IndexReadOnly
from indexer.search.query import Query
from indexer.sync import sync
from tests import elastic_servers
from tests.cli.command import certificate
from tests.elastic_node import Node
from tests.faults.service import Service, name_of, opened, wait_until
from tests.servers import Portal, portal

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


@pytest.fixture(scope="module")
def started() -> Iterator[Node]:
    with (
        elastic_servers.open_folder() as folder,
        elastic_servers.single(folder, settings=WATCHED | watermarks(ROOMY)) as node,
    ):
        yield node


@pytest.fixture
def node(started: Node) -> Iterator[Node]:
    """The node, well before a test and after."""
    yield started
    started.resume()
    if not started.running():
        started.start()


@pytest.fixture
def service(register_url: str, node: Node, tmp_path: Path) -> Iterator[Service]:
    with opened(Service(register_url, tmp_path, [node.url])) as service:
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


@pytest.mark.parametrize("silent", [False, True], ids=["killed", "silent"])
def test_the_portal_answers_while_its_engine_is_gone_and_finds_everything_again_when_it_is_back(
    service: Service, node: Node, tmp_path: Path, silent: bool
) -> None:
    service.take(range(20))
    sync(service.register, service.engine)
    one = certificate(7)
    part, whole = "示例7号制造", one["主体名称"]
    file = f"/subjects/{one['统一社会信用代码']}"
    quick = {"ZHIXIN_SEARCH_TIMEOUT": "1", "ZHIXIN_RATE_LIMITS": "off"}
    with portal(service.environ | quick, tmp_path / "portal.log", workers=2) as web:
        before = asked(web, f"/api/v1/search?q={quote(part)}")
        assert before["results"][0]["name"] == whole
        assert before["degraded"] is False
        (node.pause if silent else node.kill)()
        for turn in range(10):
            began = time.monotonic()
            answer = asked(web, f"/api/v1/search?q={quote(whole)}")
            print(f"search {turn} without the engine: {time.monotonic() - began:.2f} s")
            assert answer["degraded"] is True
            assert answer["results"][0]["name"] == whole
        assert asked(web, f"/api/v1/certificates/{one['证书编号']}")["result"] == "valid"
        assert asked(web, f"/api/v1{file}")["subject"]["name"] == whole
        assert asked(web, f"/api/v1/restrictions/{one['统一社会信用代码']}")["domains"]
        assert asked(web, "/readyz")["search"] == "degraded"
        for page in (file, f"/search?q={quote(part)}", f"/verify/{one['证书编号']}"):
            with urlopen(web.url + page, timeout=30) as got:  # noqa: S310  our own address
                assert got.status == 200
        if silent:
            node.resume()
        else:
            node.start()
        took = wait_until(lambda: whole_again(web, part), "both workers find all again")
        print(f"full search again {took:.1f} s after the engine is back")
        assert asked(web, f"/api/v1/search?q={quote(part)}")["results"] == before["results"]


def whole_again(web: Portal, part: str) -> bool:
    """Whether whichever worker answers says that search is whole; each finds out by itself."""
    searches = [asked(web, f"/api/v1/search?q={quote(part)}")["degraded"] for _ in range(8)]
    return not any(searches) and all(asked(web, "/readyz")["search"] == "ok" for _ in range(4))


def asked(web: Portal, path: str) -> Any:
    """The JSON that the portal gives."""
    with urlopen(web.url + path, timeout=30) as answer:  # noqa: S310  our own address
        return json.load(answer)
