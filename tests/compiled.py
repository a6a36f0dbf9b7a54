"""What is compiled for one portal or register serves every other that a process makes; thousands of tests make one of their own.

Flask makes 250 routes and up to 20 templates anew for each application: a quarter of a second, and as much again for the first page.
SQLAlchemy writes the SQL of a question anew for each engine. None of it depends on anything but its text and the kind of database.
"""

from collections.abc import Callable
from types import CodeType
from typing import Any

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import Engine
from sqlalchemy.util import immutabledict
from werkzeug.routing import Rule


class Templates(BytecodeCache):
    """The compiled templates of this process, by name and text."""

    def __init__(self) -> None:
        self._compiled: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._compiled.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        assert bucket.code is not None
        self._compiled[bucket.key, bucket.checksum] = bucket.code


class Routes:
    """The functions that write an address, by the parts of the route; the route itself is an argument of each."""

    def __init__(self) -> None:
        self._compile = Rule._compile_builder
        self._compiled: dict[tuple[object, ...], Callable[..., tuple[str, str]]] = {}

    def builder(self, rule: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        """What `Rule._compile_builder` gives. A default is written into the function, so rules that have some are left alone."""
        if rule.defaults:
            return self._compile(rule, append_unknown)
        made_of = (rule.rule, *rule._trace, append_unknown)
        if made_of not in self._compiled:
            self._compiled[made_of] = self._compile(rule, append_unknown)
        return self._compiled[made_of]


class Statements(dict[Any, Any]):
    """The SQL of this process, by the question and the kind of database: SQLAlchemy would ask by the engine's own dialect."""

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get(_of_any_engine(key), default)

    def __setitem__(self, key: Any, compiled: Any) -> None:
        super().__setitem__(_of_any_engine(key), compiled)


def _of_any_engine(key: Any) -> Any:
    dialect, *question = key
    return (dialect.name, dialect.driver, dialect._json_serializer, dialect._json_deserializer, *question)


def share() -> None:
    """From now on nothing is compiled twice in this process."""
    Engine._execution_options = immutabledict({"compiled_cache": Statements()})
    options: dict[str, Any] = {"bytecode_cache": Templates()}
    Flask.jinja_options = options
    routes = Routes()

    def builder(rule: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        return routes.builder(rule, append_unknown)

    Rule._compile_builder = builder  # type: ignore[method-assign,assignment]
