"""Writes `models.py` and `operations.py` of the client from the portal's OpenAPI document, so that the client has all of it and nothing else.

`python clients/python/generate.py` writes them; with `--check` it only says which are out of date, and ends with 1 where one is.
"""

import argparse
import json
import keyword
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
CHECKOUT = HERE.parent.parent
PACKAGE = HERE / "zhixin_client"
NO_NAMES = {"list", "dict", "str", "int", "float", "bool", "date", "datetime"}
"""Names of fields that would hide what the annotations of the same class need."""

PART = "Part"
"""What the names of schemas end in that stand for answers in part."""

Schema = dict[str, Any]


def document() -> Schema:
    """The OpenAPI document of this checkout."""
    sys.path.insert(0, str(CHECKOUT))
    import portal.app  # noqa: F401  declares the operations
    from portal.api.openapi import document_json

    found: Schema = json.loads(document_json())
    return _of_whole_answers(found)


def _of_whole_answers(found: Schema) -> Schema:
    """The document without answers in part (`fields=`): what a typed client gives has all its fields."""
    found["components"]["schemas"] = {
        name: schema for name, schema in found["components"]["schemas"].items() if not name.endswith(PART)
    }
    for methods in found["paths"].values():
        for operation in methods.values():
            every = operation.get("parameters", ())
            operation["parameters"] = [each for each in every if each["name"] != "fields"]
            for each in operation["responses"].values():
                described = each.get("content", {}).get("application/json", {})
                if "anyOf" in described.get("schema", {}):
                    described["schema"] = described["schema"]["anyOf"][0]
    return found


def models(schemas: dict[str, Schema]) -> str:
    """A class for each schema of an object, those that others need first."""
    classes = "\n\n".join(_class(name, schemas[name]) for name in _in_order(schemas))
    return f'''"""What the API takes and answers, as Pydantic models. Written by generate.py from the OpenAPI document: change that, not this."""

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class Model(BaseModel):
    """Base of all. A field that a later portal adds is passed over; a value that is not understood is refused, never guessed."""

    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True)


{classes}
'''


def operations(paths: dict[str, dict[str, Schema]]) -> str:
    """A method for each operation."""
    found = [
        (path, method, operation) for path, methods in paths.items() for method, operation in methods.items()
    ]
    methods = "\n\n".join(_method(*each) for each in found)
    names = sorted({name for each in found for name in _models_of(each[2])})
    return f'''"""The operations of the API. Written by generate.py from the OpenAPI document: change that, not this."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import date, datetime
from typing import Literal, TypeVar

from zhixin_client.files import File
from zhixin_client.models import {", ".join(["Model", *names])}

A = TypeVar("A", bound=Model)
B = TypeVar("B", bound=Model)
Argument = str | int | bool | date | datetime | None
Query = Mapping[str, Argument]


class Operations(ABC):
    """All operations, each with its arguments by the names of the document. An argument that is None is not sent."""

    @abstractmethod
    def _ask(self, method: str, path: str, query: Query, body: Model | File | None, answer: type[A]) -> A:
        """Ask for the address."""

    @abstractmethod
    def _ask_long(
        self, method: str, path: str, query: Query, body: Model | File | None, answer: type[A], later: type[B]
    ) -> A | B:
        """Ask for the address; where the answer takes longer, 202 gives a `later`."""

    @staticmethod
    @abstractmethod
    def _part(value: Argument) -> str:
        """A value as a part of an address."""

{methods}
'''


def _class(name: str, schema: Schema) -> str:
    fields = [
        _field(each, described, each in schema.get("required", ()))
        for each, described in schema.get("properties", {}).items()
    ]
    return f'class {name}(Model):\n    """{_paragraph(schema.get("description", name), 4)}"""\n\n{"".join(fields)}'


def _field(name: str, schema: Schema, required: bool) -> str:
    own = f"{name}_" if keyword.iskeyword(name) or name in NO_NAMES else name
    arguments = [] if required else [_default(schema)]
    arguments += [f"alias={name!r}"] if own != name else []
    value = "" if required and own == name else f" = Field({', '.join(arguments)})"
    if not required and own == name:
        value = f" = {_default(schema)}"
    told = f'    """{_paragraph(schema["description"], 4)}"""\n' if schema.get("description") else ""
    return f"    {own}: {_type(schema)}{value}\n{told}"


def _default(schema: Schema) -> str:
    """The default as Python; Pydantic copies lists."""
    return repr(schema.get("default"))


