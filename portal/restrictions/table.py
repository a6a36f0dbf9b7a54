"""Reading one TOML table of the rule table: every wrong value is noted with where it stands, and reading goes on."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping


class Table:
    """A table under a name for messages (`规则 practice-ban`). Each getter takes a key once and returns a harmless value where it is
    wrong or missing, adding a sentence to `problems`; `close` complains about keys that nobody asked for.
    """

    def __init__(self, data: object, where: str, problems: list[str]) -> None:
        self.where = where
        self.problems = problems
        self.left: dict[str, object] = {}
        if isinstance(data, dict):
            self.left = {str(key): value for key, value in data.items()}
        else:
            self.complain("应当是一张表，写成 { 名称 = 值 }。")

    def complain(self, sentence: str) -> None:
        """Notes what is wrong with this table."""
        self.problems.append(f"{self.where}：{sentence}")

    def text(self, key: str) -> str:
        """A text that must be there and say something."""
        value = self.left.pop(key, None)
        if isinstance(value, str) and value.strip():
            return value
        self.complain(f"{key} 没有填写，应当是一段文字。")
        return ""

    def optional_text(self, key: str) -> str | None:
        """A text, or None where the key is absent."""
        return self.text(key) if key in self.left else None

    def choice(self, key: str, allowed: Collection[str]) -> str:
        """One of some words."""
        value = self.left.pop(key, None)
        if isinstance(value, str) and value in allowed:
            return value
        self.complain(f"{key} 应当是 {'、'.join(allowed)} 之一。")
        return ""

    def number(self, key: str, least: int = 1, most: int = 10**12) -> int:
        """A whole number that must be there."""
        value = self.left.pop(key, None)
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return value
        self.complain(f"{key} 应当是 {least} 到 {most} 的整数。")
        return least

    def optional_number(self, key: str, least: int = 1, most: int = 10**12) -> int | None:
        """A whole number, or None where the key is absent."""
        return self.number(key, least, most) if key in self.left else None

    def flag(self, key: str) -> bool:
        """true or false; must be there."""
        value = self.left.pop(key, None)
        if not isinstance(value, bool):
            self.complain(f"{key} 应当是 true 或 false。")
        return value is True

    def optional_flag(self, key: str) -> bool:
        """true or false, false where the key is absent."""
        return self.flag(key) if key in self.left else False

    def period(self) -> tuple[date | None, date | None]:
        """`valid_from` and `valid_to`, both days included, None where absent."""
        first, last = self._day("valid_from"), self._day("valid_to")
        if first is not None and last is not None and last < first:
            self.complain(f"valid_to {last} 早于 valid_from {first}。")
        return first, last

    def _day(self, key: str) -> date | None:
        value = self.left.pop(key, None)
        if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
            return value
        self.complain(f"{key} 应当是日期，写成 2026-03-01，不加引号。")
        return None

    def words(self, key: str) -> tuple[str, ...]:
        """A list of different words, () where the key is absent; an empty list is wrong."""
        if key not in self.left:
            return ()
        value = self.left.pop(key)
        if (
            isinstance(value, list)
            and value
            and all(isinstance(word, str) and word.strip() for word in value)
        ):
            if len(set(value)) < len(value):
                self.complain(f"{key} 里有重复的词。")
            return tuple(value)
        self.complain(f'{key} 应当是至少一个词的列表，写成 ["甲", "乙"]。')
        return ()

    def words_by_column(self, key: str) -> Mapping[str, tuple[str, ...]]:
        """`{ column = [words], … }`, empty where the key is absent."""
        if key not in self.left:
            return {}
        inner = self.table(key)
        return {column: inner.words(column) for column in list(inner.left)}

    def table(self, key: str) -> Table:
        """A table inside this one, which must be there."""
        return Table(self.left.pop(key, None), f"{self.where}的 {key}", self.problems)

    def tables(self, key: str) -> tuple[Table, ...]:
        """A list of tables, () where the key is absent."""
        value = self.left.pop(key, [])
        if not isinstance(value, list):
            self.complain(f"{key} 应当是表的列表，写成 [{{ 名称 = 值 }}]。")
            return ()
        return tuple(
            Table(each, f"{self.where}的 {key} 第{place}项", self.problems)
            for place, each in enumerate(value, 1)
        )

    def close(self) -> None:
        """Complains about every key that is left: a mistyped name must not be passed over."""
        for key in self.left:
            self.complain(f"不认识的项目 {key}，请检查拼写。")
