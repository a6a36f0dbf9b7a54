"""What the pages for people with accounts share: their blueprint, on which every route says who may use it, and their words."""

from collections.abc import Iterable
from dataclasses import dataclass

from flask import Blueprint, flash, url_for
from flask_babel import gettext as _

from indexer.accounts.roles import Permission, Role
from indexer.accounts.sessions import Holding
from indexer.clock import day_of
from indexer.register.naming import names_of
from portal.accounts.person import person
from portal.context import portal
from portal.pages.components import Link
from portal.pages.frame import fresh

blueprint = Blueprint("account", __name__)
blueprint.after_request(fresh)


@dataclass(frozen=True, slots=True)
class Held:
    """A role in words, with the page of its enterprise's people where there is one. `name` is what the enterprise is called."""

    role: str
    scope: str
    since: str
    people_href: str
    name: str = ""


def role_words(role: str) -> str:
    """A role as people say it."""
    words: dict[Role, str] = {
        Role.ENTERPRISE: _("企业人员"),
        Role.OFFICER: _("机关工作人员"),
        Role.OPERATOR: _("经办人员"),
        Role.REVIEWER: _("审核人员"),
        Role.ADMIN: _("管理员"),
    }
    return words[Role(role)]


def held(holdings: Iterable[Holding]) -> list[Held]:
    """Roles that people hold, for a page."""
    listed = list(holdings)
    names = names_of(
        portal().register.engine, {each.scope for each in listed if each.role == Role.ENTERPRISE}
    )
    return [
        Held(
            role_words(each.role),
            each.scope,
            day_of(each.granted_at).isoformat(),
            url_for("account.enterprise_people", code=each.scope) if each.role == Role.ENTERPRISE else "",
            names.get(each.scope, "") if each.role == Role.ENTERPRISE else "",
        )
        for each in listed
    ]


def crumbs(*links: Link) -> list[Link]:
    """The way to a page below the account."""
    return [Link(_("首页"), url_for("pages.home")), Link(_("我的账户"), url_for("account.home")), *links]


def enterprise_crumbs(code: str, *links: Link) -> list[Link]:
    """The way to a page below an enterprise of one's own."""
    name = names_of(portal().register.engine, [code]).get(code, code)
    return crumbs(Link(name, url_for("account.enterprise", code=code)), *links)


def done(text: str) -> None:
    """Say on the next page what was done."""
    flash(text, "good")


def tasks() -> list[Link]:
    """The pages that the roles of whoever is logged in open."""
    someone = person()
    if someone is None:
        return []
    scoped = (
        (Permission.CASES_HANDLE, _("办件"), "account.desk_cases"),
        (Permission.CASES_DECIDE, _("待复核"), "account.desk_reviews"),
        (Permission.CASES_TRANSFERRED, _("转办给本单位"), "account.desk_transferred"),
        (Permission.DESK_VIEW, _("发布台"), "account.desk"),
    )
    places = (
        (Permission.CASES_HANDLE, _("待审核的企业认领"), "account.claims_waiting"),
        (Permission.CASES_HANDLE, _("更换邮箱的申请"), "account.mail_changes"),
        (Permission.SUPERVISION_VIEW, _("分类监管"), "account.supervision"),
        (Permission.INSPECTIONS_VIEW, _("抽查计划"), "account.plans"),
        (Permission.ACCOUNTS_MANAGE, _("账户管理"), "account.all_accounts"),
        (Permission.ACCOUNTS_MANAGE, _("更换邮箱的申请"), "account.staff_mail_changes"),
        (Permission.AUDIT_VIEW, _("审计记录"), "account.audit"),
        (Permission.DESK_VIEW, _("限制规则"), "account.rules_desk"),
        (Permission.KEYS_MANAGE, _("密钥管理"), "account.all_keys"),
        (Permission.WEBHOOKS_MANAGE, _("变更推送"), "account.webhooks"),
        (Permission.EXCHANGE_VIEW, _("数据交换"), "account.desk_exchange"),
    )
    codes = someone.scopes(Role.ENTERPRISE)
    names = names_of(portal().register.engine, codes)
    own = [
        Link(_("我的企业：%(name)s", name=names.get(code, code)), url_for("account.enterprise", code=code))
        for code in codes
    ]
    mine = [(text, endpoint) for permission, text, endpoint in scoped if someone.may(permission)]
    mine += [(text, endpoint) for permission, text, endpoint in places if someone.may_everywhere(permission)]
    return own + [Link(text, url_for(endpoint)) for text, endpoint in mine]
