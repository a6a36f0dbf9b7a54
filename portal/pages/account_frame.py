"""What the pages for people with accounts share: their blueprint, on which every route says who may use it, and their words."""

from dataclasses import dataclass

from flask import Blueprint, flash, url_for
from flask_babel import gettext as _

from indexer.accounts.roles import Permission, Role
from indexer.accounts.sessions import Holding
from portal.accounts.person import person
from portal.pages.components import Link
from portal.pages.frame import fresh

blueprint = Blueprint("account", __name__)
blueprint.after_request(fresh)


@dataclass(frozen=True, slots=True)
class Held:
    """A role in words, with the page of its enterprise's people where there is one."""

    role: str
    scope: str
    since: str
    people_href: str


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


def held(holding: Holding) -> Held:
    """A role that somebody holds, for a page."""
    of_enterprise = holding.role == Role.ENTERPRISE
    return Held(
        role_words(holding.role),
        holding.scope,
        holding.granted_at.date().isoformat(),
        url_for("account.enterprise_people", code=holding.scope) if of_enterprise else "",
    )


def crumbs(*links: Link) -> list[Link]:
    """The way to a page below the account."""
    return [Link(_("首页"), url_for("pages.home")), Link(_("我的账户"), url_for("account.home")), *links]


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
        (Permission.SUPERVISION_VIEW, _("分类监管"), "account.supervision"),
        (Permission.INSPECTIONS_VIEW, _("抽查计划"), "account.plans"),
        (Permission.ACCOUNTS_MANAGE, _("账户管理"), "account.all_accounts"),
        (Permission.AUDIT_VIEW, _("审计记录"), "account.audit"),
        (Permission.DESK_VIEW, _("限制规则"), "account.rules_desk"),
        (Permission.KEYS_MANAGE, _("密钥管理"), "account.all_keys"),
        (Permission.WEBHOOKS_MANAGE, _("变更推送"), "account.webhooks"),
        (Permission.EXCHANGE_VIEW, _("数据交换"), "account.desk_exchange"),
    )
    own = [
        Link(_("我的企业 %(code)s", code=code), url_for("account.enterprise", code=code))
        for code in someone.scopes(Role.ENTERPRISE)
    ]
    mine = [(text, endpoint) for permission, text, endpoint in scoped if someone.may(permission)]
    mine += [(text, endpoint) for permission, text, endpoint in places if someone.may_everywhere(permission)]
    return own + [Link(text, url_for(endpoint)) for text, endpoint in mine]
