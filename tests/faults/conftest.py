"""A service over PostgreSQL and the run's own Elasticsearch node, nothing recorded and no index made yet."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.service import Service, opened
from tests.servers import Databases


@pytest.fixture
def register_url(databases: Databases) -> Iterator[str]:
    """A migrated, empty database in PostgreSQL: there several workers share the queue."""
    with databases.fresh("postgresql") as url:
        yield url


@pytest.fixture
def service(register_url: str, elasticsearch_url: str, tmp_path: Path) -> Iterator[Service]:
    with opened(Service(register_url, tmp_path, [elasticsearch_url])) as service:
        yield service
