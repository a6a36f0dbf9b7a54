"""A second implementation of the algorithm of docs/supervision.md, written from that page alone: sorting instead of a heap, one ticket at a time."""

import hashlib
from collections.abc import Iterable


def draw(number: str, seed: str, population: Iterable[tuple[str, int]], count: int) -> list[str]:
    """The codes that are drawn."""
    keys = {}
    for code, weight in population:
        tickets = []
        for k in range(weight):
            text = f"zhixin-draw-1\n{number}\n{seed}\nenterprise\n{code}\n{k + 1}"
            tickets.append(hashlib.sha256(text.encode("utf-8")).hexdigest())
        keys[code] = sorted(tickets)[0]
    return sorted(keys, key=lambda code: (keys[code], code))[:count]


def inspectors(number: str, seed: str, code: str, people: dict[str, set[str]], each: int) -> list[str]:
    """The inspectors of one enterprise; `people` are numbers with the codes they are excluded from."""
    order = {}
    for badge, excluded in people.items():
        if code not in excluded:
            text = f"zhixin-draw-1\n{number}\n{seed}\ninspector\n{code}\n{badge}"
            order[hashlib.sha256(text.encode("utf-8")).hexdigest()] = badge
    return [order[key] for key in sorted(order)][:each]
