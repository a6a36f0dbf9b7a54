"""Plans (方案) as data: how much a key may be used, for what, and how it is come by. Explained for operators in docs/keys.md."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from indexer.errors import ZhixinError
from indexer.setting_values import WINDOW
from indexer.settings import Settings

SHIPPED = Path(__file__).with_name("plans.toml")
ANONYMOUS = "anonymous"
SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}


class Scope(StrEnum):
    """What a key may be used for (权限范围)."""

    READ = "read"  # 查询
    CHECKS = "checks"  # 批量核查
    EXCHANGE = "exchange"  # 与其他系统交换: never without a key


class PlansRefused(ZhixinError):
    """The table of plans can not be used; the message names all that is wrong."""

    code = "plans"


@dataclass(frozen=True, slots=True)
class Window:
    """A window (时间窗): `amount` is what requests may cost together within `seconds`, counted from the first of them."""

    name: str
    amount: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan. `windows` all hold, the shortest first; `at_once` requests may be under way together; a key is good for `days`."""

    name: str
    zh: str
    en: str
    zh_about: str
    en_about: str
    windows: tuple[Window, ...]
    at_once: int
    scopes: tuple[Scope, ...]
    approved: bool
    days: int


@dataclass(frozen=True, slots=True)
class Plans:
    """The table: the plan of visitors without a key, and those of keys by name."""

    anonymous: Plan
    named: Mapping[str, Plan]

    def of(self, name: str) -> Plan:
        """A plan by its name. A key of a plan that is no longer in the table has what everybody has, and may only read."""
        return self.named.get(name, self.anonymous)


def window(text: str) -> Window:
    """A window as it is written, `600/minute`."""
    amount, _, name = text.partition("/")
    return Window(name, int(amount), SECONDS[name])


def _written(text: str) -> str:
    if not WINDOW.fullmatch(text):
        raise ValueError("600/minute")
    return text


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _AnonymousRow(_Row):
    at_once: int = Field(ge=1, le=10_000)


class _PlanRow(_AnonymousRow):
    name: str = Field(pattern=r"^[a-z][a-z0-9-]{0,31}$")
    zh: str = Field(min_length=1, max_length=40)
    en: str = Field(min_length=1, max_length=40)
    zh_about: str = Field(max_length=200)
    en_about: str = Field(max_length=200)
    windows: list[Annotated[str, AfterValidator(_written)]] = Field(min_length=1, max_length=4)
    scopes: list[Literal["read", "checks", "exchange"]] = Field(min_length=1)
    given: Literal["at-once", "approved"]
    days: int = Field(ge=1, le=3660)


class _File(_Row):
    anonymous: _AnonymousRow
    plan: list[_PlanRow] = Field(min_length=1)


def load_plans(settings: Settings) -> Plans:
    """The plans of the settings: the shipped table, or the one that `ZHIXIN_PLANS` names. Raises PlansRefused with all that is wrong."""
    path = Path(settings.plans) if settings.plans else SHIPPED
    try:
        read = _File.model_validate(tomllib.loads(path.read_text("utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        raise _refused([path.name], "打不开，或不是 UTF-8 的 TOML", "is no TOML in UTF-8") from None
    except ValidationError as error:
        wrong = [".".join(map(str, each["loc"])) for each in error.errors()]
        raise _refused(wrong, "没有填写，或写法不对", "is missing or malformed") from None
    names = [row.name for row in read.plan]
    if doubled := [name for name in names if names.count(name) > 1 or name == ANONYMOUS]:
        raise _refused(list(dict.fromkeys(doubled)), "重名", "is there twice")
    if mixed := [row.name for row in read.plan if len(_seconds(row)) < len(row.windows)]:
        raise _refused(mixed, "有两个同样长的时间窗", "has two windows of the same length")
    anonymous = Plan(
        *(ANONYMOUS, "无密钥", "Without a key", "", ""),
        _ordered(settings.rate_limits),
        read.anonymous.at_once,
        *((Scope.READ,), False, 0),
    )
    return Plans(anonymous, {row.name: _plan(row) for row in read.plan})


def _seconds(row: _PlanRow) -> set[int]:
    return {window(each).seconds for each in row.windows}


def _plan(row: _PlanRow) -> Plan:
    return Plan(
        *(row.name, row.zh, row.en, row.zh_about, row.en_about),
        _ordered(row.windows),
        row.at_once,
        tuple(Scope(each) for each in dict.fromkeys(row.scopes)),
        row.given == "approved",
        row.days,
    )


def _ordered(written: list[str] | tuple[str, ...]) -> tuple[Window, ...]:
    return tuple(sorted(map(window, written), key=lambda each: each.seconds))


def _refused(where: list[str], zh: str, en: str) -> PlansRefused:
    listed = "、".join(where)
    return PlansRefused(
        f"方案表有误：{listed} {zh}。格式见 docs/keys.md。",
        f"The table of plans can not be used: {listed} {en}. See docs/keys.md.",
    )
