"""Canonical JSON (RFC 8785, JCS): one writing for one value, so that a hash over it can be checked by anybody in any language.

orjson with sorted keys writes what the RFC asks for as long as keys are ASCII and numbers are whole or of ordinary size; others are refused
here instead of being written in a second way. tests/checks/test_canonical.py holds it against the vectors of the RFC and another writer.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

import orjson

LARGEST_WHOLE = 2**53 - 1
"""The whole numbers that every reader of JSON keeps exactly (RFC 7493)."""

LEAST, MOST = 1e-4, 1e15
"""Fractions between these are written alike everywhere: in digits, without an exponent."""


def canonical(value: object) -> bytes:
    """The canonical writing of a value of dicts, lists, texts, numbers, True, False and None, as UTF-8.

    Raises ValueError for a key that is not ASCII, and for a number that is not finite, too large to be exact or too small.
    """
    return orjson.dumps(_ready(value, set()), option=orjson.OPT_SORT_KEYS)


def in_parts(
    before: Mapping[str, Any],
    listed: str,
    elements: Iterable[Any],
    size: int,
    after: Callable[[], Mapping[str, Any]],
) -> Iterator[bytes]:
    """`canonical` of a document in pieces: all up to its list under the key `listed`, that list by `size` elements, and what follows.

    `before` holds the keys that sort before `listed`; `after` is asked for the others when the last element was taken. So the list can be
    written while it is being made and is never held, and a few elements can be read without the others: see `elements` and
    `without_elements`. Raises ValueError for a key on the wrong side, and what `canonical` raises.
    """
    if any(name >= listed for name in before):
        raise ValueError(f"a key that sorts after {listed}")
    yield canonical(before)[:-1] + (b"," if before else b"") + canonical(listed) + b":["
    waiting, start = iter(elements), b""
    while some := list(islice(waiting, size)):
        yield start + canonical(some)[1:-1]
        start = b","
    rest = after()
    if any(name <= listed for name in rest):
        raise ValueError(f"a key that sorts before {listed}")
    yield b"]" + (b"," + canonical(rest)[1:] if rest else b"}")


def elements(part: bytes) -> list[Any]:
    """The elements in one of the middle pieces of `in_parts`."""
    found: list[Any] = orjson.loads(b"[" + part.removeprefix(b",") + b"]")
    return found


def without_elements(first: bytes, last: bytes) -> dict[str, Any]:
    """The document of the first and the last piece of `in_parts`, its list empty."""
    document: dict[str, Any] = orjson.loads(first + last)
    return document


_AS_THEY_ARE = frozenset((str, bool, type(None)))


def _ready(value: Any, sound: set[int]) -> Any:
    """The value with whole numbers as such: JCS writes 1.0 as 1. What has none is given back itself and noted in `sound`, since a
    long document may hold one and the same piece thousands of times.
    """
    kind = type(value)
    if kind is dict or kind is list:
        if kind is dict and not "".join(value).isascii():
            raise ValueError("a key that is not ASCII")
        changed = None
        for place, each in value.items() if kind is dict else enumerate(value):
            if type(each) in _AS_THEY_ARE or id(each) in sound or (ready := _ready(each, sound)) is each:
                continue
            changed = changed if changed is not None else value.copy()
            changed[place] = ready
        if changed is None:
            sound.add(id(value))
        return value if changed is None else changed
    if kind in _AS_THEY_ARE:
        return value
    if kind is float and not value.is_integer():
        if not LEAST <= abs(value) < MOST:
            raise ValueError("a number that is written differently elsewhere")
        return value
    if kind is int or kind is float:
        if abs(value) > LARGEST_WHOLE:
            raise ValueError("a whole number too large to be exact")
        return int(value)
    raise ValueError(f"no value of JSON: {kind.__name__}")
