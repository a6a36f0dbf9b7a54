"""Writing the embedded index: one writer at a time, into the live generation or into a new one beside it."""

import logging
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from operator import attrgetter
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, cast

import tantivy

from indexer.batches import batched
from indexer.errors import ServiceUnavailable, ZhixinError
from indexer.search.documents import Document, Tokens, tokens
from indexer.search.embedded.generations import Generations
from indexer.search.failures import damaged, unavailable
from indexer.search.protocol import Held, Prepared

THREADS = 2
HEAP = 64_000_000
"""Bytes that Tantivy gathers before it writes a segment. With one thread it, not the cutting of words, sets the pace: 1.6 times
slower; three times the memory gains nothing."""

Generation = Literal["live", "new", "previous"]

log = logging.getLogger(__name__)


def held_of(searcher: tantivy.Searcher, schema: tantivy.Schema, ids: Sequence[str]) -> dict[str, Held]:
    """What an index holds of some documents, by id."""
    chosen = tantivy.Query.term_set_query(schema, "id", list(ids))
    hits = searcher.search(chosen, max(1, len(ids)), count=False).hits
    return {each.id: each for each in _held_at(searcher, [address for _, address in hits])}


def held(searcher: tantivy.Searcher) -> list[Held]:
    """All that an index holds, by id. Tantivy keeps no order of texts, so it is gathered here: some hundred bytes each."""
    hits = searcher.search(tantivy.Query.all_query(), max(1, searcher.num_docs), count=False).hits
    return sorted(_held_at(searcher, [address for _, address in hits]), key=attrgetter("id"))


def _held_at(searcher: tantivy.Searcher, addresses: Sequence[tantivy.DocAddress]) -> Iterator[Held]:
    for some in batched(addresses, 10_000):
        versions, digests = (searcher.fast_field_values(field, some) for field in ("version", "digest"))
        for address, version, digest in zip(some, versions, digests, strict=True):
            yield Held(str(searcher.doc(address).get_first("id")), int(version or 0), int(digest or 0), "")


def prepare(documents: Iterable[Document], at: int) -> Prepared:
    """Documents as Tantivy takes them."""
    return [_ready(tokens(document)) for document in documents]


def _ready(fields: Tokens) -> dict[str, Any]:
    return {**fields, "label": fields["label"].encode()} if "label" in fields else dict(fields)


@contextmanager
def engine_errors() -> Iterator[None]:
    """Turn what Tantivy raises, its panics among it, into an error for people; its own words go to the log only."""
    try:
        yield
    except (ZhixinError, GeneratorExit, KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:
        if (
            not isinstance(error, (ValueError, OSError, RuntimeError))
            and type(error).__name__ != "PanicException"
        ):
            raise
        log.warning("the embedded search engine failed", exc_info=True)
        raise unavailable() from None


class EmbeddedWriter:
    """A `Writer` of the live generation, or a `Rebuild` of a new or the previous one, which becomes live when the block ends well.

    It is the only one while it is open, so what it is given last is the newest: places in the queue need not be compared.
    """

    prepare = staticmethod(prepare)

    def __init__(self, generations: Generations, schema: tantivy.Schema, of: Generation) -> None:
        self._generations = generations
        self._schema = schema
        self._of = of
        self.refused: dict[str, str] = {}
        self._first = False
        self._held = ExitStack()
        self._generation: Path | None = None
        self._writer: tantivy.IndexWriter | None = None

    def __enter__(self) -> "EmbeddedWriter":
        with ExitStack() as held:
            held.enter_context(self._generations.locked())
            with engine_errors():
                self._begin()
            self._held = held.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._held:
            if kind is None:
                self._finish()
            else:
                self._abandon()

    def put(self, prepared: Prepared) -> int:
        """See `Writer.put`."""
        writer = self._writing()
        add, delete = writer.add_document, writer.delete_documents_by_term
        make = cast(Callable[[dict[str, Any]], tantivy.Document], tantivy.Document.from_dict)
        for each in prepared:
            try:
                if self._of != "new":
                    delete("id", each["id"])
                add(make(each))
            except (ValueError, OSError):
                log.warning("the embedded search engine refused document %s", each["id"], exc_info=True)
                raise unavailable() from None
        return len(prepared)

    def remove(self, gone: Iterable[tuple[str, str]], at: int) -> None:
        """See `Writer.remove`."""
        with engine_errors():
            for id_, _ in gone:
                self._writing().delete_documents_by_term("id", id_)

    def settle(self) -> None:
        """See `Rebuild.settle`."""
        self.commit()

    def count(self) -> int:
        """See `Rebuild.count`."""
        with engine_errors():
            index = tantivy.Index.open(str(self._generation))
            return index.searcher().num_docs

    def held(self) -> Iterator[Held]:
        """See `Rebuild.held`."""
        with engine_errors():
            return iter(held(tantivy.Index.open(str(self._generation)).searcher()))

    def held_of(self, ids: Sequence[str]) -> dict[str, Held]:
        """See `Rebuild.held_of`."""
        with engine_errors():
            return held_of(tantivy.Index.open(str(self._generation)).searcher(), self._schema, ids)

    def commit(self) -> None:
        """Make what was put so far durable, and findable unless it is a rebuild's."""
        with engine_errors():
            self._writing().commit()
            if self._first and self._generation is not None:
                self._generations.make_live(self._generation)
                self._first = False

    def _begin(self) -> None:
        self._first = self._of == "live" and self._generations.current() is None
        new = self._of == "new" or self._first
        if new:
            self._generation = self._generations.begin()
        elif self._of == "previous":
            self._generation = self._generations.previous()
        else:
            self._generation = self._generations.checked()
        try:
            if new:
                index = tantivy.Index(self._schema, path=str(self._generation))
            else:
                index = tantivy.Index.open(str(self._generation))
        except (ValueError, OSError):
            raise damaged() from None
        self._writer = index.writer(HEAP, THREADS)

    def _finish(self) -> None:
        self.commit()
        with engine_errors():
            self._writing().wait_merging_threads()  # a writer that is dropped earlier throws its merges away
            self._writer = None
            if self._of != "live" and self._generation is not None:
                self._generations.make_live(self._generation)

    def _abandon(self) -> None:
        writer, self._writer = self._writer, None
        try:
            with engine_errors():
                if writer is not None:
                    writer.rollback()
        except ServiceUnavailable:
            pass  # the error that led here is the one to tell; it is on its way
        del writer
        if (self._of == "new" or self._first) and self._generation is not None:
            shutil.rmtree(self._generation, ignore_errors=True)

    def _writing(self) -> tantivy.IndexWriter:
        if self._writer is None:
            raise RuntimeError("the writer is used outside its `with` block")
        return self._writer
