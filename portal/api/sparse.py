"""Sparse fields (字段选取): `fields=results.id,results.title,next` leaves of an answer only what it names, in its place.

A path is made of the names in the answer; lists, and objects whose names are data (`records` by kind), are gone through without being named.
"""

import types
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, Field

from portal.arguments import Arguments, invalid

Tree = dict[str, "Tree"]
"""The names that are asked for; an empty one stands for all there is below."""


EVERY = "*"
"""Stands in a tree for every name of an object whose names are data."""


class Sparse(Arguments):
    """A question whose answer may be given in part."""

    fields: str | None = Field(
        None, description="Only these parts of the answer: names with commas between, `results.id,next`."
    )


@lru_cache(maxsize=256)
def tree_of(fields: str, model: type[BaseModel]) -> Tree:
    """What `fields` asks for of an answer. Raises InvalidParameter naming the first path that the answer can not have."""
    tree: Tree = {}
    for path in fields.split(","):
        below = tree
        *above, last = _steps(path, model)
        for name in above:
            if below.get(name) == {}:
                break  # asked for as a whole already
            below = below.setdefault(name, {})
        else:
            below[last] = {}
    return tree


def pruned(value: Any, tree: Tree) -> Any:
    """Of a JSON value what the tree names."""
    if not tree:
        return value
    if isinstance(value, list):
        return [pruned(each, tree) for each in value]
    if isinstance(value, dict):
        if EVERY in tree:
            return {name: pruned(each, tree[EVERY]) for name, each in value.items()}
        return {name: pruned(each, tree[name]) for name, each in value.items() if name in tree}
    return value


def _steps(path: str, model: type[BaseModel]) -> list[str]:
    """The names of a path, with `EVERY` where names that are data are gone through."""
    steps: list[str] = []
    within: type[BaseModel] | None = model
    through = False
    for name in path.split("."):
        members = _members(within) if within is not None else {}
        if name not in members:
            names = list(members)
            raise invalid(
                "fields",
                f"回答里没有 {path[:50]}；这里可用：{'、'.join(names) or '（无）'}。",
                f"the answer has no {path[:50]}; there are: {', '.join(names) or 'none'}",
            )
        steps += [EVERY, name] if through else [name]
        within, through = members[name]
    return steps


@lru_cache(maxsize=256)
def _members(model: type[BaseModel]) -> Mapping[str, tuple[type[BaseModel] | None, bool]]:
    """The names of an answer's parts, each with the model of what stands below it, and whether names that are data lie between."""
    return {
        field.alias or name: (next(_models(field.annotation), None), get_origin(field.annotation) is dict)
        for name, field in model.model_fields.items()
    }


def _models(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    elif get_origin(annotation) in (list, dict, Union, types.UnionType):
        for each in get_args(annotation):
            yield from _models(each)
