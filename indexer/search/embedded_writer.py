"""Writing the embedded index: one writer at a time, into the live generation or into a new one beside it."""

import logging
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, cast

import tantivy

from indexer.errors import ServiceUnavailable, ZhixinError
from indexer.search.documents import Document, Tokens, tokens
from indexer.search.generations import Generations, damaged

THREADS = 2
HEAP = 64_000_000
"""Bytes that Tantivy gathers before it writes a segment. With one thread it, not the cutting of words, sets the pace: 1.6 times
slower; three times the memory gains nothing."""

log = logging.getLogger(__name__)


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


def unavailable() -> ServiceUnavailable:
    """What people are told when the engine fails."""
    return ServiceUnavailable(
        "检索暂时不可用，请稍后再试；运维人员可运行 zhixin doctor 查明原因。",
        "Search is not available now; try again later. Operators: `zhixin doctor` finds the cause.",
    )


class EmbeddedWriter:
    """A `Writer` of the live generation, or with `anew` of a new one that becomes live when the `with` block ends well."""

    def __init__(self, generations: Generations, schema: tantivy.Schema, *, anew: bool) -> None:
        self._generations = generations
        self._schema = schema
        self._anew = anew
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

    def put(self, documents: Iterable[Document], *, fresh: bool = False) -> int:
        """See `Writer.put`."""
        return self.put_tokens(map(tokens, documents), fresh=fresh)

    def put_tokens(self, made: Iterable[Tokens], *, fresh: bool = False) -> int:
        """See `Writer.put_tokens`."""
        writer = self._writing()
        add, delete = writer.add_document, writer.delete_documents_by_term
        make = cast(Callable[[dict[str, Any]], tantivy.Document], tantivy.Document.from_dict)
        count = 0
        for each in made:
            fields = cast(dict[str, Any], each | {"label": each["label"].encode()})
            try:
                if not fresh:
                    delete("id", each["id"])
                add(make(fields))
            except (ValueError, OSError):
                log.warning("the embedded search engine refused document %s", each["id"], exc_info=True)
                raise unavailable() from None
            count += 1
        return count

    def remove(self, ids: Iterable[str]) -> None:
        """See `Writer.remove`."""
        with engine_errors():
            for id_ in ids:
                self._writing().delete_documents_by_term("id", id_)

    def commit(self) -> None:
        """See `Writer.commit`. What a rebuild commits is durable, but found only after its end."""
        with engine_errors():
            self._writing().commit()
            if self._first and self._generation is not None:
                self._generations.make_live(self._generation)
                self._first = False

    def _begin(self) -> None:
        self._first = not self._anew and self._generations.current() is None
        new = self._anew or self._first
        self._generation = self._generations.begin() if new else self._generations.checked()
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
            if self._anew and self._generation is not None:
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
        if (self._anew or self._first) and self._generation is not None:
            shutil.rmtree(self._generation, ignore_errors=True)

    def _writing(self) -> tantivy.IndexWriter:
        if self._writer is None:
            raise RuntimeError("the writer is used outside its `with` block")
        return self._writer
