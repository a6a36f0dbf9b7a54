"""Positions in the feed (位置): opaque outside, and checked before anything is read by them."""

import base64
import binascii
import struct
from dataclasses import dataclass

from indexer.errors import InvalidParameter, ZhixinError

_form = struct.Struct(">IQQ")
LENGTH = len(base64.urlsafe_b64encode(bytes(_form.size)).rstrip(b"="))


class PositionGone(ZhixinError):
    """What happened after a position is not kept any more, or it is one of another feed: the mirror begins anew."""

    code = "position-gone"
    status = 410

    def __init__(self) -> None:
        super().__init__(
            "这个位置之后的变更已不全（太久没有来取，或变更流已重新开始）。请清空镜像，不带 since 重新取起。",
            "Changes after this position are not all kept (it is too old, or the feed began anew). Empty the mirror and begin again "
            "without `since`.",
        )


@dataclass(frozen=True, slots=True)
class Position:
    """Behind the change `number` of the feed `epoch`, in a reading that was begun when `floor` was the newest.

    `floor` is what makes a beginning last: removals before it are of no concern to a mirror that began after them.
    """

    epoch: int
    number: int
    floor: int

    def __str__(self) -> str:
        packed = _form.pack(self.epoch, self.number, self.floor)
        return base64.urlsafe_b64encode(packed).rstrip(b"=").decode()

    @classmethod
    def read(cls, text: str) -> "Position":
        """The position that a text is. Raises InvalidParameter where it is none."""
        try:
            if len(text) != LENGTH:
                raise ValueError
            position = cls(*_form.unpack(base64.b64decode(text + "=" * (-LENGTH % 4), b"-_", validate=True)))
            if str(position) != text or max(position.number, position.floor) >= 1 << 63:
                raise ValueError
        except (ValueError, binascii.Error, struct.error):
            raise InvalidParameter(
                "since",
                "不是本站给出的位置，请原样使用 next。",
                "is no position that was given out here; use `next` as it is",
            ) from None
        return position
