"""The rule of supervision grades (分级规则) as data: classes of products, risk levels and the matrix, read strictly from TOML.

"产品分类、企业分级、风险分等"的"三分"标准 (苏州市政府办公室转发市质监局文件, 2015, 五大体系第 5 项).
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from indexer.errors import ZhixinError
from indexer.kinds.rating import GRADES

EXAMPLE = Path(__file__).with_name("rule.toml")
NONE = "none"
RATINGS = (*(term.code for term in GRADES.terms), NONE)
"""Enterprises' grades as the matrix names them, `none` where no grade is in force."""

LONGEST = 50_000  # characters of a rule
LONGEST_WORD = 60
MOST_CLASSES = 100
MOST_WORDS = 20  # of a class
_code = re.compile(r"[a-z][a-z0-9-]{0,31}").fullmatch


class RuleRefused(ZhixinError):
    """A rule that can not be used; `problems` are all that is wrong with it, in Chinese."""

    code = "rule-refused"
    status = 400

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("；".join(problems), "The rule can not be used: " + "; ".join(problems))


@dataclass(frozen=True, slots=True)
class ProductClass:
    """A class of products (产品类别) with its risk level (风险等级). Without words it is for those that are in no other."""

    code: str
    name: str
    risk: str
    words: tuple[str, ...]
    basis: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """A supervision grade (监管等级) with what it rests on: the class, the enterprise's grade, and both bases."""

    grade: str
    product_class: ProductClass
    rating: str
    basis: str


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the matrix: from each of `RATINGS` to a supervision grade."""

    to: Mapping[str, str]
    basis: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A sound rule: `grades` from the lightest to the strictest; `lines` by the code of a class."""

    grades: tuple[str, ...]
    risks: tuple[str, ...]
    classes: tuple[ProductClass, ...]
    lines: Mapping[str, Line]

    @property
    def rest(self) -> ProductClass:
        """The class of those that are in no other."""
        return next(each for each in self.classes if not each.words)

    def classes_of(self, products: str | None) -> list[ProductClass]:
        """The classes of an enterprise by what it makes, in small letters; at least one."""
        text = products or ""
        return [each for each in self.classes if any(word in text for word in each.words)] or [self.rest]

    def judge(self, products: str | None, rating: str | None) -> Judgement:
        """The strictest grade of an enterprise's classes; of equally strict ones the first class of the rule is named."""
        own = rating or NONE
        found = [
            Judgement(self.lines[each.code].to[own], each, own, self.lines[each.code].basis)
            for each in self.classes_of(products)
        ]
        return max(found, key=lambda each: self.grades.index(each.grade))  # the first of the greatest


@lru_cache(maxsize=32)
def read_rule(text: str) -> Rule:
    """The rule that a TOML text says. Raises RuleRefused with all that is wrong."""
    if len(text) > LONGEST:
        raise RuleRefused([f"规则超过 {LONGEST:,} 个字符。"])
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RuleRefused([f"不是有效的 TOML：{error}"]) from None
    reader = _Reader()
    rule = reader.rule(data)
    if reader.problems:
        raise RuleRefused(reader.problems)
    return rule


