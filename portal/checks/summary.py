"""How many bidders of a check there are of each sort (核查小结), counted as they come."""

from collections import Counter

from portal.checks.model import BidderResult

CERTAINTIES = ("exact", "certain", "uncertain", "none")


class Summary:
    """Counts results: by certainty, those restricted or banned somewhere, of these the banned, and those that hold all that is required."""

    def __init__(self) -> None:
        self._found: Counter[str] = Counter()

    def add(self, result: BidderResult) -> None:
        """Count one bidder."""
        found = self._found
        found[result.match.certainty] += 1
        standings = {domain.status for domain in result.domains}
        found["restricted"] += bool(standings - {"clear"})
        found["banned"] += "banned" in standings
        found["meeting_all"] += bool(result.cells) and all(cell.met == "met" for cell in result.cells)

    def counts(self) -> dict[str, int]:
        """The sums: `bidders`, each certainty, `restricted`, `banned`, `meeting_all`."""
        every = sum(self._found[each] for each in CERTAINTIES)
        names = (*CERTAINTIES, "restricted", "banned", "meeting_all")
        return {"bidders": every, **{name: self._found[name] for name in names}}
