"""In the OpenAPI document: answers that may be given in part (`fields`) are their own schema or that of a part of it."""

from copy import deepcopy
from typing import Any

PART = "Part"
_REFERENCE = "#/components/schemas/"


def with_parts(document: dict[str, Any], sparse: set[str]) -> dict[str, Any]:
    """The document with a second schema for the answers of the operations named `sparse`: the same, where nothing is required."""
    schemas = document["components"]["schemas"]
    made: dict[str, Any] = {}
    for methods in document["paths"].values():
        for operation in methods.values():
            if operation["operationId"] in sparse:
                content = operation["responses"]["200"]["content"]["application/json"]
                whole = content["schema"]
                content["schema"] = {"anyOf": [whole, _part(whole, schemas, made)]}
    schemas |= made
    return document


def _part(schema: Any, schemas: dict[str, Any], made: dict[str, Any]) -> Any:
    """A schema that asks for nothing, and likewise all that it refers to, which goes into `made`."""
    if isinstance(schema, list):
        return [_part(each, schemas, made) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if (reference := schema.get("$ref", "")).startswith(_REFERENCE):
        name = reference.removeprefix(_REFERENCE)
        if schemas[name].get("type") != "object":
            return schema
        if name + PART not in made:
            made[name + PART] = {}  # it may refer to itself
            made[name + PART] = _part(schemas[name], schemas, made) | {
                "title": name + PART,
                "description": f"What `fields` asks for of {name}.",
            }
        return schema | {"$ref": reference + PART}
    found = {key: _part(value, schemas, made) for key, value in schema.items() if key != "required"}
    return deepcopy(found)
