"""What the pages of the rules desk (限制规则) share: words for states, fields and previews."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from indexer.rulebook.drafts import Draft, State
from indexer.rulebook.editions import Edition
from portal.context import portal
from portal.i18n import english
from portal.pages.components import Badge, Cell, Link, Table
from portal.pages.desk_frame import below_desk
from portal.restrictions.differences import RuleDifference, differences
from portal.restrictions.preview import What
from portal.restrictions.rules import DOMAINS


@dataclass(frozen=True, slots=True)
class Difference:
    """A rule that differs, for a page; `lines` are (field, before, after) in words."""

    id: str
    badge: Badge
    new: bool
    gone: bool
    lines: list[tuple[str, str | None, str | None]]


@dataclass(frozen=True, slots=True)
class Effect:
    """What a preview says: the sentence, the sums by domain and the enterprises."""

    sentence: str
    looked_at: int
    sums: Table | None
    listed: Table | None
    more: int


def below_rules(*links: Link) -> list[Link]:
    """The way to a page below the rules desk."""
    return below_desk(Link(_("限制规则"), url_for("account.rules_desk")), *links)


def draft_badge(state: State) -> Badge:
    """Where a draft stands, in a word."""
    words = {
        State.DRAFT: Badge(_("草稿"), "neutral"),
        State.PROPOSED: Badge(_("待复核"), "warn"),
        State.APPROVED: Badge(_("已批准"), "good"),
        State.REFUSED: Badge(_("已退回"), "bad"),
        State.DISCARDED: Badge(_("已放弃"), "neutral"),
    }
    return words[state]


def edition_badge(edition: Edition, current: int) -> Badge:
    """Whether an edition is in force, in a word."""
    if edition.withdrawn_at is not None:
        return Badge(_("生效前已撤回"), "neutral")
    if edition.number == current:
        return Badge(_("生效中"), "good")
    if edition.in_force_from is not None and edition.in_force_from > portal().clock.now():
        return Badge(_("待生效"), "warn")
    return Badge(_("已被取代"), "neutral")


def field_words(field: str) -> str:
    """A field of a rule in words, with its name in the table."""
    words = {
        "id": _("规则编号"),
        "version": _("规则的版本"),
        "domains": _("领域"),
        "effect": _("效力"),
        "trigger": _("触发条件"),
        "scope": _("适用范围"),
        "duration": _("期限"),
        "branches": _("及于分支机构"),
        "successors": _("及于承继主体"),
        "basis": _("依据"),
        "source": _("依据的来源"),
        "verified": _("已与官方文本核对"),
        "valid_from": _("依据施行首日"),
        "valid_to": _("依据施行末日"),
        "zh": _("中文说明"),
        "en": _("英文说明"),
    }
    top, _dot, rest = field.partition(".")
    return f"{words.get(top, top)} {rest}".strip()


def different(before: str, after: str) -> list[Difference]:
    """How a table differs from another, rule by rule."""
    return [_difference(each) for each in differences(before, after)]


def effect(draft: Draft) -> Effect | None:
    """What the preview of a draft says, None while there is none."""
    return effect_of(draft.preview) if draft.preview is not None else None


def effect_of(preview: Mapping[str, Any]) -> Effect:
    """What a kept preview says."""
    sums, listed = preview["enterprises"], preview["changes"]
    labels = {domain.zh: domain.en if english() else domain.zh for domain in DOMAINS}
    by_domain = [
        [Cell(labels[label]), Cell(what_words(what)), Cell(f"{count:,}")]
        for label, what, count in preview["domains"]
    ]
    changes = [
        [
            Cell(name, url_for("pages.restrictions", id=code)),
            Cell(code, code=True),
            Cell(labels[label]),
            Cell(what_words(what)),
            Cell("、".join(rules), code=True),
        ]
        for code, name, _domain, label, what, rules in listed
    ]
    return Effect(
        sentence=_(
            "这一修改将新增限制 %(newly)s 家企业，解除限制 %(freed)s 家；另有 %(stricter)s 家受限加重或期限变长，%(milder)s 家减轻或期限变短。",
            newly=f"{sums.get('restricted', 0):,}",
            freed=f"{sums.get('freed', 0):,}",
            stricter=f"{sums.get('heavier', 0) + sums.get('longer', 0):,}",
            milder=f"{sums.get('lighter', 0) + sums.get('shorter', 0):,}",
        ),
        looked_at=preview["looked_at"],
        sums=Table(_("各领域"), [_("领域"), _("变化"), _("企业数")], by_domain) if by_domain else None,
        listed=Table(_("受影响的企业"), [_("企业"), _("代码"), _("领域"), _("变化"), _("规则")], changes)
        if changes
        else None,
        more=sum(count for _label, _what, count in preview["domains"]) - len(listed),
    )


def what_words(what: What) -> str:
    """What becomes of somebody, in words."""
    words: dict[What, str] = {
        "restricted": _("新增限制"),
        "freed": _("解除限制"),
        "heavier": _("受限变为禁止"),
        "lighter": _("禁止变为受限"),
        "longer": _("期限变长"),
        "shorter": _("期限变短"),
    }
    return words[what]


def domain_words(code: str) -> str:
    """A domain in words."""
    return next(((each.en if english() else each.zh) for each in DOMAINS if each.code == code), code)


def effect_words(code: str) -> str:
    """An effect in words."""
    words: dict[str, str] = {"restricted": _("受限"), "banned": _("禁止")}
    return words.get(code, code)


def _difference(found: RuleDifference) -> Difference:
    badges = {
        "added": Badge(_("新增"), "warn"),
        "removed": Badge(_("删除"), "bad"),
        "changed": Badge(_("修改"), "neutral"),
    }
    lines = [
        (field_words(each.field), _value(each.field, each.before), _value(each.field, each.after))
        for each in found.lines
    ]
    return Difference(found.id, badges[found.what], found.what == "added", found.what == "removed", lines)


def _value(field: str, value: str | None) -> str | None:
    if value is None:
        return None
    if field == "domains":
        return "、".join(map(domain_words, value.split("、")))
    if field == "effect":
        return effect_words(value)
    if value in ("true", "false"):
        return str(_("是") if value == "true" else _("否"))
    return value
