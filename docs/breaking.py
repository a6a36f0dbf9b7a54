"""What of a new OpenAPI document would break programs that were written against the last released one (docs/api.md, the promise).

`python -m docs.breaking` compares the code with docs/openapi/v1.json and ends with 1 where something would break; `--release` writes the
document of the code there, after which it is what is promised.
"""

import json
import sys
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, ClassVar

Json = Mapping[str, Any]
RELEASED = Path(__file__).parent / "openapi" / "v1.json"

_UPPER = ("maximum", "maxLength", "maxItems", "maxProperties", "exclusiveMaximum")
_LOWER = ("minimum", "minLength", "minItems", "minProperties", "exclusiveMinimum")


def breaking(old: Json, new: Json, today: date | None = None) -> list[str]:
    """A sentence for each thing that worked with `old` and does not with `new`; empty where every program goes on."""
    return list(_operations(old, new, today or date.today()))  # noqa: DTZ011  the day of a release, wherever that is


def _operations(old: Json, new: Json, today: date) -> Iterator[str]:
    for path, methods in old["paths"].items():
        for method, before in methods.items():
            where = f"{method.upper()} {path}"
            after = new["paths"].get(path, {}).get(method)
            if after is not None:
                yield from _parameters(before, after, _Asked(old, new), where)
                yield from _bodies(before, after, _Asked(old, new), where)
                yield from _answers(before, after, _Answered(new, old), where)
            elif not before.get("x-sunset") or date.fromisoformat(before["x-sunset"]) > today:
                yield f"{where}: is gone before its Sunset"


def _parameters(before: Json, after: Json, asked: "_Fit", where: str) -> Iterator[str]:
    old, new = _named(before), _named(after)
    for name, parameter in old.items():
        if name not in new:
            yield f"{where}: parameter {name[1]} is gone"
            continue
        if new[name].get("required") and not parameter.get("required"):
            yield f"{where}: parameter {name[1]} is required now"
        yield from asked.fits(parameter["schema"], new[name]["schema"], f"{where}: parameter {name[1]}")
    for name in new.keys() - old.keys():
        if new[name].get("required"):
            yield f"{where}: parameter {name[1]} is new and required"


def _named(operation: Json) -> dict[tuple[str, str], Json]:
    return {(each["in"], each["name"]): each for each in operation.get("parameters", ())}


def _bodies(before: Json, after: Json, asked: "_Fit", where: str) -> Iterator[str]:
    old, new = before.get("requestBody"), after.get("requestBody")
    if old is None:
        if new is not None and new.get("required"):
            yield f"{where}: a body is required now"
        return
    if new is None:
        yield f"{where}: takes no body any more"
        return
    if new.get("required") and not old.get("required"):
        yield f"{where}: a body is required now"
    yield from _contents(old["content"], new["content"], asked, f"{where}: body", flip=False)


def _answers(before: Json, after: Json, answered: "_Fit", where: str) -> Iterator[str]:
    for status, response in before["responses"].items():
        if not status.startswith("2"):
            continue  # which errors there are is no promise; their one shape is, by the schema below
        now = after["responses"].get(status)
        if now is None:
            yield f"{where}: {status} is answered no more"
            continue
        yield from _contents(
            response.get("content", {}), now.get("content", {}), answered, f"{where}: {status}", flip=True
        )
        for name in response.get("headers", {}).keys() - now.get("headers", {}).keys():
            yield f"{where}: {status} has no header {name} any more"


def _contents(old: Json, new: Json, fit: "_Fit", where: str, *, flip: bool) -> Iterator[str]:
    for media, content in old.items():
        if media not in new:
            yield f"{where}: {media} is gone"
        else:
            pair = (
                (new[media]["schema"], content["schema"])
                if flip
                else (content["schema"], new[media]["schema"])
            )
            yield from fit.fits(*pair, where)


