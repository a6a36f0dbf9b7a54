"""One rule of a table written anew (规则的写入), the rest of the text as it stands: comments and layout are the operators' own.

What was written is read again; where the text is laid out so that one rule can not be cut out of it, the whole table is written from its content.
"""

import json
import re
import tomllib
from collections.abc import Mapping
from datetime import date
from typing import Any

Plain = dict[str, Any]

ORDER = (
    *("id", "version", "domains", "effect", "trigger", "scope", "duration", "branches", "successors"),
    *("basis", "source", "verified", "valid_from", "valid_to", "zh", "en"),
)
"""The fields of a rule as docs/restrictions.md has them."""

_bare = re.compile(r"[A-Za-z0-9_-]+").fullmatch
_header = re.compile(r"[ \t]*\[\[[ \t]*rule[ \t]*\]\][ \t]*(#.*)?").fullmatch


def plain_rules(text: str) -> list[Plain]:
    """The rules of a sound table as TOML has them."""
    rules: list[Plain] = tomllib.loads(text)["rule"]
    return rules


def with_rule(text: str, identity: str | None, rule: Plain | None) -> str:
    """A sound table with `rule` in the place of the one called `identity`, at its end where that is None; without it where `rule` is None."""
    data = tomllib.loads(text)
    rules: list[Plain] = data["rule"]
    place = next((at for at, each in enumerate(rules) if each["id"] == identity), len(rules))
    data["rule"] = rules[:place] + ([rule] if rule else []) + rules[place + 1 :]
    written = _replaced(text, place, rule)
    try:
        if tomllib.loads(written) == data:
            return written
    except tomllib.TOMLDecodeError:
        pass
    return "\n".join(f"[[rule]]\n{toml_rule(each)}" for each in data["rule"])


def toml_rule(rule: Mapping[str, Any]) -> str:
    """The lines of a rule, below its `[[rule]]`."""
    names = sorted(rule, key=lambda name: (ORDER.index(name) if name in ORDER else len(ORDER), name))
    return "".join(f"{_key(name)} = {toml(rule[name])}\n" for name in names)


def toml(value: object) -> str:
    """A value on one line, as TOML writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(name)} = {toml(each)}" for name, each in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    return str(value)


def _quoted(text: str) -> str:
    """A text as TOML quotes it: like JSON, and without the one control character that JSON leaves as it is."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _key(name: str) -> str:
    return name if _bare(name) else _quoted(name)


def _replaced(text: str, place: int, rule: Plain | None) -> str:
    """The text with the block of one rule replaced: from its header to its last line that is neither blank nor a comment."""
    lines = text.splitlines()
    headers = [at for at, line in enumerate(lines) if _header(line)]
    block = ["[[rule]]", *toml_rule(rule).splitlines()] if rule else []
    if place >= len(headers):
        return "\n".join([*lines, "", *block]).strip("\n") + "\n"
    first = headers[place]
    end = headers[place + 1] if place + 1 < len(headers) else len(lines)
    while end > first + 1 and (not lines[end - 1].strip() or lines[end - 1].lstrip().startswith("#")):
        end -= 1
    if not block and end < len(lines) and not lines[end].strip():
        end += 1
    return "\n".join(lines[:first] + block + lines[end:]).strip("\n") + "\n"
