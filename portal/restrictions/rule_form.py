"""One rule as a form (规则表单): what its fields hold, and the rule that a sent form says.

Nothing is judged here: what can not be read as a number or a day stays the text that was sent, so that the check of the whole table names it
with all else that is wrong.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from werkzeug.datastructures import MultiDict

from indexer.kinds.base import Column, Kind, Show, Type
from portal.restrictions.writing import Plain

WORDED = ("one_of", "includes", "mentions")
"""The conditions that ask for words in a column."""

SPARE = 2
"""Empty rows of conditions and amounts that a form offers."""

MOST_ROWS = 40
"""Rows of conditions and amounts that a form may send."""

LISTS = ("status", "status_not", "latest_by")


Form = MultiDict[str, str]
"""A sent form."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A row of the form: which condition on which column, a word on each line."""

    type: str
    column: str
    words: str


def columns(kind: Kind, *types: Type) -> list[Column]:
    """The columns of a kind that a rule may ask for: those that the public sees, of some types."""
    return [each for each in kind.columns if each.show is not Show.NEVER and each.type in types]


def conditions(rule: Plain) -> list[Condition]:
    """The rows of conditions, with some empty ones below."""
    trigger = _table(rule, "trigger")
    found = [
        Condition(type_, column, "\n".join(map(str, words)))
        for type_ in WORDED
        for column, words in _table(trigger, type_).items()
    ]
    return found + [Condition("one_of", "", "")] * SPARE


def amounts(rule: Plain) -> list[Plain]:
    """The rows of amounts, with an empty one below."""
    return [*_table(rule, "trigger").get("fine_at_least", []), {}]


def rule_from(form: Form, kind: str) -> Plain:
    """The rule that a form says, without its version."""
    rule: Plain = {
        "id": form.get("id", "").strip(),
        "effect": form.get("effect", ""),
        "trigger": _trigger(form, kind),
        "duration": _duration(form),
        "basis": _line(form, "basis"),
        "source": _line(form, "source"),
        "verified": bool(form.get("verified")),
        "zh": _line(form, "zh"),
        "en": _line(form, "en"),
    }
    scope = {name: found for name in ("regions", "trades") if (found := lines(form.get(f"scope-{name}", "")))}
    days = {name: _day(text) for name in ("valid_from", "valid_to") if (text := form.get(name, "").strip())}
    flags = {name: True for name in ("branches", "successors") if form.get(name)}
    chosen = {"domains": found} if (found := form.getlist("domains")) else {}
    return rule | chosen | ({"scope": scope} if scope else {}) | days | flags


def numbered(rule: Plain, before: Iterable[Plain]) -> Plain:
    """The rule with its version: the very rule of this id before where that says the same, else one version more; 1 for a new one."""
    old = next((each for each in before if each["id"] == rule["id"]), None)
    if old is None:
        return rule | {"version": 1}
    said = {name: value for name, value in old.items() if name != "version"}
    return old if _ordered(said) == _ordered(rule) else rule | {"version": old["version"] + 1}


def lines(text: str) -> list[str]:
    """The words of a field with one on each line."""
    return [word for line in text.splitlines() if (word := line.strip())]


def _ordered(value: object) -> object:
    """A value with its words in one order: boxes of a form are sent as they stand there."""
    if isinstance(value, Mapping):
        return {name: _ordered(each) for name, each in value.items()}
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return sorted(value)
    return value


def _trigger(form: Form, kind: str) -> Plain:
    trigger: Plain = {"kind": kind}
    for type_, column, text in _rows(form, "type", "column", "words"):
        if column or lines(text):
            trigger.setdefault(type_ if type_ in WORDED else "one_of", {}).setdefault(column, []).extend(
                lines(text)
            )
    found = [
        {
            "yuan": _number(yuan),
            **{name: _day(day) for name, day in (("valid_from", first), ("valid_to", last)) if day},
        }
        for yuan, first, last in _rows(form, "yuan", "yuan-from", "yuan-to")
        if yuan or first or last
    ]
    if found:
        trigger["fine_at_least"] = found
    if regions := lines(form.get("regions", "")):
        trigger["regions"] = regions
    trigger |= {name: chosen for name in LISTS if (chosen := form.getlist(name))}
    times, months = form.get("times", "").strip(), form.get("months", "").strip()
    if times or months:
        trigger["repeated"] = {"times": _number(times), "months": _number(months)}
    return trigger


def _duration(form: Form) -> Plain:
    duration: Plain = {"type": form.get("duration", "")}
    for name, field in (("from", "from"), ("column", "until")):
        if text := form.get(field, ""):
            duration[name] = text
    for name in ("years", "years_at_most"):
        if text := form.get(name, "").strip():
            duration[name] = _number(text)
    if ended := form.getlist("ended_by"):
        duration["ended_by"] = ended
    return duration


def _rows(form: Form, *names: str) -> Sequence[tuple[str, ...]]:
    """The rows of fields that stand several times in a form."""
    listed = (form.getlist(name)[:MOST_ROWS] for name in names)
    return [tuple(each.strip() for each in row) for row in zip(*listed, strict=False)]


def _line(form: Form, name: str) -> str:
    return " ".join(form.get(name, "").split())


def _number(text: str) -> int | str:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 15 else text


def _day(text: str) -> date | str:
    try:
        return date.fromisoformat(text) if len(text) == 10 else text
    except ValueError:
        return text


def _table(value: Mapping[str, Any], name: str) -> Plain:
    found = value.get(name)
    return dict(found) if isinstance(found, Mapping) else {}
