"""Where a page ended (游标): opaque, safe in an address, and good only for the query it came from."""

import base64
import binascii
import json
import zlib
from dataclasses import dataclass

from indexer.errors import InvalidParameter

LONGEST_BLOCK = 50
"""Hits that a cursor names: those that were put in order together."""

LONGEST_PACKED = 16_384
"""Bytes that a cursor is unpacked to at most; fifty ids of 24 characters take 1,400."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where the next page begins, for the query with this `digest`.

    `block` are the ids of the first hits in the order they were put in when the first page was made, `near` says that there is nothing
    else; `position` is how many hits came before the next page. `at` is the value and place of the last hit behind the block, None
    while there was none.
    """

    digest: str
    position: int
    block: tuple[str, ...] = ()
    near: bool = False
    at: tuple[float, int] | None = None

    def __str__(self) -> str:
        """The opaque form that people get."""
        said = [self.digest, self.position, ",".join(self.block), self.near, self.at]
        packed = zlib.compress(json.dumps(said, separators=(",", ":")).encode(), 9)
        return base64.urlsafe_b64encode(packed).rstrip(b"=").decode()

    @classmethod
    def parse(cls, text: str) -> "Cursor":
        """Read the opaque form. Raises InvalidParameter("cursor") for anything that was never given out."""
        try:
            packed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
            said = zlib.decompressobj().decompress(packed, LONGEST_PACKED)
            digest, position, block, near, at = json.loads(said)
            ids = tuple(block.split(",")) if block else ()
            if (
                isinstance(digest, str)
                and type(position) is int
                and 0 < position < 2**63
                and len(ids) <= LONGEST_BLOCK
                and type(near) is bool
            ):
                return cls(digest, position, ids, near, _at(at))
        except (ValueError, TypeError, AttributeError, RecursionError, binascii.Error, zlib.error):
            pass
        raise refusal()


def _at(said: object) -> tuple[float, int] | None:
    """Raises ValueError or TypeError for what is no value and place."""
    if said is None:
        return None
    if not isinstance(said, list):
        raise TypeError
    value, place = said
    if type(value) not in (int, float) or type(place) is not int:
        raise TypeError
    if not (-(2**63) <= value < 2**63 and 0 <= place < 2**63):
        raise ValueError
    return float(value), place


def refusal() -> InvalidParameter:
    """What is said to a cursor that does not belong here."""
    return InvalidParameter(
        "cursor",
        "翻页标记无效或不属于本次查询，请从第一页重新查询。",
        "The cursor is not valid for this query; start again from the first page.",
    )
