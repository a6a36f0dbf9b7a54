"""Arguments of a question, read strictly: what is unknown, doubled, too long or not text is refused by name, nothing is clamped."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Annotated, TypeVar
from urllib.parse import parse_qsl

from flask import Request
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError, field_validator
from pydantic_core import PydanticCustomError

from indexer.errors import InvalidParameter, QueryTooLong, ZhixinError

LONGEST_QUERY = 1000  # characters of `q`; contract.md: more is 413
LONGEST = 200  # characters of any other argument
LONGEST_CURSOR = 2000  # a search's cursor names fifty records
MOST = 50  # arguments; no question has a third of that


_is_day = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}").fullmatch
_is_instant = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?(Z|z|[+-][0-9]{2}:[0-9]{2})?"
).fullmatch
_undecodable = re.compile("[\ud800-\udfff\ufffd]").search
_control = re.compile("[\x00-\x1f\x7f-\x9f]").search  # Unicode's category Cc
_is_whole = re.compile(r"[0-9]{1,18}").fullmatch


class WrongArguments(ZhixinError):
    """One or more arguments can not be understood; `wrong` names each with its reason in both languages."""

    code = "invalid-parameter"
    status = 400

    def __init__(self, wrong: Iterable[tuple[str, str, str]]) -> None:
        self.wrong = tuple(wrong)
        super().__init__(
            "".join(f"参数 {where}：{zh}" for where, zh, _ in self.wrong),
            " ".join(f"{where}: {en}" for where, _, en in self.wrong),
        )


class Arguments(BaseModel):
    """Base of all questions: no argument but the named ones, numbers in plain digits."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @field_validator("limit", "year", mode="before", check_fields=False)
    @classmethod
    def _whole(cls, value: object) -> object:
        if isinstance(value, str) and _is_whole(value) is None:  # int() reads " 5", "+5" and "1_0" too
            raise PydanticCustomError("whole_number", "a whole number")
        return value


def _day(value: object) -> object:
    if isinstance(value, str):
        if _is_day(value) is None:  # Python reads weeks (2026-W10-1) too
            raise ValueError("day")
        return date.fromisoformat(value)
    return value


def _instant(value: object) -> object:
    if not isinstance(value, str):
        return value
    written = _is_instant(value)
    if written is None:
        raise PydanticCustomError("instant", "an RFC 3339 instant")
    if written[1] is None:
        raise PydanticCustomError("time_zone", "an RFC 3339 instant with its time zone")
    try:
        return datetime.fromisoformat(value.upper()).astimezone(UTC)
    except (ValueError, OverflowError):  # 30 February; the first hours of the year 1, east of Greenwich
        raise PydanticCustomError("instant", "an RFC 3339 instant") from None


Day = Annotated[date, BeforeValidator(_day)]
"""A day in Asia/Shanghai, written YYYY-MM-DD and no other way."""

Instant = Annotated[datetime, BeforeValidator(_instant)]
"""An instant as RFC 3339 writes it, with its time zone."""

A = TypeVar("A", bound=Arguments)

_WORDS = {
    "string_type": (
        "应为文字；代码也要加引号，写成数值会丢失位数。",
        "must be text; codes too, since numbers lose digits",
    ),
    "list_type": ("应为列表。", "must be a list"),
    "model_type": ("应为对象。", "must be an object"),
    "too_short": ("不能为空。", "must not be empty"),
    "too_long": ("太多了，请分几次。", "has too many elements"),
    "string_too_long": ("太长。", "is too long"),
    "extra_forbidden": ("没有这个参数，请删去。", "there is no such parameter"),
    "nothing_asked": ("query 与 properties 至少填写一个。", "must have a query or properties"),
    "property_value": (
        "应为文字、数值、true、false、带 id 的对象，或它们的列表。",
        "must be a text, a number, true, false, an object with an id, or a list of these",
    ),
    "not_unicode": ("不是有效的 Unicode 文字。", "is not valid Unicode"),
    "missing": ("必须填写。", "is required"),
    "whole_number": ("应为整数，如 20。", "must be a whole number like 20"),
    "instant": (
        "应为 RFC 3339 形式的时刻，如 2026-03-01T01:00:00Z；网址中的加号要写成 %2B。",
        "must be an RFC 3339 instant like 2026-03-01T01:00:00Z; in an address, a plus sign is written %2B",
    ),
    "time_zone": (
        "须写明时区，如 2026-03-01T01:00:00Z；网址中的加号要写成 %2B。",
        "must carry its time zone, like 2026-03-01T01:00:00Z; in an address, a plus sign is written %2B",
    ),
}


