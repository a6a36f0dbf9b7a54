"""Which table of rules judges (规则版本的选取): the edition in force at the instant by which things are known.

When a restriction held is for the rules themselves to say (their basis's validity, counted in days); which rules the portal had is the second
clock, as for facts. So a check with `known_at` in the past is judged by the edition of then, on facts of then, through today's disclosure. See
docs/decisions/0017-rules-have-the-second-clock.md.
"""

from datetime import datetime
from functools import lru_cache

from indexer.errors import ServiceUnavailable
from indexer.rulebook.editions import Editions
from portal.restrictions.rules import RuleSet, RulesRefused, read_rules

KEPT = 32
"""Editions that are kept read: those that questions about the past ask for."""


class RulesUnreadable(ServiceUnavailable):
    """The edition in force says something that this release does not know: it is of a later one, or a column is gone."""

    code = "rules-unreadable"


class RuleBook:
    """The editions of a register as rules that can judge."""

    def __init__(self, editions: Editions) -> None:
        self.editions = editions
        self._read = lru_cache(maxsize=KEPT)(self._reading)

    def now(self) -> RuleSet:
        """The rules of this instant. Raises ServiceUnavailable."""
        return self.at(None)

    def at(self, known_at: datetime | None) -> RuleSet:
        """The rules that were in force at an instant, None for now; one to come counts as now. Raises ServiceUnavailable."""
        now = self.editions.clock.now()
        return self.edition(self.editions.at(min(known_at or now, now)))

    def edition(self, number: int) -> RuleSet:
        """The rules of an edition. Raises NotFound, ServiceUnavailable."""
        try:
            return self._read(number)
        except RulesRefused:
            raise RulesUnreadable(
                f"第 {number} 版限制规则与这一版程序不相容，暂时不能判断限制状态；请管理员运行 zhixin doctor。",
                f"Edition {number} of the restriction rules does not suit this release: an operator should run `zhixin doctor`.",
            ) from None

    def unreadable(self) -> list[tuple[int, RulesRefused]]:
        """Of the editions in force and to come those that this release can not read, with all that is wrong."""
        now = self.editions.clock.now()
        numbers = {self.editions.at(now), *(each.number for each in self.editions.coming())}
        found = []
        for number in sorted(numbers):
            try:
                self._read(number)
            except RulesRefused as error:
                found.append((number, error))
        return found

    def _reading(self, number: int) -> RuleSet:
        return read_rules(self.editions.content(number), f"第 {number} 版", number)
