"""Words that say what somebody wants to know (意图词): the table `intents.txt`."""

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

OfferField = Literal["kind", "status", "region", "year", "phrase"]


@dataclass(frozen=True, slots=True)
class Intents:
    """`intents.txt`: each word with the filter it asks for (or None), and the words that hold back."""

    end: dict[str, tuple[OfferField, str] | None]
    apart: dict[str, tuple[OfferField, str] | None]
    offering: dict[str, tuple[OfferField, str] | None]
    particle: str
    joint: frozenset[str]
    held: tuple[str, ...]
    matter: re.Pattern[str]
    general: frozenset[str]
    longest: int


@cache
def intents() -> Intents:
    """The table, read once. Raises ValueError for a line that is none."""
    words: dict[str, dict[str, tuple[OfferField, str] | None]] = {"end": {}, "apart": {}, "offering": {}}
    lists: dict[str, list[str]] = {"particle": [], "joint": [], "held": [], "matter": [], "general": []}
    for line in files("indexer.search").joinpath("intents.txt").read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        where, *entries = line.split()
        if where in lists:
            lists[where] += entries
        else:
            words[where] |= dict.fromkeys(entries[1:], _asked_for(entries[0]))
    every = [*words["end"], *words["apart"]]
    return Intents(
        words["end"],
        words["apart"],
        words["offering"],
        "".join(lists["particle"]),
        frozenset(lists["joint"]),
        tuple(lists["held"]),
        re.compile("|".join(map(re.escape, lists["matter"]))),
        frozenset(lists["general"]),
        max(map(len, every)),
    )


def _asked_for(entry: str) -> tuple[OfferField, str] | None:
    if entry == "-":
        return None
    field_, _, value = entry.partition("=")
    if field_ not in ("kind", "status") or not value:
        raise ValueError(f"intents.txt: {entry}")
    return ("kind", value) if field_ == "kind" else ("status", value)
