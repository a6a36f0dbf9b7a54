"""What a rule asks of facts and how long it restricts (触发条件、期限): the types, and reading them from a rule's tables in `rules.toml`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Literal, cast

from indexer.kinds import kinds
from indexer.kinds.base import Kind, Show, Type
from portal.restrictions.scope import Place, UnknownPlace, place
from portal.restrictions.table import Table

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Threshold:
    """From which fine on (in 元, this amount included: 以上, 民法典 1259), on the days on which that amount counts."""

    yuan: Decimal
    valid_from: date | None
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class Repeated:
    """How often facts must come for a rule to restrict: on `times` different days, of which the last is at most `months` after the first.

    The same date so many months later still counts (民法典 201, 202), at most the month's last day.
    """

    times: int
    months: int


@dataclass(frozen=True, slots=True)
class Trigger:
    """Which facts a rule is about: those of one record kind that meet every condition given.

    `one_of`: the column is one of the words. `includes`: one of the words is in the column's `、` list. `mentions`: the column's text
    contains one of the words. `regions`: the fact's own region is one of these or within it. `status` and `status_not`: the state on the
    day. `fine_at_least`: the penalty's fine reaches the amount that counts on the day. `latest_by`: a later record of the kind with the
    same words in these columns takes its place (a new grade replaces the old). `repeated`: not one fact restricts, but several do.
    """

    kind: str
    one_of: Mapping[str, tuple[str, ...]]
    includes: Mapping[str, tuple[str, ...]]
    mentions: Mapping[str, tuple[str, ...]]
    status: tuple[str, ...]
    status_not: tuple[str, ...]
    fine_at_least: tuple[Threshold, ...]
    regions: tuple[Place, ...] = ()
    latest_by: tuple[str, ...] = ()
    repeated: Repeated | None = None


@dataclass(frozen=True, slots=True)
class Duration:
    """How long a rule restricts.

    `term`: the fact's own period; where it has no end, at the latest `years_at_most` after its start. `years`: from the start to the
    same date `years` later, that day included (民法典 201, 202). `until`: to the day in `column`. `life`: for ever. The start is the day in
    the column `begin`, else the fact's own. The earliest day in one of the columns `ended_by` is the first day without restriction.
    """

    type: Literal["term", "years", "until", "life"]
    begin: str | None
    column: str | None
    years: int | None
    years_at_most: int | None
    ended_by: tuple[str, ...]


def read_trigger(table: Table) -> tuple[Trigger, Kind | None]:
    """A rule's trigger, and its record kind where there is such a one."""
    kind = kinds().get(table.choice("kind", tuple(kinds())))
    trigger = Trigger(
        kind=kind.name if kind else "",
        one_of=table.words_by_column("one_of"),
        includes=table.words_by_column("includes"),
        mentions=table.words_by_column("mentions"),
        status=table.words("status"),
        status_not=table.words("status_not"),
        fine_at_least=tuple(_threshold(each) for each in table.tables("fine_at_least")),
        regions=read_places(table, "regions"),
        latest_by=table.words("latest_by"),
        repeated=_repeated(table),
    )
    table.close()
    if not any((trigger.one_of, trigger.includes, trigger.mentions, trigger.status, trigger.fine_at_least)):
        table.complain("除 kind 外没有条件；只凭有一条记录不能限制任何人。")
    if kind is not None:
        for conditions in (trigger.one_of, trigger.includes, trigger.mentions):
            for column, words in conditions.items():
                _check_words(table, kind, column, words)
        for word in (*trigger.status, *trigger.status_not):
            if word not in kind.statuses:
                table.complain(f"{kind.label}没有状态 {word}。")
        if trigger.fine_at_least:
            _check_column(table, kind, "fine", Type.AMOUNT)
        for column in trigger.latest_by:
            _check_column(table, kind, column, Type.TEXT, Type.CHOICE)
    return trigger, kind


def _repeated(table: Table) -> Repeated | None:
    if "repeated" not in table.left:
        return None
    inner = table.table("repeated")
    repeated = Repeated(inner.number("times", least=2, most=100), inner.number("months", most=120))
    inner.close()
    return repeated


def _threshold(table: Table) -> Threshold:
    threshold = Threshold(Decimal(table.number("yuan")), *table.period())
    table.close()
    return threshold


def read_duration(table: Table, kind: Kind | None) -> Duration:
    """How long a rule on records of a kind restricts."""
    duration = Duration(
        type=cast(
            Literal["term", "years", "until", "life"],
            table.choice("type", ("term", "years", "until", "life")),
        ),
        begin=table.optional_text("from"),
        column=table.optional_text("column"),
        years=table.optional_number("years", most=100),
        years_at_most=table.optional_number("years_at_most", most=100),
        ended_by=table.words("ended_by"),
    )
    table.close()
    belongs = {"years": duration.years, "until": duration.column}
    for type_, value in belongs.items():
        name = "column" if type_ == "until" else type_
        if duration.type == type_ and value is None:
            table.complain(f"type 是 {type_}，还应当写 {name}。")
        if duration.type and duration.type != type_ and value is not None:
            table.complain(f"type 是 {duration.type}，不能写 {name}。")
    if duration.type and duration.type != "term" and duration.years_at_most is not None:
        table.complain("years_at_most 只能与 type = term 同用。")
    if kind is not None:
        for column in filter(None, (duration.begin, duration.column, *duration.ended_by)):
            _check_column(table, kind, column, Type.DATE)
    return duration


def _check_column(table: Table, kind: Kind, name: str, *types: Type) -> None:
    """A rule rests on what the public may see, so that everybody can follow it."""
    column = next((column for column in kind.columns if column.name == name), None)
    if column is None or column.show is Show.NEVER:
        table.complain(f"{kind.label}没有公开的字段 {name}。")
    elif column.type not in types:
        table.complain(f"{kind.label}的字段 {name} 不是{'日期' if Type.DATE in types else '所需的类型'}。")


def _check_words(table: Table, kind: Kind, name: str, words: tuple[str, ...]) -> None:
    _check_column(table, kind, name, Type.TEXT, Type.CHOICE)
    column = next((column for column in kind.columns if column.name == name), None)
    for word in words:
        if column is not None and column.choices is not None and word not in column.choices:
            table.complain(f"{kind.label}的字段 {name} 不会是 {word}。")


def read_places(table: Table, key: str) -> tuple[Place, ...]:
    """The places that a list of names or codes means."""
    found = []
    for word in table.words(key):
        try:
            found.append(place(word))
        except UnknownPlace as error:
            table.complain(error.zh)
    return tuple(found)
