"""Reach (职责范围): what of the desk somebody sees and enters: all of the portal, or what is of an agency or a region.

A scope is a text of the role. Where it names a place (江苏省苏州市, 苏州市相城区, 苏州市相城区渭塘镇: city, county, town) and nothing else, it holds for
that region and all inside it; any other text is an agency's name, which holds for what that agency made or brought.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from indexer.register.belonging import Belonging
from indexer.text.areas import area_in, area_of, inside


@dataclass(frozen=True, slots=True)
class Reach:
    """What somebody may see and enter. `scopes` counts where `whole` is false."""

    whole: bool
    scopes: frozenset[str] = frozenset()

    @property
    def text(self) -> str:
        """The scopes as they are kept with what somebody enters; empty for all of the portal."""
        return "" if self.whole else "\n".join(sorted(self.scopes))

    @property
    def agencies(self) -> frozenset[str]:
        """The agencies among the scopes."""
        return frozenset(each for each in self.scopes if _area(each) is None)

    @property
    def areas(self) -> frozenset[str]:
        """The regions among the scopes, as paths of `indexer.text.areas`."""
        return frozenset(area for each in self.scopes if (area := _area(each)) is not None)

    def covers(self, it: Belonging) -> bool:
        """Whether something is of an agency or region of these. An agency that is named after a place in a region is of that region."""
        return (
            self.whole
            or self.covers_agency(it.authority)
            or self.covers_agency(it.source)
            or any(inside(it.area, around) for around in self.areas)
        )

    def covers_agency(self, name: str | None) -> bool:
        """Whether an agency is one of these, or named after a place in a region of these."""
        if self.whole:
            return True
        if not name:
            return False
        areas = self.areas
        return name in self.agencies or bool(areas and any(inside(area_in(name), each) for each in areas))

    def holds(self, text: str) -> bool:
        """Whether all scopes of another, as `text`, lie within these."""
        if self.whole:
            return True
        return bool(text) and all(self._holds(each) for each in text.split("\n"))

    def _holds(self, scope: str) -> bool:
        area = _area(scope)
        if area is None:
            return self.covers_agency(scope)
        return any(inside(area, around) for around in self.areas)


EVERYTHING = Reach(True)


def reach_of(text: str) -> Reach:
    """The reach that is kept as a text."""
    return Reach(False, frozenset(text.split("\n"))) if text else EVERYTHING


def joined(scopes: Iterable[str]) -> Reach:
    """The reach of somebody who holds a role for each of these; an empty one is the whole portal."""
    listed = frozenset(scopes)
    return Reach("" in listed, listed - {""})


@cache
def _area(scope: str) -> str | None:
    return area_of(scope)
