"""The table that benchmarks print."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """One figure: what, what was measured, the ratio or number, and the bound it is held to ("" where there is none)."""

    what: str
    measured: str
    figure: float
    bound: str

    @property
    def holds(self) -> bool:
        """Whether the figure is within its bound."""
        if not self.bound:
            return True
        sign, limit = self.bound.split()
        return self.figure <= float(limit) if sign == "≤" else self.figure >= float(limit)

    def __str__(self) -> str:
        mark = "" if not self.bound else "yes" if self.holds else "NO"
        return f"| {self.what} | {self.measured} | {self.figure:.2f} | {self.bound} | {mark} |"


HEAD = "| what | measured | figure | bound | holds |\n|---|---|---:|---|---|"