def arguments(request: Request, model: type[A], *, typed: bool = True, **path: str) -> A:
    """The arguments of `request` (and of its path) as a `model`. Raises WrongArguments naming all, or QueryTooLong.

    Where people type, a field of a form that is left empty is not given; a program (`typed` is false) that sends an empty one has lost
    something, and is told so: `?as_of=` is not today.
    """
    values: dict[str, str] = {}
    wrong: list[tuple[str, str, str]] = []
    for name, value in (*path.items(), *_pairs(request)):
        if name in values:
            wrong.append((plain(name), "重复出现，只能给一个值。", "is given more than once"))
        elif problem := _unreadable(name, value):
            wrong.append((plain(name), *problem))
        elif value == "" and name != "q" and not typed:
            wrong.append((plain(name), "是空的；不需要就不要写。", "is empty: leave it out"))
        values[name] = value
    if wrong:
        raise WrongArguments(wrong)
    if len(values.get("q", "")) > LONGEST_QUERY:
        raise QueryTooLong(
            f"查询词超过 {LONGEST_QUERY} 个字，请缩短后再查。",
            f"The query has more than {LONGEST_QUERY} characters.",
        )
    try:
        return model.model_validate(
            {name: value for name, value in values.items() if value != "" or name == "q"}
        )
    except ValidationError as error:
        raise WrongArguments(told(each) for each in error.errors(include_url=False)) from None


def _pairs(request: Request) -> list[tuple[str, str]]:
    try:
        return parse_qsl(
            request.query_string.decode("utf-8", "surrogateescape"),
            keep_blank_values=True,
            errors="surrogateescape",
            max_num_fields=MOST,
        )
    except ValueError:
        too_many = ("query", f"参数超过 {MOST} 个。", f"has more than {MOST} parameters")
        raise WrongArguments([too_many]) from None


def _unreadable(name: str, value: str) -> tuple[str, str] | None:
    """Why a value is no text: bytes that are no UTF-8, control characters, more than anyone types."""
    # Werkzeug has put U+FFFD where the bytes of a path were no UTF-8, and nobody types that character.
    if _undecodable(name + value):
        return "不是有效的 UTF-8 文字。", "is not valid UTF-8"
    if _control(name + value):
        return "含有控制字符，请删去。", "holds control characters"
    longest = LONGEST_CURSOR if name == "cursor" else LONGEST
    if name != "q" and len(value) > longest:
        return f"超过 {longest} 个字符。", f"has more than {longest} characters"
    return None


def plain(name: str) -> str:
    """A name of an argument as a message may repeat it."""
    return (
        "".join(c if c.isprintable() and not "\ud800" <= c <= "\udfff" else "�" for c in name)[:50] or "query"
    )


def told(error: object) -> tuple[str, str, str]:
    """What Pydantic found wrong: where, and why in both languages."""
    assert isinstance(error, dict)
    where = plain(".".join(str(part) for part in error["loc"]))
    kind, context = error["type"], error.get("ctx", {})
    if kind in ("greater_than_equal", "less_than_equal"):
        bound = context.get("ge", context.get("le"))
        side = ("不能小于", "at least") if "ge" in context else ("不能大于", "at most")
        return where, f"{side[0]} {bound}。", f"must be {side[1]} {bound}"
    if kind == "literal_error":
        expected = str(context["expected"]).replace("'", "").replace(" or ", ", ")
        return where, f"只能是：{expected.replace(', ', '、')}。", f"must be one of {expected}"
    if kind == "value_error" and where.rpartition(".")[2] in ("as_of", "since", "valid_until", "valid_on"):
        return where, "应为 YYYY-MM-DD 形式的日期，如 2026-03-01。", "must be a day like 2026-03-01"
    return where, *_WORDS.get(kind, ("写法不对。", "is malformed"))


def invalid(where: str, zh: str, en: str) -> InvalidParameter:
    """One argument that is well formed and still means nothing."""
    return InvalidParameter(where, zh, en)
