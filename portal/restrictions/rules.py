"""The rule table (规则表): what `rules.toml` may say, read and checked whole before any of it is used.

All that is wrong with a table is named at once; a rule without a legal basis and a source is wrong (domain.md 3.4:
no measure without a cited basis). The fields are explained for operators in docs/restrictions.md.
"""

from __future__ import annotations

import hashlib
import json
import re
import string
import tomllib
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

from indexer.errors import ZhixinError
from indexer.kinds import kinds
from indexer.kinds.base import Kind, Show, Type
from portal.restrictions.scope import ANYWHERE, Place, Scope, UnknownPlace, place
from portal.restrictions.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SHIPPED = Path(__file__).with_name("rules.toml")

LONGEST = 300_000
"""Characters of a table; the shipped one has 14,000."""

Effect = Literal["restricted", "banned"]
"""受限: weighed, or barred as others decide; 禁止: the law or a decision bars, for a known time or for life."""

PLACEHOLDERS = frozenset({"title", "document", "authority", "day", "until", "count"})
"""What a rule's sentences may name; see `portal.restrictions.sentences`."""

_identity = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


class RulesRefused(ZhixinError):
    """The rule table can not be used; `problems` are all the reasons, in Chinese, each naming its rule."""

    code = "rules"
    status = 400

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        listed = "\n".join(f"  {problem}" for problem in self.problems)
        super().__init__(
            f"限制规则表有 {len(self.problems)} 处错误：\n{listed}",
            f"The restriction rules have {len(self.problems)} errors:\n{listed}",
        )


@dataclass(frozen=True, slots=True)
class Domain:
    """A field of life in which a subject can be restricted (受限领域)."""

    code: str
    zh: str
    en: str


DOMAINS = (
    Domain("licensing", "行政许可", "Administrative licensing"),
    Domain("bidding", "招投标", "Bidding"),
    Domain("government_procurement", "政府采购", "Government procurement"),
    Domain("construction", "工程建设", "Construction works"),
    Domain("public_resources", "公共资源交易", "Public resource trading"),
    Domain("honours", "评先评优", "Honours and awards"),
    Domain("service_purchase", "政府购买服务", "Government purchase of services"),
    Domain("practice", "从业", "Practising a trade"),
)
"""The domains of the API, in its order."""


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


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the table: such a fact restricts in these domains, for so long, on this legal basis, within this scope.

    `verified` is False while the wording or an article number has not been held against the official text. `valid_from` and
    `valid_to` are the first and last day on which the basis is in force. `zh` and `en` are sentences for people with `PLACEHOLDERS`.
    With `branches` it restricts the branches (分公司) of the subject too, with `successors` those that it was merged or divided into.
    """

    id: str
    version: int
    domains: tuple[str, ...]
    effect: Effect
    trigger: Trigger
    duration: Duration
    basis: str
    source: str
    verified: bool
    valid_from: date | None
    valid_to: date | None
    zh: str
    en: str
    scope: Scope = ANYWHERE
    branches: bool = False
    successors: bool = False

    @property
    def in_force(self) -> tuple[date, date]:
        """The first and last day on which the basis is in force, `date.min` and `date.max` where it has no such end."""
        return self.valid_from or date.min, self.valid_to or date.max


@dataclass(frozen=True, slots=True)
class RuleSet:
    """A whole table. `version` is made from its content: the same rules have the same version, however they are laid out. `edition` is its
    number in the register's rule book, 0 where it is not from there.
    """

    version: str
    rules: tuple[Rule, ...]
    edition: int = 0
    of_kind: Mapping[str, tuple[Rule, ...]] = field(init=False, compare=False, repr=False)
    """The rules by the record kind that triggers them."""
    for_branches: RuleSet | None = field(init=False, compare=False, repr=False)
    """Those that restrict branches too, None where there are none."""
    for_successors: RuleSet | None = field(init=False, compare=False, repr=False)
    """Those that restrict successors too, None where there are none."""

    def __post_init__(self) -> None:
        of_kind: dict[str, tuple[Rule, ...]] = {}
        for rule in self.rules:
            of_kind[rule.trigger.kind] = (*of_kind.get(rule.trigger.kind, ()), rule)
        object.__setattr__(self, "of_kind", of_kind)
        object.__setattr__(self, "for_branches", self._among(tuple(r for r in self.rules if r.branches)))
        object.__setattr__(self, "for_successors", self._among(tuple(r for r in self.rules if r.successors)))

    def _among(self, some: tuple[Rule, ...]) -> RuleSet | None:
        whole = some == self.rules
        return (self if whole else RuleSet(self.version, some, self.edition)) if some else None

    def covering(self, where: Place | None, trade: str | None) -> RuleSet:
        """The rules that restrict somewhere in a place and in a trade, None for any. The version stays that of the whole table."""
        if where is None and trade is None:
            return self
        covering = tuple(rule for rule in self.rules if rule.scope.covers(where, trade))
        return RuleSet(self.version, covering, self.edition)

    @property
    def trades(self) -> tuple[str, ...]:
        """The trades that rules are bounded to."""
        return tuple(dict.fromkeys(trade for rule in self.rules for trade in rule.scope.trades))


def load_rules(path: Path | None = None) -> RuleSet:
    """The rules in a TOML file, by default the shipped table. Raises RulesRefused with everything that is wrong."""
    return read_rules(rules_file(path), (path or SHIPPED).name)


def rules_file(path: Path | None = None) -> str:
    """The text of a table in a file, by default of the shipped one. Raises RulesRefused where it can not be read."""
    path = path or SHIPPED
    try:
        return path.read_text("utf-8")
    except OSError:
        raise RulesRefused([f"{path.name}：文件打不开，请检查路径和权限。"]) from None
    except UnicodeDecodeError:
        raise RulesRefused([f"{path.name}：不是 UTF-8 编码，请另存为 UTF-8。"]) from None


def read_rules(text: str, where: str = "规则表", edition: int = 0) -> RuleSet:
    """The rules that a TOML text says. Raises RulesRefused with everything that is wrong."""
    if len(text) > LONGEST:
        raise RulesRefused([f"{where}：超过 {LONGEST:,} 个字符。"])
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RulesRefused([f"{where}：不是正确的 TOML（{error}）。"]) from None
    return check_rules(data, where, edition)


def check_rules(data: Mapping[str, object], where: str = "规则表", edition: int = 0) -> RuleSet:
    """The rules of a table whose TOML has been read. Raises RulesRefused with everything that is wrong."""
    problems: list[str] = []
    top = Table(data, where, problems)
    rules = tuple(_rule(table) for table in top.tables("rule"))
    top.close()
    if not rules:
        top.complain("没有一条规则，应当至少有一个 [[rule]]。")
    identities = [rule.id for rule in rules if rule.id]
    problems += [
        f"规则 {each}：id 重复。" for each in dict.fromkeys(identities) if identities.count(each) > 1
    ]
    if problems:
        raise RulesRefused(problems)
    content = json.dumps(data, sort_keys=True, ensure_ascii=False, default=str)
    return RuleSet(hashlib.sha256(content.encode()).hexdigest()[:16], rules, edition)


def _rule(table: Table) -> Rule:
    identity = table.text("id")
    if identity:
        table.where = f"规则 {identity}"
        if not _identity.fullmatch(identity):
            table.complain("id 应当由小写字母、数字和连字符组成，例如 procurement-major-fine。")
    trigger, kind = _trigger(table.table("trigger"))
    valid_from, valid_to = table.period()
    rule = Rule(
        id=identity,
        version=table.number("version"),
        domains=_domains(table),
        effect=cast(Effect, table.choice("effect", ("restricted", "banned"))),
        trigger=trigger,
        duration=_duration(table.table("duration"), kind),
        basis=table.text("basis"),
        source=table.text("source"),
        verified=table.flag("verified"),
        valid_from=valid_from,
        valid_to=valid_to,
        zh=_sentence(table, "zh"),
        en=_sentence(table, "en"),
        scope=_scope(table),
        branches=table.optional_flag("branches"),
        successors=table.optional_flag("successors"),
    )
    table.close()
    _check_together(table, rule)
    return rule


def _check_together(table: Table, rule: Rule) -> None:
    """What a rule's parts may say only together."""
    if rule.duration.type == "life" and rule.effect == "restricted":
        table.complain("终身的限制是禁止，effect 应当是 banned。")
    trigger = rule.trigger
    if trigger.repeated is None:
        return
    if rule.duration.type not in ("years", "life"):
        table.complain("写了 repeated，duration 的 type 只能是 years 或者 life，从次数满足的那一天起算。")
    if rule.duration.ended_by or trigger.latest_by:
        table.complain("写了 repeated，不能再写 ended_by 或者 latest_by。")
    if trigger.status or trigger.status_not or trigger.fine_at_least:
        table.complain("写了 repeated，不能再写 status、status_not 或者 fine_at_least。")


