"""A population that is frozen (抽取名录的封存): canonical JSON in pieces, hashed before there is a seed.

What is hashed is the canonical JSON (RFC 8785) of `{"enterprises": [[code, name, weight], …], "salt": …}` for the enterprises and of
`{"inspectors": [[number, agency, [code excluded, …]], …], "salt": …}` for the inspectors. The salt keeps anybody from finding out by trial
who is in a population that is not public.
"""

import hashlib
import zlib
from collections.abc import Iterable, Iterator, Sequence

import orjson
from sqlalchemy import ColumnElement, Connection, Engine, case, delete, insert, literal, select

from indexer.batches import batched
from indexer.register.canonical import canonical
from indexer.register.database import filing, reading
from indexer.supervision.drawing import Candidate, Eligible
from indexer.supervision.grading import graded
from indexer.supervision.models import DrawPart, Supervised
from indexer.supervision.rule import Rule

PATIENCE = 30  # seconds
SIZE = 20_000
"""Enterprises of one piece."""


class Hashed:
    """The hash of a population, fed piece by piece."""

    def __init__(self, salt: str) -> None:
        self.salt, self.count = salt, 0
        self._hash = hashlib.sha256(b'{"enterprises":[')

    def add(self, piece: Sequence[Candidate]) -> bytes:
        """The next piece, as it is hashed and kept."""
        written = canonical([[each.code, each.name, each.weight] for each in piece])[1:-1]
        self._hash.update((b"," if self.count else b"") + written)
        self.count += len(piece)
        return written

    def done(self) -> str:
        """The hash, in hexadecimal digits."""
        self._hash.update(b'],"salt":' + canonical(self.salt) + b"}")
        return self._hash.hexdigest()


def population_hash(population: Iterable[Candidate], salt: str) -> str:
    """The hash of a population as a whole."""
    hashed = Hashed(salt)
    for piece in batched(population, SIZE):
        hashed.add(piece)
    return hashed.done()


def inspectors_document(eligible: Iterable[Eligible], salt: str) -> bytes:
    """What is hashed of the inspectors."""
    listed = [[each.number, each.agency, sorted(each.excluded)] for each in eligible]
    return canonical({"inspectors": listed, "salt": salt})


def read_inspectors(document: bytes) -> list[Eligible]:
    """The inspectors of a document."""
    return [
        Eligible(number, agency, frozenset(codes))
        for number, agency, codes in orjson.loads(document)["inspectors"]
    ]


def weight(rule: Rule | None, weights: dict[str, int]) -> ColumnElement[int]:
    """The weight of a row of `Supervised` by its supervision grade; 1 where none is said."""
    heavier = {grade: each for grade, each in weights.items() if each != 1}
    if rule is None or not heavier:
        return literal(1)
    grade = graded(rule)
    return case(*((grade == name, each) for name, each in heavier.items()), else_=1)


def freeze(
    engine: Engine, draw: int, salt: str, condition: ColumnElement[bool], weighed: ColumnElement[int]
) -> tuple[int, str]:
    """Keep the pieces of a population under `salt`; gives its size and its hash. In flat memory, and holding no lock meanwhile."""
    asked = (
        select(Supervised.code, Supervised.name, weighed.label("weight"))
        .where(condition)
        .order_by(Supervised.code)
        .execution_options(yield_per=SIZE)
    )
    hashed = Hashed(salt)
    with reading(engine) as connection:
        rows = (Candidate(row.code, row.name, row.weight) for row in connection.execute(asked))
        for place, piece in enumerate(batched(rows, SIZE)):
            content = zlib.compress(hashed.add(piece))
            with filing(engine, PATIENCE) as kept:
                kept.execute(insert(DrawPart).values(draw_id=draw, frozen=salt, place=place, content=content))
    return hashed.count, hashed.done()


def keep_only(connection: Connection, draw: int, salt: str | None) -> None:
    """Remove the pieces of attempts that came to nothing; of all attempts where no salt is named."""
    gone = delete(DrawPart).where(DrawPart.draw_id == draw)
    connection.execute(gone.where(DrawPart.frozen != salt) if salt is not None else gone)


def pieces(engine: Engine, draw: int, salt: str) -> Iterator[bytes]:
    """The pieces as they were hashed, one after another."""
    place = 0
    asked = select(DrawPart.content).where(DrawPart.draw_id == draw, DrawPart.frozen == salt)
    while True:
        with reading(engine) as connection:
            content = connection.scalar(asked.where(DrawPart.place == place))
        if content is None:
            return
        yield zlib.decompress(content)
        place += 1


def candidates(engine: Engine, draw: int, salt: str) -> Iterator[Candidate]:
    """The population that was frozen, one after another."""
    for piece in pieces(engine, draw, salt):
        for code, name, each in orjson.loads(b"[" + piece + b"]"):
            yield Candidate(code, name, each)
