"""What another rule table would change (预览): whom it would newly restrict, whom it would free, before anybody is restricted by it."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from indexer.register.disclosure import PublicRecord
from indexer.register.reading import Register
from portal.restrictions.branches import STATED_IN, followed
from portal.restrictions.evaluate import DomainStatus
from portal.restrictions.rules import RuleSet
from portal.restrictions.status import domains

What = Literal["restricted", "freed", "heavier", "lighter", "longer", "shorter"]

WORDS: dict[What, str] = {
    "restricted": "新增限制",
    "freed": "解除限制",
    "heavier": "受限变为禁止",
    "lighter": "禁止变为受限",
    "longer": "期限变长",
    "shorter": "期限变短",
}

_WEIGHT = {"clear": 0, "restricted": 1, "banned": 2}


@dataclass(frozen=True, slots=True)
class Change:
    """One subject whose status in one domain would differ. `rules` are the ids of those that restrict there in one table and not in the
    other, or, where only days or effects differ, of all that restrict there.
    """

    code: str
    name: str
    domain: str
    label: str
    what: What
    rules: tuple[str, ...]


def kinds_asked(before: RuleSet, after: RuleSet) -> Collection[str]:
    """The record kinds that matter: those of all rules in any domain that some changed rule is about; none where nothing changed."""
    every = (*before.rules, *after.rules)
    changed = [rule for rule in every if rule not in before.rules or rule not in after.rules]
    touched = {code for rule in changed for code in rule.domains}
    asked = {rule.trigger.kind for rule in every if touched.intersection(rule.domains)}
    follows = any(rule.branches or rule.successors for rule in every)
    return asked | {STATED_IN} if follows and asked else asked


@dataclass(slots=True)
class Preview:
    """The sums over all subjects, and the first changes: `enterprises` counts each subject once for each word, `in_domains` by domain."""

    looked_at: int = 0
    enterprises: Counter[What] = field(default_factory=Counter)
    in_domains: Counter[tuple[str, What]] = field(default_factory=Counter)
    listed: list[Change] = field(default_factory=list)

    def add(self, found: Collection[Change], limit: int) -> None:
        """Count the changes of one subject; keep them while fewer than `limit` are kept."""
        self.looked_at += 1
        self.enterprises.update({change.what for change in found})
        self.in_domains.update((change.label, change.what) for change in found)
        self.listed += list(found)[: max(0, limit - len(self.listed))]


def preview(
    register: Register,
    subjects: Iterable[list[PublicRecord]],
    before: RuleSet,
    after: RuleSet,
    as_of: date,
    limit: int,
) -> Iterator[Preview]:
    """What differs on the day `as_of` over some subjects, given with their public records of the kinds that matter.

    Branches are judged with the enterprises that they belong to, successors with those they came from, read from the register.

    Yields the same `Preview`, as far as it has come, after each subject, and once at the end.
    """
    so_far = Preview()
    for records in subjects:
        so_far.add(changes(register, records, before, after, as_of), limit)
        yield so_far
    yield so_far


def changes(
    register: Register, records: list[PublicRecord], before: RuleSet, after: RuleSet, as_of: date
) -> tuple[Change, ...]:
    """What differs for one subject, by domain."""
    subject = records[0].subject if records else None
    if subject is None:
        return ()
    was, will = (
        domains(records, rules, as_of, followed(register, records, rules, as_of)) for rules in (before, after)
    )
    return tuple(
        Change(subject.code, subject.name, new.code, new.label_zh, what, _rules(old, new))
        for old, new in zip(was, will, strict=True)
        if (what := _difference(old, new)) is not None
    )


def _difference(old: DomainStatus, new: DomainStatus) -> What | None:
    if old.status == new.status:
        if old.until == new.until:
            return None
        return "shorter" if (new.until or date.max) < (old.until or date.max) else "longer"
    if old.status == "clear":
        return "restricted"
    if new.status == "clear":
        return "freed"
    return "heavier" if _WEIGHT[new.status] > _WEIGHT[old.status] else "lighter"


def _rules(old: DomainStatus, new: DomainStatus) -> tuple[str, ...]:
    was, will = {cause.rule for cause in old.because}, {cause.rule for cause in new.because}
    return tuple(sorted(was ^ will or was | will))
