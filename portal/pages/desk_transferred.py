"""Cases that the desk has handed to an agency (转办给本单位): its officers read them, answer or hand them back.

Of who wrote without an account they get what the desk shows before it takes a case on: the text with numbers masked, never the contact.
Files they get, since an answer needs them; each look is a row of the audit.
"""

from flask import Response as Page
from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from indexer.accounts.acting import acting
from indexer.accounts.audit import Act
from indexer.accounts.roles import Permission, Role
from indexer.cases import texts
from indexer.cases.case import Case, Doing
from indexer.cases.paths import By, Move, State
from indexer.cases.reading import Wanted, no_case
from indexer.errors import InvalidParameter
from portal.accounts.access import may
from portal.accounts.person import caller, somebody
from portal.context import portal
from portal.pages.account_frame import blueprint, crumbs, done
from portal.pages.case_parts import give_file, move_words, sent_once, shown, version_sent
from portal.pages.components import Link, Pager
from portal.pages.desk_cases import case_page, offer
from portal.pages.forms import messages

MOST = 200


@blueprint.get("/desk/transferred")
@may(Permission.CASES_TRANSFERRED)
def desk_transferred() -> str:
    """What waits for the agency, overdue first."""
    someone, today = somebody(), portal().clock.today()
    wanted = Wanted(
        states=frozenset({State.TRANSFERRED}),
        agencies=frozenset(someone.scopes(Role.OFFICER)),
        without=frozenset(someone.scopes(Role.ENTERPRISE)),
    )
    return render_template(
        "desk_cases.html",
        cases=[shown(case, today) for case in portal().room.docket.wanted(wanted, today, MOST)],
        shows=[],
        kinds=[],
        overdue=0,
        page="account.desk_transferred_case",
        title=_("转办给本单位"),
        pager=Pager(None),
        crumbs=crumbs(),
    )


@blueprint.get("/desk/transferred/<number>")
@may(Permission.CASES_TRANSFERRED)
def desk_transferred_case(number: str) -> str:
    """One of them; the look is written down."""
    case = _one(number)
    with acting(portal().accounts.engine, portal().clock, caller()) as act:
        act.note(Act.CASE_VIEWED, f"case:{case.number}")
    return _page(case, None, "", {})


@blueprint.post("/desk/transferred/<number>")
@may(Permission.CASES_TRANSFERRED)
def desk_transferred_moved(number: str) -> Response | tuple[str, int]:
    """Answers it or hands it back."""
    case, text = _one(number), request.form.get("text", "")
    move = Move.HAND_BACK if request.form.get("move") == Move.HAND_BACK else Move.REPLY
    try:
        doing = Doing(move, version_sent(), sent_once(), texts.lines(text, "text"))
        portal().room.cases.do(caller(), By.AGENCY, case, doing)
    except InvalidParameter as error:
        return _page(case, move, text, messages(error, ("text",))), 400
    done(_("已办：%(what)s。", what=move_words(move)))
    return redirect(url_for("account.desk_transferred"), 303)


@blueprint.get("/desk/transferred/<number>/files/<int:identity>")
@may(Permission.CASES_TRANSFERRED)
def desk_transferred_file(number: str, identity: int) -> Page:
    """A file that came with it."""
    return give_file(_one(number), identity, inside=True)


def _page(case: Case, wrong: Move | None, text: str, errors: dict[str, str]) -> str:
    return case_page(
        case,
        masked=case.filed_by is None,
        offers=[offer(move) for move in case.moves(By.AGENCY)],
        wrong=wrong,
        text=text,
        errors=errors,
        action="account.desk_transferred_moved",
        files="account.desk_transferred_file",
        crumbs=crumbs(Link(_("转办给本单位"), url_for("account.desk_transferred"))),
    )


def _one(number: str) -> Case:
    """A case that waits for an agency of whoever is logged in, and is not about an enterprise of theirs. Raises NotFound."""
    case, someone = portal().room.docket.one(number), somebody()
    if case.state != State.TRANSFERRED or case.agency not in someone.scopes(Role.OFFICER):
        raise no_case()
    if case.subject_code in someone.scopes(Role.ENTERPRISE):
        raise no_case()
    return case
