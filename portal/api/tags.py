"""Tags of answers (ETag): made from the question and what the answer rests on, before anything is read for it, so that a 304 renders nothing.

A tag must change with whatever changes the answer: the register (an operation says which mark of it, indexer/register/marks.py), the rules,
the day in Shanghai, the language, the question, and the code that answers. It is taken in the transaction in which the register is read, so
tag and answer are of one state.
"""

import hashlib
from collections.abc import Callable, Hashable
from functools import cache
from pathlib import Path

from flask import request
from pydantic import BaseModel

from indexer.register.marks import Mark, mark_of_record, mark_of_register
from portal.context import portal
from portal.i18n import english

ROOT = Path(__file__).parent.parent.parent
CODE = ("indexer", "portal")
MADE_OF = frozenset({".py", ".toml", ".txt", ".mo"})

State = Callable[[BaseModel], Mark]
"""From a question to the mark of what its answer is made from."""


def whole_register(_question: BaseModel) -> Mark:
    """For answers that name the register's version, or may be made from any of its records."""
    return mark_of_register(portal().register.engine)


def one_record(question: BaseModel) -> Mark:
    """For answers about the record whose id the question names."""
    return mark_of_record(portal().register.engine, str(question.id))  # type: ignore[attr-defined]


def tag_of(name: str, question: BaseModel, state: State, *, weak: bool) -> str:
    """The tag of what the operation `name` answers now; weak where the answer also tells of the moment of asking."""
    parts = portal()
    rests_on: tuple[Hashable, ...] = (
        *(release(), name, question.model_dump_json(), english()),
        *(parts.clock.today(), parts.rules.book.now().version, state(question)),
    )
    tag = f'"{hashlib.blake2b(repr(rests_on).encode(), digest_size=12).hexdigest()}"'
    return f"W/{tag}" if weak else tag


def is_held(tag: str) -> bool:
    """Whether the asker says that it has the answer with this tag. `*` says only that it has some answer."""
    if "HTTP_IF_NONE_MATCH" not in request.environ:
        return False
    held = request.if_none_match
    return not held.star_tag and held.contains_weak(tag.removeprefix("W/").strip('"'))


@cache
def release() -> str:
    """The code that answers, and its tables: the same on every machine, another as soon as anything of it differs."""
    found = hashlib.blake2b(digest_size=12)
    for folder in CODE:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in MADE_OF:
                found.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return found.hexdigest()
