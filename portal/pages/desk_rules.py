"""The rules desk (限制规则): editions in force, to come and of before; drafts that are open; beginning a draft, and taking an edition back."""

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from indexer.accounts.roles import Permission
from indexer.errors import InvalidParameter
from indexer.rulebook.editions import LEAD, Edition
from portal.accounts.access import may
from portal.accounts.person import caller, somebody
from portal.context import portal
from portal.pages.account_frame import blueprint, done
from portal.pages.components import Cell, Table
from portal.pages.desk_frame import tabs
from portal.pages.forms import messages
from portal.pages.frame import instant
from portal.pages.rules_frame import below_rules, different, draft_badge, edition_badge, effect
from portal.restrictions.rules import load_rules, rules_file

SHIPPED = "shipped"


@blueprint.get("/desk/rules")
@may(Permission.DESK_VIEW)
def rules_desk() -> str:
    """What is in force, what comes, and what waits for whom."""
    desk = portal().rules
    editions, current = desk.editions.newest(), desk.editions.at(portal().clock.now())
    rules = desk.book.edition(current)
    shipped = load_rules()
    return render_template(
        "desk_rules.html",
        current=current,
        rules=rules,
        unverified=sum(not rule.verified for rule in rules.rules),
        coming=[
            (each, instant(each.in_force_from))
            for each in editions
            if each.in_force_from is not None and _coming(each)
        ],
        drafts=[(each, draft_badge(each.state), instant(each.proposed_at)) for each in desk.drafts.open()],
        table=_editions(editions, current),
        shipped=shipped.version if all(each.version != shipped.version for each in editions) else "",
        prepares=somebody().may(Permission.RULES_PREPARE),
        tabs=tabs(),
        crumbs=below_rules()[:-1],
    )


@blueprint.post("/desk/rules")
@may(Permission.RULES_PREPARE)
def rules_begun() -> Response:
    """Begins a draft with the table of an edition, or with the one that the release ships."""
    desk, named = portal().rules, request.form.get("from", "")
    if named == SHIPPED:
        text, number = rules_file(), None
        version = load_rules().version
    elif named.isdecimal() and len(named) < 10:
        number = int(named)
        text, version = desk.editions.content(number), desk.editions.one(number).version
    else:
        raise InvalidParameter("from", "请选择从哪一版开始。", "must be the number of an edition")
    draft = desk.drafts.begin(caller(), text, version, number)
    return redirect(url_for("account.rules_draft", draft=draft), 303)


@blueprint.get("/desk/rules/editions/<int:edition>")
@may(Permission.DESK_VIEW)
def rules_edition(edition: int) -> str:
    """An edition: who, when, why, what it changed and what it says."""
    return _page(edition, {})


@blueprint.post("/desk/rules/editions/<int:edition>")
@may(Permission.RULES_DECIDE)
def rules_withdrawn(edition: int) -> Response | tuple[str, int]:
    """Takes an edition back before it comes into force."""
    try:
        portal().rules.editions.withdraw(caller(), edition, request.form.get("reason", ""))
    except InvalidParameter as error:
        return _page(edition, messages(error, ("reason",))), 400
    done(_("已撤回，这一版不会生效。"))
    return redirect(url_for("account.rules_edition", edition=edition), 303)


def _page(number: int, errors: dict[str, str]) -> str:
    desk = portal().rules
    it, content = desk.editions.one(number), desk.editions.content(number)
    draft = desk.drafts.one(it.draft) if it.draft is not None else None
    before = draft.base if draft is not None else None
    someone = somebody()
    return render_template(
        "desk_rules_edition.html",
        it=it,
        badge_=edition_badge(it, desk.editions.at(portal().clock.now())),
        approved=instant(it.approved_at) if it.approved_at else None,
        in_force=instant(it.in_force_from) if it.in_force_from else None,
        withdrawn=instant(it.withdrawn_at) if it.withdrawn_at else None,
        before=before,
        differences=different(desk.editions.content(before), content) if before is not None else [],
        effect=effect(draft) if draft is not None else None,
        content=content,
        withdraws=_coming(it) and someone.may(Permission.RULES_DECIDE),
        prepares=someone.may(Permission.RULES_PREPARE),
        errors=errors,
        tabs=tabs(),
        crumbs=below_rules(),
    )


def _coming(edition: Edition) -> bool:
    """Whether an edition can still be taken back."""
    begins = edition.in_force_from
    return begins is not None and edition.withdrawn_at is None and begins >= portal().clock.now() + LEAD


def _editions(editions: list[Edition], current: int) -> Table:
    rows = [
        [
            Cell(_("第 %(n)s 版", n=each.number), url_for("account.rules_edition", edition=each.number)),
            Cell(badge=edition_badge(each, current)),
            Cell(instant(each.in_force_from).text if each.in_force_from else _("建库之初")),
            Cell(each.reason or _("随程序发布的规则表")),
            Cell(f"{each.preparer} → {each.approver}" if each.preparer else "—"),
            Cell(each.version, code=True),
        ]
        for each in editions
    ]
    columns = [_("版本"), _("状态"), _("生效时刻"), _("理由"), _("起草 → 批准"), _("内容标识")]
    return Table(_("各版规则"), columns, rows)
