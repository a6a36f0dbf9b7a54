"""A draft of the rules (规则修订): what it changes, whom it would restrict and free, and what its preparer and the second person do with it."""

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from indexer.accounts.roles import Permission
from indexer.errors import InvalidParameter
from indexer.rulebook.drafts import EDITED, OPEN, Draft, State
from portal.accounts.access import may
from portal.accounts.person import caller, somebody
from portal.context import portal
from portal.pages.account_frame import blueprint, done
from portal.pages.components import Link
from portal.pages.desk_frame import tabs
from portal.pages.forms import day_from, messages
from portal.pages.frame import instant
from portal.pages.rules_frame import below_rules, different, domain_words, draft_badge, effect
from portal.restrictions.writing import plain_rules

REFRESH = 2  # seconds
FIELDS = ("effective_from", "reason")


@blueprint.get("/desk/rules/drafts/<int:draft>")
@may(Permission.DESK_VIEW)
def rules_draft(draft: int) -> str:
    """The page. While its preview is being made it says how far that is, and takes the work up where nobody is at it."""
    it = portal().rules.drafts.one(draft)
    if it.preview_state == "waiting":
        portal().rules.begin(patience=0.0)
    return _page(it, {})


@blueprint.post("/desk/rules/drafts/<int:draft>")
@may(Permission.RULES_PREPARE)
def rules_prepared(draft: int) -> Response | tuple[str, int]:
    """What the preparer does: ask for the preview, propose, take back, give up."""
    drafts, form = portal().rules.drafts, request.form
    match form.get("action", ""):
        case "preview":
            try:
                day = day_from(form, "effective_from")
                if day is None:
                    raise InvalidParameter("effective_from", "请填写日期。", "must be a day like 2026-03-01")
                drafts.ask_preview(caller(), draft, day, form.get("reason", ""))
            except InvalidParameter as error:
                return _page(drafts.one(draft), messages(error, FIELDS)), 400
            portal().rules.begin()
        case "propose":
            drafts.propose(caller(), draft, form.get("effect", ""))
            done(_("已提交，等待另一人复核。"))
        case "take-back":
            drafts.take_back(caller(), draft)
        case "discard":
            drafts.discard(caller(), draft)
            done(_("已放弃，规则没有改变。"))
            return redirect(url_for("account.rules_desk"), 303)
        case _other:
            drafts.one(draft)
            raise InvalidParameter("action", "请使用页面上的按钮。", "must be one of the page's buttons")
    return redirect(url_for("account.rules_draft", draft=draft), 303)


@blueprint.post("/desk/rules/drafts/<int:draft>/again")
@may(Permission.DESK_VIEW)
def rules_looked_again(draft: int) -> Response:
    """Has the preview made anew."""
    portal().rules.drafts.look_again(caller(), draft)
    portal().rules.begin()
    return redirect(url_for("account.rules_draft", draft=draft), 303)


@blueprint.post("/desk/rules/drafts/<int:draft>/decide")
@may(Permission.RULES_DECIDE)
def rules_decided(draft: int) -> Response | tuple[str, int]:
    """The second person's decision."""
    drafts, form = portal().rules.drafts, request.form
    if form.get("decision") == "approve":
        edition = drafts.approve(caller(), draft, form.get("effect", ""))
        done(_("已批准，成为第 %(n)s 版。", n=edition))
        return redirect(url_for("account.rules_edition", edition=edition), 303)
    try:
        drafts.refuse(caller(), draft, form.get("reason", ""))
    except InvalidParameter as error:
        return _page(drafts.one(draft), messages(error, ("reason",))), 400
    done(_("已退回。"))
    return redirect(url_for("account.rules_draft", draft=draft), 303)


def _page(it: Draft, errors: dict[str, str]) -> str:
    parts, someone = portal(), somebody()
    desk = parts.rules
    own, today = it.proposed_by == someone.account, parts.clock.today()
    follows, day = desk.drafts.base_of(it.effective_from or today)
    base = it.base if it.base is not None else follows
    previewed = it.preview_state == "done"
    edits = own and it.state in EDITED and someone.may(Permission.RULES_PREPARE)
    later = [each for each in desk.editions.coming() if it.effective_from and each.number != follows]
    return render_template(
        "desk_rules_draft.html",
        it=it,
        badge_=draft_badge(it.state),
        begun=instant(it.proposed_at),
        decided=instant(it.decided_at) if it.decided_at else None,
        previewed=instant(it.previewed_at) if it.previewed_at else None,
        busy=it.preview_state == "waiting",
        refresh=REFRESH,
        base=base,
        differences=different(desk.editions.content(base), it.content),
        rules=[
            (each["id"], "、".join(map(domain_words, each["domains"])), each["basis"])
            for each in plain_rules(it.content)
        ]
        if edits
        else [],
        effect=effect(it),
        outdated=it.state in OPEN and previewed and (it.base != follows or it.as_of != day),
        newer=it.state in OPEN and previewed and parts.register.version().number != it.register_version,
        later=[(each.number, instant(each.at)) for each in later if each.at is not None]
        if it.state in OPEN
        else [],
        edits=edits,
        takes_back=own and it.state == State.PROPOSED,
        discards=own and it.state in OPEN,
        decides=it.state == State.PROPOSED and not own and someone.may(Permission.RULES_DECIDE),
        looks_again=it.state in OPEN and it.effective_from is not None,
        typed=request.form,
        today=today.isoformat(),
        errors=errors,
        tabs=tabs(),
        crumbs=below_rules(),
    )


def way(it: Draft) -> list[Link]:
    """The way to a page below a draft."""
    return below_rules(Link(_("修订 #%(n)s", n=it.id), url_for("account.rules_draft", draft=it.id)))
