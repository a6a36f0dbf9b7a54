"""The engine of several machines as the settings ask for it."""

from pathlib import Path
from urllib.parse import unquote

from indexer.search.elastic.connection import Address
from indexer.search.elastic.engine import ElasticEngine
from indexer.search.elastic.index import Layout
from indexer.settings import Settings


def open_elastic(settings: Settings) -> ElasticEngine:
    """An engine for the cluster that the settings name. Connects to nothing yet."""
    replicas = None if settings.search_replicas == "auto" else int(settings.search_replicas)
    return ElasticEngine(
        search_address(settings), Layout(settings.search_index, settings.search_shards, replicas)
    )


def search_address(settings: Settings) -> Address:
    """Where the settings say the cluster is."""
    scheme, _, rest = settings.search_url.partition("://")
    login, _, hosts = rest.rpartition("@")
    user, _, password = login.partition(":")
    port = 443 if scheme == "https" else 9200
    return Address(
        nodes=tuple(f"{scheme}://{_with_port(host, port)}" for host in hosts.split(",")),
        login=(unquote(user), unquote(password)) if login else None,
        api_key=settings.search_api_key or None,
        ca=Path(settings.search_ca) if settings.search_ca else None,
        timeout=settings.search_timeout,
    )


def _with_port(host: str, port: int) -> str:
    """A host as the client wants it: it knows no usual port."""
    return host if host.rpartition("]")[2].rpartition(":")[1] else f"{host}:{port}"