def _scope(table: Table) -> Scope:
    if "scope" not in table.left:
        return ANYWHERE
    inner = table.table("scope")
    scope = Scope(_places(inner, "regions"), inner.words("trades"))
    inner.close()
    if scope == ANYWHERE:
        inner.complain("应当写 regions 或者 trades；全国、各行业都适用的，不写 scope。")
    return scope


def _places(table: Table, key: str) -> tuple[Place, ...]:
    found = []
    for word in table.words(key):
        try:
            found.append(place(word))
        except UnknownPlace as error:
            table.complain(error.zh)
    return tuple(found)


def _domains(table: Table) -> tuple[str, ...]:
    domains, known = table.words("domains"), [domain.code for domain in DOMAINS]
    if not domains:
        table.complain("domains 没有填写，应当至少有一个领域。")
    for code in domains:
        if code not in known:
            table.complain(f"不认识的领域 {code}，应当是 {'、'.join(known)} 之一。")
    return domains


def _sentence(table: Table, key: str) -> str:
    sentence = table.text(key)
    try:
        fields = [
            (name, spec, conversion)
            for _, name, spec, conversion in string.Formatter().parse(sentence)
            if name is not None
        ]
    except ValueError:
        table.complain(f"{key} 里的花括号不成对。")
        return ""
    for name, spec, conversion in fields:
        if name not in PLACEHOLDERS or spec or conversion:
            table.complain(f"{key} 里不认识 {{{name}}}，可用的有 {'、'.join(sorted(PLACEHOLDERS))}。")
    return sentence


def _trigger(table: Table) -> tuple[Trigger, Kind | None]:
    kind = kinds().get(table.choice("kind", tuple(kinds())))
    trigger = Trigger(
        kind=kind.name if kind else "",
        one_of=table.words_by_column("one_of"),
        includes=table.words_by_column("includes"),
        mentions=table.words_by_column("mentions"),
        status=table.words("status"),
        status_not=table.words("status_not"),
        fine_at_least=tuple(_threshold(each) for each in table.tables("fine_at_least")),
        regions=_places(table, "regions"),
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


def _duration(table: Table, kind: Kind | None) -> Duration:
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
