"""What the desk pages of supervision share: the way to them, states in words, and reading their forms."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, TypeVar

from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from indexer.accounts.roles import Permission
from indexer.errors import InvalidParameter
from indexer.supervision.grading import Criteria
from indexer.supervision.rule import Rule
from portal.accounts.person import somebody
from portal.context import portal
from portal.pages.account_frame import crumbs
from portal.pages.components import Badge, Cell, Link, NavItem
from portal.pages.forms import day_from, instant_from

R = TypeVar("R")
TONES = ("good", "good", "neutral", "warn", "bad")


def way(*links: Link) -> list[Link]:
    """The way to a page below the supervision desk."""
    return crumbs(Link(_("分类监管"), url_for("account.supervision")), *links)


def tabs() -> list[NavItem]:
    """The pages of the desk."""
    places = (
        (_("监管等级"), "account.supervision"),
        (_("分级规则"), "account.supervision_rule"),
        (_("重点名单"), "account.key_lists"),
        (_("检查人员"), "account.inspectors"),
        (_("随机抽取"), "account.draws"),
        (_("抽查计划"), "account.plans"),
    )
    return [NavItem(text, url_for(endpoint), request.endpoint == endpoint) for text, endpoint in places]


def desk() -> dict[str, Any]:
    """What every template of the desk is handed."""
    someone = somebody()
    return {
        "tabs": tabs(),
        "may_prepare": someone.may(Permission.SUPERVISION_PREPARE),
        "may_decide": someone.may(Permission.SUPERVISION_DECIDE),
        "own": someone.account,
    }


def state_badge(state: str) -> Badge:
    """The state of something that two persons decide, of a draw or of an inspection."""
    words: dict[str, tuple[str, str]] = {
        "proposed": (_("待复核"), "warn"),
        "approved": (_("已批准"), "good"),
        "refused": (_("已退回"), "neutral"),
        "freezing": (_("正在封存名录"), "neutral"),
        "committed": (_("名录已封存，待种子"), "warn"),
        "seeded": (_("已有种子"), "neutral"),
        "drawn": (_("已抽出"), "good"),
        "planned": (_("已列入计划"), "good"),
        "void": (_("已作废"), "bad"),
        "open": (_("待检查"), "neutral"),
        "entered": (_("待公布"), "warn"),
        "published": (_("已公布"), "good"),
    }
    text, tone = words[state]
    return Badge(text, tone)


def grade_badge(rule: Rule | None, grade: str | None) -> Cell:
    """A supervision grade; the stricter the redder."""
    if rule is None or grade is None:
        return Cell(None)
    last = max(1, len(rule.grades) - 1)
    return Cell(badge=Badge(grade, TONES[round(rule.grades.index(grade) * (len(TONES) - 1) / last)]))


def criteria(given: "MultiDict[str, str]") -> Criteria:
    """Which enterprises a form means."""
    return Criteria(
        " ".join(given.get("region", "").split())[:100],
        tuple(given.getlist("classes")),
        tuple(given.getlist("grades")),
        given.get("listed", "").strip(),
    )


def choices(chosen: Criteria) -> dict[str, Any]:
    """What the fields of `templates/_supervision.html` choose from."""
    rule = portal().supervision.rulebook.rule()
    return {
        "chosen": chosen,
        "classes": rule.classes if rule else (),
        "grades": rule.grades if rule else (),
        "lists": list(portal().supervision.key_lists.names()),
    }


def day(name: str) -> date:
    """A day of the form. Raises InvalidParameter."""
    found = optional_day(name)
    if found is None:
        raise InvalidParameter(name, "请填写日期。", "must be a day like 2026-03-01")
    return found


def optional_day(name: str) -> date | None:
    """A day of the form, None where it is empty. Raises InvalidParameter."""
    return day_from(request.form, name)


def optional_instant(name: str) -> datetime | None:
    """An instant of the form, None where it is empty. Raises InvalidParameter."""
    return instant_from(request.form, name)


def whole(name: str, default: int) -> int:
    """A whole number of the form, of at most six digits. Raises InvalidParameter."""

    def read(text: str) -> int:
        if not text.isdecimal() or len(text) > 6:
            raise ValueError
        return int(text)

    found = _read(name, read, "应为整数。", "must be a whole number")
    return default if found is None else found


def _read(name: str, read: Callable[[str], R], zh: str, en: str) -> R | None:
    text = request.form.get(name, "").strip()
    try:
        return read(text) if text else None
    except (ValueError, OverflowError):
        raise InvalidParameter(name, zh, en) from None


def after(name: str = "after") -> int:
    """Where a page begins, from its address."""
    text = request.args.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 18 else 0
