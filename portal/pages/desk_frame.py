"""What the pages of the publishing desk (发布台) share: their tabs, words for states, and a submission as a row of a list."""

from dataclasses import dataclass
from datetime import date

from flask import request, url_for
from flask_babel import gettext as _

from indexer.accounts.roles import Permission
from indexer.desk.submissions import Action, State, Submission
from indexer.errors import InvalidParameter
from indexer.kinds import kinds
from portal.accounts.person import somebody
from portal.context import portal
from portal.labels import kind_label
from portal.pages.account_frame import crumbs
from portal.pages.components import Badge, Instant, Link, NavItem
from portal.pages.frame import instant


@dataclass(frozen=True, slots=True)
class Listed:
    """A submission in a list."""

    it: Submission
    href: str
    action: str
    badge: Badge
    made: Instant
    publish_at: Instant | None
    take_down_by: str | None
    overdue: bool


def tabs() -> list[NavItem]:
    """The pages of the desk, one of which is where the reader is; who has an agency or region gets those that keep to it."""
    everywhere = somebody().may_everywhere(Permission.DESK_VIEW)
    places = (
        (_("申请"), "account.desk", True),
        (_("发布批次"), "account.desk_batches", everywhere),
        (_("更正与撤下"), "account.desk_records", True),
        (_("来源冲突"), "account.desk_conflicts", everywhere),
        (_("公示时限"), "account.desk_deadlines", True),
        (_("抽查后处理"), "account.desk_inspections", everywhere),
        (_("限制规则"), "account.rules_desk", everywhere),
        (_("数据交换"), "account.desk_exchange", everywhere),
    )
    own = url_for("account.desk")
    return [
        NavItem(text, href, request.path == href or (href != own and request.path.startswith(f"{href}/")))
        for text, endpoint, shown in places
        if shown
        for href in (url_for(endpoint),)
    ]


def below_desk(*links: Link) -> list[Link]:
    """The way to a page below the desk."""
    return crumbs(Link(_("发布台"), url_for("account.desk")), *links)


def action_words(action: Action) -> str:
    """What is to be done, in words."""
    words = {
        Action.FILE: _("导入文件"),
        Action.CORRECTION: _("更正记录"),
        Action.REMOVAL: _("撤下记录"),
        Action.UNDO: _("撤回批次"),
        Action.UNREPAIR: _("撤销修复"),
    }
    return str(words[action])


def state_badge(state: State) -> Badge:
    """Where a submission stands, in a word."""
    words = {
        State.READING: Badge(_("正在生成预览"), "neutral"),
        State.DRAFT: Badge(_("待提交"), "neutral"),
        State.SUBMITTED: Badge(_("待审核"), "warn"),
        State.APPROVED: Badge(_("已批准，待发布"), "good"),
        State.PUBLISHED: Badge(_("已发布"), "good"),
        State.RETURNED: Badge(_("退回待改"), "bad"),
        State.DISCARDED: Badge(_("已放弃"), "neutral"),
        State.FAILED: Badge(_("无法办理"), "bad"),
    }
    return words[state]


def title_of(it: Submission) -> str:
    """What a submission is called."""
    if it.action == Action.CORRECTION and it.kind in kinds():
        return str(_("更正一条%(kind)s记录", kind=kind_label(kinds()[it.kind])))
    if it.action == Action.UNDO:
        return str(_("批次 %(n)s：%(name)s", n=it.undoes, name=it.name))
    return it.name


def listed(it: Submission, today: date) -> Listed:
    """A submission for a list."""
    due, done = it.take_down_by(portal().calendar), it.state == State.PUBLISHED
    return Listed(
        it=it,
        href=url_for("account.desk_submission", submission=it.id),
        action=action_words(it.action),
        badge=state_badge(it.state),
        made=instant(it.made_at),
        publish_at=instant(it.publish_at) if it.publish_at else None,
        take_down_by=due.isoformat() if due else None,
        overdue=due is not None and not done and due < today,
    )


def number_in(name: str) -> int | None:
    """A whole number from the address, None where there is none. Raises InvalidParameter."""
    text = request.args.get(name, "")
    if not text:
        return None
    if not text.isdecimal() or len(text) > 18:
        raise InvalidParameter(name, "应为数字。", "must be a whole number")
    return int(text)
