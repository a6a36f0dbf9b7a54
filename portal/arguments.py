"""Arguments of a question, read strictly: what is unknown, doubled, too long or not text is refused by name, nothing is clamped."""

import unicodedata
from collections.abc import Iterable
from datetime import date
from typing import Annotated, TypeVar
from urllib.parse import parse_qsl

from flask import Request
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from indexer.errors import InvalidParameter, QueryTooLong, ZhixinError

LONGEST_QUERY = 1000  # characters of `q`; contract.md: more is 413
LONGEST = 200  # characters of any other argument


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
    """Base of all questions: no argument but the named ones."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _day(value: object) -> object:
    if isinstance(value, str):
        if len(value) != 10 or not value.isascii():
            raise ValueError("day")
        return date.fromisoformat(value)
    return value


Day = Annotated[date, BeforeValidator(_day)]
"""A day in Asia/Shanghai, written YYYY-MM-DD and no other way."""

A = TypeVar("A", bound=Arguments)

_WORDS = {
    "extra_forbidden": ("没有这个参数，请删去。", "there is no such parameter"),
    "missing": ("必须填写。", "is required"),
    "int_parsing": ("应为整数。", "must be a whole number"),
    "datetime_from_date_parsing": (
        "应为带时区的时刻，如 2026-03-01T09:00:00+08:00。",
        "must be an RFC 3339 instant",
    ),
    "datetime_parsing": ("应为带时区的时刻，如 2026-03-01T09:00:00+08:00。", "must be an RFC 3339 instant"),
    "timezone_aware": ("须写明时区，如 2026-03-01T09:00:00+08:00。", "must carry its time zone"),
}


def arguments(request: Request, model: type[A], **path: str) -> A:
    """The arguments of `request` (and of its path) as a `model`. Raises WrongArguments naming all, or QueryTooLong."""
    values: dict[str, str] = {}
    wrong: list[tuple[str, str, str]] = []
    pairs = parse_qsl(
        request.query_string.decode("ascii", "replace"),
        keep_blank_values=True,
        errors="surrogateescape",
        max_num_fields=50,
    )
    for name, value in (*path.items(), *pairs):
        if name in values:
            wrong.append((_plain(name), "重复出现，只能给一个值。", "is given more than once"))
        elif problem := _unreadable(name, value):
            wrong.append((_plain(name), *problem))
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
        raise WrongArguments(_told(each) for each in error.errors(include_url=False)) from None


def _unreadable(name: str, value: str) -> tuple[str, str] | None:
    """Why a value is no text: bytes that are no UTF-8, control characters, more than anyone types."""
    if any("\ud800" <= character <= "\udfff" for character in name + value):
        return "不是有效的 UTF-8 文字。", "is not valid UTF-8"
    if any(unicodedata.category(character) == "Cc" for character in name + value):
        return "含有控制字符，请删去。", "holds control characters"
    if name != "q" and len(value) > LONGEST:
        return f"超过 {LONGEST} 个字符。", f"has more than {LONGEST} characters"
    return None


def _plain(name: str) -> str:
    return "".join(c if c.isprintable() and not "\ud800" <= c <= "\udfff" else "�" for c in name)[:50]


def _told(error: object) -> tuple[str, str, str]:
    assert isinstance(error, dict)
    where = _plain(".".join(str(part) for part in error["loc"])) or "query"
    kind, context = error["type"], error.get("ctx", {})
    if kind in ("greater_than_equal", "less_than_equal"):
        bound = context.get("ge", context.get("le"))
        side = ("不能小于", "at least") if "ge" in context else ("不能大于", "at most")
        return where, f"{side[0]} {bound}。", f"must be {side[1]} {bound}"
    if kind == "literal_error":
        expected = str(context["expected"]).replace("'", "").replace(" or ", ", ")
        return where, f"只能是：{expected.replace(', ', '、')}。", f"must be one of {expected}"
    if kind == "value_error" and where in ("as_of", "since", "valid_until"):
        return where, "应为 YYYY-MM-DD 形式的日期，如 2026-03-01。", "must be a day like 2026-03-01"
    return where, *_WORDS.get(kind, ("写法不对。", "is malformed"))


def invalid(where: str, zh: str, en: str) -> InvalidParameter:
    """One argument that is well formed and still means nothing."""
    return InvalidParameter(where, zh, en)