@dataclass
class _Fit(ABC):
    """Whether every value of one schema is one of another, each in its own document."""

    narrow_document: Json
    wide_document: Json
    seen: set[tuple[str, str]] = field(default_factory=set)

    def fits(self, narrow: Json, wide: Json, where: str) -> Iterator[str]:
        """Why not every value of `narrow` is one of `wide`; nothing where it is."""
        pair = (narrow.get("$ref", ""), wide.get("$ref", ""))
        if any(pair):
            if pair in self.seen:
                return
            self.seen.add(pair)
        narrow, wide = _resolved(narrow, self.narrow_document), _resolved(wide, self.wide_document)
        if any("anyOf" in each and "properties" not in each for each in (narrow, wide)):
            for option in narrow.get("anyOf", [narrow]):
                if not any(self._fits_alone(option, other, where) for other in wide.get("anyOf", [wide])):
                    yield f"{where}: {_short(option)} does not fit"
            return
        yield from self._types(narrow, wide, where)
        yield from self._bounds(narrow, wide, where)
        yield from self._object(narrow, wide, where)
        if "items" in narrow and "items" in wide:
            yield from self.fits(narrow["items"], wide["items"], f"{where}[]")

    def _fits_alone(self, narrow: Json, wide: Json, where: str) -> bool:
        return not any(
            type(self)(self.narrow_document, self.wide_document, set(self.seen)).fits(narrow, wide, where)
        )

    def _types(self, narrow: Json, wide: Json, where: str) -> Iterator[str]:
        given, taken = _types(narrow), _types(wide)
        if taken and not (given and given <= taken | ({"integer"} if "number" in taken else set())):
            yield f"{where}: {_short(narrow)} does not fit {_short(wide)}"
        elif wide.get("format") not in (None, narrow.get("format")):
            yield f"{where}: format {narrow.get('format')} does not fit {wide['format']}"

    def _bounds(self, narrow: Json, wide: Json, where: str) -> Iterator[str]:
        for names, sign in ((_UPPER, 1), (_LOWER, -1)):
            for name in names:
                if name in wide and (name not in narrow or sign * narrow[name] > sign * wide[name]):
                    yield f"{where}: {name} {narrow.get(name)} does not fit {wide[name]}"

    def _object(self, narrow: Json, wide: Json, where: str) -> Iterator[str]:
        for name in sorted(set(wide.get("required", ())) - set(narrow.get("required", ()))):
            yield f"{where}: {name} {self.required}"
        properties, known = narrow.get("properties", {}), wide.get("properties", {})
        for name, schema in properties.items():
            if name in known:
                yield from self.fits(schema, known[name], f"{where}.{name}")
        yield from self._members(properties, known, wide, where)
        below, above = narrow.get("additionalProperties"), wide.get("additionalProperties")
        if isinstance(below, dict) and isinstance(above, dict):
            yield from self.fits(below, above, f"{where}.*")

    required: ClassVar[str]

    @abstractmethod
    def _members(self, properties: Json, known: Json, wide: Json, where: str) -> Iterator[str]:
        """What is wrong with the names of an object's members."""


class _Asked(_Fit):
    """What was asked before has to be taken now: `narrow` is the old one."""

    required = "is required now"

    def _members(self, properties: Json, known: Json, wide: Json, where: str) -> Iterator[str]:
        if wide.get("additionalProperties") is False:
            for name in properties.keys() - known.keys():
                yield f"{where}: {name} is taken no more"

    def _bounds(self, narrow: Json, wide: Json, where: str) -> Iterator[str]:
        yield from super()._bounds(narrow, wide, where)
        if "pattern" in wide and wide["pattern"] != narrow.get("pattern"):
            yield f"{where}: the pattern is another"
        if (values := _values(wide)) is not None:
            gone = [value for value in _values(narrow) or ["anything"] if value not in values]
            if gone:
                yield f"{where}: {', '.join(map(str, gone))} is taken no more"


class _Answered(_Fit):
    """What is answered now has to be understood by who knew the old answers: `wide` is the old one. Values of an enumeration may be new."""

    required = "may be missing now"

    def _members(self, properties: Json, known: Json, wide: Json, where: str) -> Iterator[str]:
        for name in known.keys() - properties.keys() - set(wide.get("required", ())):
            yield f"{where}: {name} is gone"


def _resolved(schema: Json, document: Json) -> Json:
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def _types(schema: Json) -> set[str]:
    found = schema.get("type", [])
    return {found} if isinstance(found, str) else set(found)


def _values(schema: Json) -> list[Any] | None:
    if "const" in schema:
        return [schema["const"]]
    values: list[Any] | None = schema.get("enum")
    return values


def _short(schema: Json) -> str:
    return str(
        schema.get("$ref", "").rpartition("/")[2] or schema.get("title") or schema.get("type") or "anything"
    )


def main(arguments: list[str]) -> int:
    """Compare, or release; gives the exit code."""
    from portal.api import batch_views, check_views, views  # they declare the operations
    from portal.api.openapi import document_json

    assert views and check_views and batch_views
    if arguments == ["--release"]:
        RELEASED.write_text(document_json() + "\n", encoding="utf-8")
        return 0
    broken = breaking(json.loads(RELEASED.read_text(encoding="utf-8")), json.loads(document_json()))
    for each in broken:
        print(f"破坏兼容 breaks: {each}", file=sys.stderr)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
