"""Three nodes with one replica: one is killed, halted or cut off while people search and batches come in."""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest

from indexer.sync import sync
from tests import elastic_servers
from tests.elastic_networks import can_cut_networks
from tests.elastic_servers import Cluster
from tests.faults.service import Asking, Service, name_of, opened
from tests.test_elastic_servers import IMPATIENT

RATE = 50
KNOWN = 200
QUIET = 6.0  # seconds without an error, after which it is over
RESTS = 12.0  # seconds: longer than the client leaves a node alone that has not answered
SHARDS = {"ZHIXIN_SEARCH_SHARDS": "2", "ZHIXIN_SEARCH_REPLICAS": "1"}  # so that each node holds some


@pytest.fixture(scope="module")
def started() -> Iterator[Cluster]:
    with (
        elastic_servers.open_folder() as folder,
        elastic_servers.cluster(folder, settings=IMPATIENT, namespaces=can_cut_networks()) as cluster,
    ):
        yield cluster


@pytest.fixture
def cluster(started: Cluster) -> Cluster:
    """Three nodes, all well."""
    for node in started.nodes:
        if not node.running():
            node.start()
    started.wait("green", nodes=3)
    return started


@pytest.fixture
def service(register_url: str, cluster: Cluster, tmp_path: Path) -> Iterator[Service]:
    """The index over all three, with some certificates in it."""
    with opened(Service(register_url, tmp_path, cluster.urls, SHARDS)) as service:
        service.take(range(KNOWN))
        sync(service.register, service.engine)
        with service.client() as client:  # lost copies are made again at once, not after a minute
            at_once = {"index.unassigned.node_left.delayed_timeout": "0"}
            client.indices.put_settings(index=service.index, settings=at_once)
        cluster.wait("green", nodes=3)
        yield service


def test_killing_the_master_and_then_a_data_node_loses_nothing_and_searches_soon_answer_again(
    cluster: Cluster, service: Service
) -> None:
    with at_work(service) as asking:
        master = cluster.master()
        master.kill()
        told("the master was killed", asking, QUIET)
        master.start()
        cluster.wait("green", nodes=3)
        cluster.data_nodes()[0].kill()
        told("a data node was killed", asking, QUIET)
    service.assert_index_equals_register()


def test_a_node_that_is_cut_off_holds_nobody_up_and_joins_again_without_loss(
    cluster: Cluster, service: Service
) -> None:
    with at_work(service) as asking:
        silent = cluster.data_nodes()[0]
        (silent.cut if silent.host.namespace else silent.pause)()
        try:
            told("a node was cut off", asking, RESTS)
        finally:
            (silent.mend if silent.host.namespace else silent.resume)()
        began = time.monotonic()
        cluster.wait("green", nodes=3)
        print(f"whole again {time.monotonic() - began:.1f} s after it was mended")
    service.assert_index_equals_register()


@contextmanager
def at_work(service: Service) -> Iterator[Asking]:
    """Two workers and people who search, while batches come in; at the end all that came in is brought up."""
    known = service.public()
    expected = {name_of(n): known[name_of(n)] for n in range(KNOWN)}
    with service.followers(2):
        with (
            Asking(service.engine, expected, RATE) as asking,
            service.writing(count(KNOWN), size=50, pause=0.5),
        ):
            time.sleep(QUIET / 2)
            yield asking
        print(f"{service.register.last_version()} versions, {len(asking.answers)} searches")
        print(f"caught up in {service.wait_until_caught_up():.1f} s")


def told(what: str, asking: Asking, quiet: float) -> None:
    """See that errors end, and tell when they came."""
    since = time.monotonic()
    seconds = asking.recovered(since, quiet)
    errors = asking.errors(since - 1)
    slowest = asking.slowest(since)
    print(
        f"{what}: {len(errors)} errors until {seconds:.1f} s after, the slowest answer took {slowest:.1f} s"
    )
    print(Counter(each.error for each in errors))
