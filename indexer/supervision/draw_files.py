"""Files of draws (抽取文件): what anybody may have, what those may have who supervise the draw, and running a draw again from a file.

The population of a draw that rests on nothing internal is public as a whole. Of one by supervision grades, weights or key lists, the public
has the salted hash alone: population and weights would tell each enterprise's grade. The complete file has all of it, and the same hashes.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from indexer.errors import FileRefused
from indexer.register.canonical import canonical
from indexer.supervision.drawing import ALGORITHM, HEAVIEST, Candidate, Eligible, Lot
from indexer.supervision.draws import Draw, Drawn
from indexer.supervision.population import population_hash

STEPS = ("population", "inspectors", "drawn", "assigned")
"""What can be run again, in order."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What running a draw again found, by `STEPS`: True where it agrees, False where not, None where the file does not hold it."""

    number: str
    steps: Mapping[str, bool | None]

    @property
    def whole(self) -> bool:
        """Whether the draw of the enterprises was run again and everything that the file holds agrees."""
        return self.steps["drawn"] is True and False not in self.steps.values()


def public_file(
    draw: Draw, classes: list[str], drawn: list[Drawn] | None, pieces: Iterable[bytes]
) -> Iterator[bytes]:
    """The file for anybody, in pieces. `drawn` are given once their plan is public; `pieces` are taken of an open draw only."""
    document = _document(draw, classes)
    if drawn is not None:
        document["drawn"] = [[each.code, each.name] for each in drawn]
    if not draw.open:
        yield orjson.dumps(document)
        return
    document["salt"] = draw.salt
    yield from _with_population(document, pieces)


def complete_file(
    draw: Draw, classes: list[str], drawn: list[Drawn], pieces: Iterable[bytes]
) -> Iterator[bytes]:
    """The file for those who supervise the draw, in pieces: with the population, weights, inspectors and who goes where."""
    document = _document(draw, classes) | {"salt": draw.salt}
    if draw.inspectors is not None:
        document["inspectors"] |= {"listed": orjson.loads(draw.inspectors)["inspectors"]}
    if drawn:
        document["drawn"] = [[each.code, each.name] for each in drawn]
        document["assigned"] = [list(each.inspectors) for each in drawn]
    yield from _with_population(document, pieces)


def _document(draw: Draw, classes: list[str]) -> dict[str, Any]:
    return {
        "algorithm": ALGORITHM,
        "number": draw.number,
        "title": draw.title,
        "agency": draw.agency,
        "criteria": {"region": draw.criteria.region, "classes": classes},
        "count": draw.count,
        "each": draw.each,
        "register_version": draw.register_version,
        "committed_at": draw.decided_at.isoformat() if draw.decided_at else None,
        "population": {"count": draw.population, "hash": draw.population_hash, "public": draw.open},
        "inspectors": {"hash": draw.inspectors_hash},
        "seed_source": draw.seed_source or "server",
        "seed_from": draw.seed_from.isoformat() if draw.seed_from else None,
        "seed": draw.seed,
        "seeded_at": draw.seeded_at.isoformat() if draw.seeded_at else None,
        "void": draw.void_reason,
    }


def _with_population(document: dict[str, Any], pieces: Iterable[bytes]) -> Iterator[bytes]:
    yield orjson.dumps(document)[:-1] + b',"enterprises":['
    for at, piece in enumerate(pieces):
        yield (b"," if at else b"") + piece
    yield b"]}"


def verify(content: bytes) -> Verdict:
    """Run a draw again from its file. Raises FileRefused where it is none, or of another algorithm."""
    try:
        document = orjson.loads(content)
        if document["algorithm"] != ALGORITHM:
            raise FileRefused(
                f"这个文件用的是另一种算法，本程序只认 {ALGORITHM}。",
                f"The file is not of the algorithm {ALGORITHM}.",
            )
        return _verified(document)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise FileRefused(
            "这不是随机抽取的文件，或已损坏。", "This is no file of a draw, or it is damaged."
        ) from None


def _sound(population: list[Candidate]) -> bool:
    """Whether nobody stands in a population twice. Raises ValueError for a weight that the algorithm does not know."""
    if not all(1 <= each.weight <= HEAVIEST for each in population):
        raise ValueError("weight")
    return len({each.code for each in population}) == len(population)


def _verified(document: dict[str, Any]) -> Verdict:
    steps: dict[str, bool | None] = dict.fromkeys(STEPS)
    salt, seed, drawn = document.get("salt"), document["seed"], document.get("drawn")
    lot = Lot(document["number"], seed or "")
    if "enterprises" in document:
        population = [Candidate(code, name, weight) for code, name, weight in document["enterprises"]]
        steps["population"] = _sound(population) and (
            {"hash": population_hash(population, str(salt)), "count": len(population)}
            == {name: document["population"][name] for name in ("hash", "count")}
        )
        if seed is not None and drawn is not None:
            taken = [[each.code, each.name] for each in lot.enterprises(population, document["count"])]
            steps["drawn"] = taken == drawn
    if "listed" in document["inspectors"]:
        listed = document["inspectors"]["listed"]
        written = canonical({"inspectors": listed, "salt": salt})
        steps["inspectors"] = hashlib.sha256(written).hexdigest() == document["inspectors"]["hash"]
        if seed is not None and drawn is not None and "assigned" in document:
            people = [Eligible(number, agency, frozenset(codes)) for number, agency, codes in listed]
            again = [lot.inspectors(code, people, document["each"]) for code, _name in drawn]
            steps["assigned"] = again == document["assigned"]
    return Verdict(document["number"], steps)
