"""The audit, for admins (审计记录): by person, thing, act and day, the newest first."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import render_template, request, url_for
from flask_babel import gettext as _

from indexer.accounts.acting import acting
from indexer.accounts.audit import Act, Entry, Question, search
from indexer.accounts.roles import Permission
from indexer.errors import InvalidParameter
from portal.accounts.access import may
from portal.accounts.person import caller
from portal.context import portal
from portal.pages.account_frame import blueprint, crumbs
from portal.pages.components import Instant, Pager
from portal.pages.frame import instant

PAGE = 50
FIELDS = ("mail", "about", "act", "day")


@dataclass(frozen=True, slots=True)
class Line:
    """An act in a table."""

    entry: Entry
    at: Instant
    act: str


def act_words(act: str) -> str:
    """What was done, as people say it; its own name where nobody has said it yet."""
    words: dict[str, str] = {
        Act.LOGGED_IN: _("登录"),
        Act.LOGIN_FAILED: _("登录失败"),
        Act.LOGGED_OUT: _("退出登录"),
        Act.SESSION_ENDED: _("结束登录"),
        Act.ACCOUNT_CREATED: _("登记账户"),
        Act.ACCOUNT_DISABLED: _("停用账户"),
        Act.ACCOUNT_ENABLED: _("恢复账户"),
        Act.PASSWORD_CHANGED: _("更换密码"),
        Act.LINK_SENT: _("发出链接"),
        Act.FACTOR_SET: _("设置两步验证"),
        Act.FACTOR_REMOVED: _("取消两步验证"),
        Act.CODES_MADE: _("换备用码"),
        Act.CODE_USED: _("用备用码"),
        Act.IDENTITY_LINKED: _("绑定统一身份认证"),
        Act.ROLE_GRANTED: _("给予角色"),
        Act.ROLE_ENDED: _("收回角色"),
        Act.CLAIM_FILED: _("提交认领"),
        Act.CLAIM_DECIDED: _("审核认领"),
        Act.FILE_VIEWED: _("查看文件"),
        Act.RECORD_VIEWED: _("查看不公开记录"),
        Act.ACCOUNTS_VIEWED: _("查看账户"),
        Act.AUDIT_VIEWED: _("查看审计"),
        Act.EXPORTED: _("导出"),
        Act.DECLARED: _("公示自我声明"),
        Act.REPAIRED: _("准予信用修复"),
        Act.REPAIR_TAKEN_BACK: _("撤销信用修复"),
        Act.WEBHOOK_REGISTERED: _("登记变更推送"),
        Act.WEBHOOK_CHANGED: _("更改变更推送"),
    }
    return words.get(act, act)


@blueprint.get("/admin/audit")
@may(Permission.AUDIT_VIEW)
def audit() -> str:
    """The page; looking is written down, too."""
    asked = {name: request.args.get(name, "").strip() for name in FIELDS}
    question = Question(
        asked["mail"].lower(),
        asked["about"],
        asked["act"],
        _day(asked["day"]),
        _below(request.args.get("below", "")),
    )
    accounts = portal().accounts
    found = search(accounts.engine, question, PAGE + 1)
    with acting(accounts.engine, portal().clock, caller()) as act:
        act.note(
            Act.AUDIT_VIEWED, after=" ".join(f"{name}={value}" for name, value in asked.items() if value)
        )
    kept: dict[str, Any] = {name: value for name, value in asked.items() if value}
    more = url_for("account.audit", **kept, below=found[PAGE - 1].id) if len(found) > PAGE else None
    return render_template(
        "admin_audit.html",
        lines=[Line(each, instant(each.at), act_words(each.act)) for each in found[:PAGE]],
        asked=asked,
        acts=[(each.value, act_words(each)) for each in Act],
        pager=Pager(more, url_for("account.audit", **kept) if question.below is not None else None),
        crumbs=crumbs(),
        title=_("审计记录"),
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise InvalidParameter("day", "应为日期，如 2026-03-01。", "must be a day like 2026-03-01") from None


def _below(text: str) -> int | None:
    return int(text[:18]) if text.isdecimal() else None
