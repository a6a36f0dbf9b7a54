"""Which search engine the settings ask for."""

from indexer.search.embedded.engine import EmbeddedEngine
from indexer.search.protocol import SearchEngine
from indexer.settings import Settings


def open_engine(settings: Settings) -> SearchEngine:
    """Elasticsearch where the settings name one, else the embedded engine. Connects and opens nothing yet."""
    if not settings.search_url:
        return EmbeddedEngine(settings.search_folder)
    from indexer.search.elastic.opening import open_elastic  # its client takes a quarter of a second to load

    return open_elastic(settings)
