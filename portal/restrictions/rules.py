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
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

from indexer.errors import ZhixinError
from portal.restrictions.conditions import Duration, Trigger, read_duration, read_places, read_trigger
from portal.restrictions.scope import ANYWHERE, Place, Scope
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
    trigger, kind = read_trigger(table.table("trigger"))
    valid_from, valid_to = table.period()
    rule = Rule(
        id=identity,
        version=table.number("version"),
        domains=_domains(table),
        effect=cast(Effect, table.choice("effect", ("restricted", "banned"))),
        trigger=trigger,
        duration=read_duration(table.table("duration"), kind),
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
    scope = Scope(read_places(inner, "regions"), inner.words("trades"))
    inner.close()
    if scope == ANYWHERE:
        inner.complain("应当写 regions 或者 trades；全国、各行业都适用的，不写 scope。")
    return scope


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
