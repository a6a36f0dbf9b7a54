"""What one table says otherwise than another (规则差异), rule by rule and field by field."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from portal.restrictions.writing import ORDER, Plain, plain_rules, toml

What = Literal["added", "removed", "changed"]


@dataclass(frozen=True, slots=True)
class Line:
    """A field of a rule, as `trigger.one_of.scheme`, before and after as TOML writes it; None where it is not there."""

    field: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class RuleDifference:
    """A rule that is in one table only, or differs."""

    id: str
    what: What
    lines: tuple[Line, ...]


def differences(before: str, after: str) -> list[RuleDifference]:
    """How the sound table `after` differs from `before`: changed and new rules in its order, then those that are gone."""
    old = {rule["id"]: rule for rule in plain_rules(before)}
    new = {rule["id"]: rule for rule in plain_rules(after)}
    found = [
        _difference(name, old.get(name, {}), new.get(name, {})) for name in (*new, *(old.keys() - new.keys()))
    ]
    return [each for each in found if each.lines]


def _difference(identity: str, before: Plain, after: Plain) -> RuleDifference:
    was, will = dict(_flat(before)), dict(_flat(after))
    lines = tuple(
        Line(name, was.get(name), will.get(name))
        for name in sorted({**was, **will}, key=_order)
        if was.get(name) != will.get(name)
    )
    return RuleDifference(identity, "added" if not before else "removed" if not after else "changed", lines)


def _flat(value: Mapping[str, Any], within: str = "") -> Iterator[tuple[str, str]]:
    for name, each in value.items():
        if isinstance(each, Mapping):
            yield from _flat(each, f"{within}{name}.")
        else:
            yield f"{within}{name}", _text(each)


def _text(value: object) -> str:
    """A text as it is, a list of texts joined, anything else as TOML writes it."""
    if isinstance(value, str):
        return value
    if isinstance(value, Sequence) and all(isinstance(each, str) for each in value):
        return "、".join(value)
    return toml(value)


def _order(name: str) -> tuple[int, str]:
    top = name.partition(".")[0]
    return ORDER.index(top) if top in ORDER else len(ORDER), name
