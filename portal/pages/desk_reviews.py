"""What waits for a second person (待复核): cases whose outcome somebody has proposed, confirmed or given back by another."""

from flask import Response as Page
from flask import render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from indexer.accounts.roles import Permission, Role
from indexer.cases.case import Case
from indexer.cases.paths import By, Move, State
from indexer.cases.reading import Wanted, no_case
from portal.accounts.access import may
from portal.accounts.person import somebody
from portal.context import portal
from portal.pages.account_frame import blueprint, crumbs
from portal.pages.case_parts import give_file, shown
from portal.pages.components import Link, Pager
from portal.pages.desk_cases import PAGE, case_page, move_case, move_sent, offer, within


@blueprint.get("/desk/reviews")
@may(Permission.CASES_DECIDE, scoped=True)
def desk_reviews() -> str:
    """What waits for a second person."""
    today = portal().clock.today()
    found = portal().room.docket.wanted(
        Wanted(
            states=frozenset({State.PROPOSED}),
            without=frozenset(somebody().scopes(Role.ENTERPRISE)),
            reach=somebody().reach(Permission.CASES_DECIDE),
            account=somebody().account,
        ),
        today,
        PAGE,
    )
    return render_template(
        "desk_cases.html",
        cases=[shown(case, today) for case in found],
        shows=[],
        kinds=[],
        overdue=0,
        page="account.desk_review",
        title=_("待复核"),
        pager=Pager(None),
        crumbs=crumbs(),
    )


@blueprint.get("/desk/reviews/<number>")
@may(Permission.CASES_DECIDE, scoped=True)
def desk_review(number: str) -> str:
    """One of them, with what is proposed."""
    return _review(_proposed(number), None, "", {})


@blueprint.post("/desk/reviews/<number>")
@may(Permission.CASES_DECIDE, scoped=True)
def desk_review_moved(number: str) -> Response | tuple[str, int]:
    """Confirms it or gives it back."""
    return move_case(_proposed(number), move_sent(), By.SECOND, url_for("account.desk_reviews"), _review)


@blueprint.get("/desk/reviews/<number>/files/<int:identity>")
@may(Permission.CASES_DECIDE, scoped=True)
def desk_review_file(number: str, identity: int) -> Page:
    """A file that came with it."""
    return give_file(_proposed(number), identity, inside=True)


def _review(case: Case, wrong: Move | None, text: str, errors: dict[str, str]) -> str:
    mine = somebody().account in (case.proposed_by, case.filed_by)
    return case_page(
        case,
        offers=[] if mine else [offer(move) for move in case.moves(By.SECOND)],
        wrong=wrong,
        text=text,
        errors=errors,
        action="account.desk_review_moved",
        files="account.desk_review_file",
        crumbs=crumbs(Link(_("待复核"), url_for("account.desk_reviews"))),
    )


def _proposed(number: str) -> Case:
    case = within(portal().room.docket.one(number), Permission.CASES_DECIDE)
    if case.state != State.PROPOSED:
        raise no_case()
    return case
