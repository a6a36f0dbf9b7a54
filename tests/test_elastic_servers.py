"""Each way in which tests run Elasticsearch gives a real one, and none outlives what started it."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest
from elasticsearch import AuthenticationException, AuthorizationException, Elasticsearch

from tests import elastic_servers
from tests.elastic_networks import can_cut_networks
from tests.servers import CHECKOUT

LAUNCH_AND_DIE = """
import os, sys
from pathlib import Path
from tests.elastic_node import Node
node = Node(Path(sys.argv[1]) / "node", settings={"discovery.type": "single-node"})
node.launch()
while b"java" not in Path(f"/proc/{node.process_id}/cmdline").read_bytes():
    pass
node.pause()
print(node.process_id, flush=True)
os.kill(os.getpid(), 9)
"""
# A node that is silent is given up after two seconds and not thirty, and no new master waits thirty more for its word.
IMPATIENT = {"cluster.publish.timeout": "2s"} | {
    f"cluster.fault_detection.{check}.{limit}": value
    for check in ("follower_check", "leader_check")
    for limit, value in (("timeout", "1s"), ("retry_count", "2"))
}


def test_the_shared_node_finds_what_it_was_given(elasticsearch_url: str) -> None:
    index = f"servers-{uuid4().hex}"
    words = {"properties": {"name": {"type": "text", "analyzer": "whitespace"}}}
    with Elasticsearch(elasticsearch_url) as client:
        client.indices.create(index=index, mappings=words)
        client.index(index=index, id="1", document={"name": "质信 示例"}, refresh=True)
        found = client.search(index=index, query={"match": {"name": "示例"}})
        assert [hit["_id"] for hit in found["hits"]["hits"]] == ["1"]
        client.indices.delete(index=index)


def test_a_shared_node_stays_while_one_is_left_and_then_goes_with_its_folder(open_folder: Path) -> None:
    folder = open_folder / "run"
    with elastic_servers.shared(folder) as one:
        with elastic_servers.shared(folder) as other:
            assert one == other
        time.sleep(1.5)  # longer than its keeper takes to look
        with Elasticsearch(one) as client:
            assert client.cluster.health()["status"] == "green"
    _wait_until(lambda: not folder.exists())


def test_a_cluster_outlives_a_killed_master_and_a_node_that_is_cut_off(open_folder: Path) -> None:
    apart = can_cut_networks()
    with elastic_servers.cluster(open_folder, settings=IMPATIENT, namespaces=apart) as cluster:
        fallen, others = cluster.master(), cluster.data_nodes()
        assert len(others) == 2 and fallen not in others
        with others[0].client(request_timeout=30) as client:
            client.indices.create(index="kept", settings={"number_of_replicas": 2})
            client.index(index="kept", id="1", document={"n": 1}, wait_for_active_shards="all")
            fallen.kill()
            cluster.wait("yellow", nodes=2)
            assert cluster.master() in others
            assert client.get(index="kept", id="1")["_source"] == {"n": 1}
        fallen.start()
        cluster.wait("green", nodes=3)
        silent = cluster.master()
        (silent.cut if apart else silent.pause)()
        assert cluster.master() is not silent
        cluster.wait("yellow", nodes=2)
        (silent.mend if apart else silent.resume)()
        cluster.wait("green", nodes=3)


def test_security_keeps_out_who_is_not_known_and_holds_each_to_a_role(open_folder: Path) -> None:
    reads = {"indices": [{"names": ["zhixin-*"], "privileges": ["read"]}]}
    with elastic_servers.secured(open_folder, roles={"reader": reads}) as server:
        ca = str(server.ca)
        with Elasticsearch(server.url, ca_certs=ca) as anonymous, pytest.raises(AuthenticationException):
            anonymous.cluster.health()
        stranger = Elasticsearch(server.url, api_key="bm90Om1hZGU=", ca_certs=ca)
        with stranger, pytest.raises(AuthenticationException):
            stranger.cluster.health()
        with Elasticsearch(server.url, basic_auth=(server.user, server.password), ca_certs=ca) as admin:
            for index in ("zhixin-1", "other"):
                admin.index(index=index, id="1", document={"n": 1}, refresh=True)
        with Elasticsearch(
            server.url, basic_auth=("reader", server.passwords["reader"]), ca_certs=ca
        ) as reader:
            assert reader.count(index="zhixin-1")["count"] == 1
            with pytest.raises(AuthorizationException):
                reader.count(index="other")
            with pytest.raises(AuthorizationException):
                reader.index(index="zhixin-1", document={"n": 2})


def test_a_node_that_does_not_start_says_why(open_folder: Path) -> None:
    wrong = {"no.such.setting": "1"}
    why = r"unknown setting \[no.such.setting\]"
    with pytest.raises(RuntimeError, match=why), elastic_servers.single(open_folder, settings=wrong):
        pass


def test_a_node_ends_when_the_process_that_started_it_is_killed_though_it_is_paused(
    open_folder: Path,
) -> None:
    starter = [sys.executable, "-c", LAUNCH_AND_DIE, str(open_folder)]
    died = subprocess.run(starter, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert died.returncode == -9, died.stderr
    _wait_until(lambda: not _lives(int(died.stdout)))


def _lives(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"  # ended, and not yet asked for its outcome


def _wait_until(reached: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.1)