class _Reader:
    """Reads a rule and goes on after a wrong value, so that all are told at once."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def rule(self, data: dict[str, Any]) -> Rule:
        self._known(data, ("grades", "risks", "class", "matrix"), "规则")
        grades, risks = (
            self._words(data.get("grades"), "grades", 26),
            self._words(data.get("risks"), "risks", 9),
        )
        classes = [self._class(each, at, risks) for at, each in enumerate(self._tables(data, "class"), 1)]
        self._classes(classes)
        by_risk: dict[str, Line] = {}
        by_class: dict[str, Line] = {}
        for at, each in enumerate(self._tables(data, "matrix"), 1):
            self._line(
                each, f"第 {at} 个 matrix", grades, risks, {one.code for one in classes}, by_risk, by_class
            )
        lines = {}
        for one in classes:
            line = by_class.get(one.code) or by_risk.get(one.risk)
            if line is not None:
                lines[one.code] = line
            elif not self.problems:
                self._say(f"产品类别 {one.code} 的风险等级 {one.risk} 没有矩阵行。")
        return Rule(grades, risks, tuple(classes), lines)

    def _say(self, problem: str) -> None:
        self.problems.append(problem)

    def _known(self, data: dict[str, Any], names: tuple[str, ...], where: str) -> None:
        for name in data:
            if name not in names:
                self._say(f"{where}：不认识的项目 {name[:40]!r}，请检查拼写。")

    def _tables(self, data: dict[str, Any], name: str) -> Iterator[dict[str, Any]]:
        value = data.get(name)
        if not isinstance(value, list) or not value or len(value) > MOST_CLASSES:
            self._say(f"{name}：应当有 1 到 {MOST_CLASSES} 项，每项以 [[{name}]] 开头。")
            return
        for each in value:
            if isinstance(each, dict):
                yield each
            else:
                self._say(f"{name}：每项以 [[{name}]] 开头。")

    def _words(self, value: object, where: str, most: int, least: int = 1) -> tuple[str, ...]:
        if not isinstance(value, list) or not least <= len(value) <= most:
            self._say(f"{where}：应当是 {least} 到 {most} 个词的列表。")
            return ()
        words = tuple(" ".join(each.split()) for each in value if isinstance(each, str))
        if len(words) < len(value) or not all(word and len(word) <= LONGEST_WORD for word in words):
            self._say(f"{where}：每个词应当有 1 到 {LONGEST_WORD} 个字。")
        if len(set(words)) < len(words):
            self._say(f"{where}：有重复的词。")
        return words

    def _text(self, data: dict[str, Any], name: str, where: str) -> str:
        value = data.get(name)
        if isinstance(value, str) and value.strip() and len(value) <= 300:
            return " ".join(value.split())
        self._say(f"{where}：{name} 应当是 1 到 300 个字。")
        return ""

    def _class(self, data: dict[str, Any], at: int, risks: tuple[str, ...]) -> ProductClass:
        where = f"第 {at} 个 class"
        self._known(data, ("code", "name", "risk", "words", "basis"), where)
        code = self._text(data, "code", where)
        if not _code(code):
            self._say(f"{where}：code 应当由小写字母、数字和连字符组成。")
        risk = self._text(data, "risk", where)
        if risk not in risks:
            self._say(f"{where}：risk 应当是 {'、'.join(risks)} 之一。")
        words = self._words(data.get("words"), f"{where} 的 words", MOST_WORDS, 0)
        small = tuple(word.lower() for word in words)
        return ProductClass(
            code, self._text(data, "name", where), risk, small, self._text(data, "basis", where)
        )

    def _classes(self, classes: list[ProductClass]) -> None:
        if len({each.code for each in classes}) < len(classes):
            self._say("class：有两类的 code 相同。")
        if sum(not each.words for each in classes) != 1:
            self._say("class：应当恰有一类的 words 为空列表，归其他各类之外的企业。")

    def _line(
        self,
        data: dict[str, Any],
        where: str,
        grades: tuple[str, ...],
        risks: tuple[str, ...],
        codes: set[str],
        by_risk: dict[str, Line],
        by_class: dict[str, Line],
    ) -> None:
        self._known(data, ("risk", "class", "basis", "to"), where)
        names = [name for name in ("risk", "class") if name in data]
        to = data.get("to")
        line = Line(dict(to) if isinstance(to, dict) else {}, self._text(data, "basis", where))
        if set(line.to) != set(RATINGS) or not all(grade in grades for grade in line.to.values()):
            self._say(f"{where}：to 应当为 {'、'.join(RATINGS)} 各写一个监管等级（{'、'.join(grades)}）。")
        if len(names) != 1:
            self._say(f"{where}：risk 和 class 应当恰写一项。")
            return
        value, target = data[names[0]], by_risk if names[0] == "risk" else by_class
        if value not in (risks if names[0] == "risk" else codes):
            self._say(f"{where}：没有这个 {names[0]}。")
        elif value in target:
            self._say(f"{where}：{value} 已有一行。")
        else:
            target[value] = line