def _type(schema: Schema) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "anyOf" in schema:
        return " | ".join(dict.fromkeys(map(_type, schema["anyOf"])))
    if "enum" in schema or "const" in schema:
        return f"Literal[{', '.join(map(repr, schema.get('enum', [schema.get('const')])))}]"
    match schema.get("type"):
        case "array":
            return f"list[{_type(schema.get('items', {}))}]"
        case "object":
            inner = schema.get("additionalProperties")
            return f"dict[str, {_type(inner) if isinstance(inner, dict) else 'Any'}]"
        case "string":
            return {"date": "date", "date-time": "datetime"}.get(schema.get("format", ""), "str")
        case "null":
            return "None"
        case kind:
            return {"integer": "int", "number": "float", "boolean": "bool"}.get(kind or "", "Any")


def _method(path: str, method: str, operation: Schema) -> str:
    every = operation.get("parameters", ())
    if strange := {each["in"] for each in every} - {"path", "query"}:
        raise SystemExit(f"{operation['operationId']}: parameters in {strange} are not understood")
    in_path = [each for each in every if each["in"] == "path"]
    needed = [each for each in every if each["in"] == "query" and each.get("required")]
    free = [each for each in every if each["in"] == "query" and not each.get("required")]
    body = _json(operation.get("requestBody", {}))
    arguments = ["self", *(f"{each['name']}: {_type(each['schema'])}" for each in (*in_path, *needed))]
    if body:
        files = len(operation["requestBody"]["content"]) > 1
        arguments.append(f"body: {body} | File" if files else f"body: {body}")
    arguments += ["*"] if free else []
    arguments += [f"{each['name']}: {_optional(_type(each['schema']))} = None" for each in free]
    answer, later = _json(operation["responses"]["200"]), _json(operation["responses"].get("202", {}))
    address = re.sub(r"{(\w+)}", r"{self._part(\1)}", path)
    query = ", ".join(f"{each['name']!r}: {each['name']}" for each in (*needed, *free))
    told = [f"f{address!r}" if in_path else repr(path), f"{{{query}}}", "body" if body else "None", answer]
    return f'''    def {operation["operationId"]}({", ".join(arguments)}) -> {" | ".join(filter(None, (answer, later)))}:
        """{_paragraph(operation.get("description") or operation["summary"], 8)}"""
        return self.{"_ask_long" if later else "_ask"}({method.upper()!r}, {", ".join([*told, *([later] if later else [])])})
'''


def _optional(kind: str) -> str:
    return kind if kind.endswith("None") else f"{kind} | None"


def _json(part: Schema) -> str:
    """The model of a request's or response's JSON, "" where it has none."""
    described = part.get("content", {}).get("application/json")
    return _type(described["schema"]) if described else ""


def _models_of(operation: Schema) -> Iterator[str]:
    for part in (
        operation.get("requestBody", {}),
        *(operation["responses"].get(each, {}) for each in ("200", "202")),
    ):
        yield from re.findall(r"[A-Z]\w+", _json(part))


def _in_order(schemas: dict[str, Schema]) -> list[str]:
    ordered: dict[str, None] = {}

    def add(name: str) -> None:
        if name not in ordered:
            for needed in re.findall(r'"#/components/schemas/(\w+)"', json.dumps(schemas[name])):
                if needed != name:
                    add(needed)
            ordered[name] = None

    for name in sorted(schemas):
        add(name)
    return list(ordered)


def _sentence(text: str) -> str:
    return " ".join(text.split()).replace("\\", "\\\\").replace('"""', "'''")


def _paragraph(text: str, indent: int) -> str:
    """A text over several lines, with its quotes closed below where there are several."""
    lines = textwrap.wrap(_sentence(text), 106 - indent, break_long_words=False, break_on_hyphens=False)
    return f"\n{' ' * indent}".join(lines if len(lines) == 1 else [*lines, ""])


def _formatted(source: str) -> str:
    ruff = [sys.executable, "-m", "ruff"]
    for command in (["check", "--fix", "--quiet"], ["format"]):
        made = subprocess.run(
            [*ruff, *command, "--stdin-filename", str(PACKAGE / "made.py"), "-"],
            input=source,
            capture_output=True,
            text=True,
            check=False,
            cwd=CHECKOUT,
        )
        source = made.stdout
    return source


def main() -> int:
    """Write the files, or say which are out of date."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    checking = parser.parse_args().check
    said = document()
    made = {
        PACKAGE / "models.py": models(said["components"]["schemas"]),
        PACKAGE / "operations.py": operations(said["paths"]),
    }
    stale = False
    for path, source in made.items():
        text = _formatted(source)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            stale = True
            if checking:
                print(
                    f"{path.name} 与接口文档不一致，请运行 is out of date, run: python clients/python/generate.py",
                    file=sys.stderr,
                )
            else:
                path.write_text(text, encoding="utf-8")
    return int(stale and checking)


if __name__ == "__main__":
    sys.exit(main())
