"""In which row something stood first (首次出现的行), of a list however long: some thirty bytes a text, where a dictionary takes hundreds."""

from array import array

_LEAST = 1 << 12  # slots


class FirstRows:
    """A table with open addressing from texts to the rows, counted from 1, in which they came first.

    It holds the 64-bit hash of a text and not the text: two that differ have the same with a chance of 1 in 10^9 a list of 100,000.
    """

    def __init__(self) -> None:
        self._held = 0
        self._hashes = array("q", bytes(8 * _LEAST))
        self._rows = array("i", bytes(4 * _LEAST))

    def first(self, text: str, row: int) -> int:
        """The row that `text` came with first: `row`, which is then kept, or an earlier one."""
        wanted = hash(text)
        at = self._slot(wanted)
        if not self._rows[at]:
            self._hashes[at], self._rows[at] = wanted, row
            self._held += 1
            if 3 * self._held > 2 * len(self._rows):
                self._grow()
            return row
        return self._rows[at]

    def found(self, text: str) -> int | None:
        """The row that `text` came with first, None where it did not come."""
        return self._rows[self._slot(hash(text))] or None

    def _slot(self, wanted: int) -> int:
        """Where a hash stands, or the free place where it would."""
        at = wanted % len(self._rows)
        while self._rows[at] and self._hashes[at] != wanted:
            at = (at + 1) % len(self._rows)
        return at

    def _grow(self) -> None:
        hashes, rows, slots = self._hashes, self._rows, 2 * len(self._rows)
        self._hashes, self._rows = array("q", bytes(8 * slots)), array("i", bytes(4 * slots))
        for wanted, row in zip(hashes, rows, strict=True):
            if row:
                at = self._slot(wanted)
                self._hashes[at], self._rows[at] = wanted, row
