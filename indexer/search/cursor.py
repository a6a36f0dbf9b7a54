"""Where a page ended (游标): opaque, safe in an address, and good only for the query it came from."""

import base64
import binascii
import json
from dataclasses import dataclass

from indexer.errors import InvalidParameter


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last hit of a page: its sort `value`, its `place` among equals, how many hits came before the next page, its query's `digest`.

    While the next page is among the first hits, which are put in order together, `value` and `place` are those of the last of these."""

    value: float
    place: int
    position: int
    digest: str

    @property
    def at(self) -> tuple[float, int]:
        """Where that hit stands in the engine's order."""
        return self.value, self.place

    def __str__(self) -> str:
        """The opaque form that people get."""
        packed = json.dumps([self.value, self.place, self.position, self.digest], separators=(",", ":"))
        return base64.urlsafe_b64encode(packed.encode()).rstrip(b"=").decode()

    @classmethod
    def parse(cls, text: str) -> "Cursor":
        """Read the opaque form. Raises InvalidParameter("cursor") for anything that was never given out."""
        try:
            packed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
            value, place, position, digest = json.loads(packed)
            numbers = type(place) is int and type(position) is int
            if numbers and 0 <= place < 2**63 and position > 0 and isinstance(digest, str):
                return cls(float(value), place, position, digest)
        except (ValueError, TypeError, OverflowError, RecursionError, binascii.Error):
            pass
        raise refusal()


def refusal() -> InvalidParameter:
    """What is said to a cursor that does not belong here."""
    return InvalidParameter(
        "cursor",
        "翻页标记无效或不属于本次查询，请从第一页重新查询。",
        "The cursor is not valid for this query; start again from the first page.",
    )
