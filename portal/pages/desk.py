"""The publishing desk (发布台): what waits for whom, and the upload of a file."""

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from indexer.accounts.roles import Permission, Role
from indexer.desk.submissions import State, Waiting
from indexer.desk.uploads import LARGEST
from indexer.errors import FileRefused, InvalidParameter
from indexer.kinds import kinds
from portal.accounts.access import may
from portal.accounts.person import caller, somebody
from portal.context import portal
from portal.i18n import english
from portal.labels import kind_label
from portal.pages.account_frame import blueprint, done
from portal.pages.components import Pager
from portal.pages.desk_frame import below_desk, listed, number_in, tabs, title_of
from portal.pages.forms import messages
from portal.pages.mending import Mending, unmended

ROOM = 64 * 1024  # bytes of a form besides its file
PAGE = 30
MOST = 200  # open ones that are listed
OPEN = (State.READING, State.DRAFT, State.SUBMITTED, State.APPROVED, State.RETURNED, State.FAILED)
ENDED = (State.PUBLISHED, State.DISCARDED)


@blueprint.get("/desk")
@may(Permission.DESK_VIEW, scoped=True)
def desk() -> str:
    """What is open, and a page of what has ended."""
    submissions, below, today = portal().desk.submissions, number_in("below"), portal().clock.today()
    reach = somebody().reach(Permission.DESK_VIEW)
    ended = submissions.in_states(ENDED, below, PAGE + 1, reach)
    waiting = submissions.in_states(OPEN, None, MOST, reach) if below is None else []
    more = url_for("account.desk", below=ended[PAGE - 1].id) if len(ended) > PAGE else None
    return render_template(
        "desk.html",
        open=[listed(each, today) for each in waiting],
        ended=[listed(each, today) for each in ended[:PAGE]],
        pager=Pager(more, url_for("account.desk") if below is not None else None),
        first=below is None,
        titles={each.id: title_of(each) for each in (*waiting, *ended)},
        prepares=somebody().may(Permission.RECORDS_PREPARE),
        unmended=_unmended() if below is None else [],
        tabs=tabs(),
        crumbs=below_desk()[:-1],
    )


@blueprint.get("/desk/upload")
@may(Permission.RECORDS_PREPARE, scoped=True)
def desk_upload() -> str:
    """The form."""
    return _form({})


@blueprint.post("/desk/upload")
@may(Permission.RECORDS_PREPARE, largest=LARGEST + ROOM, scoped=True)
def desk_uploaded() -> Response | tuple[str, int]:
    """Keeps the file and begins its preview; the same file sent twice leads to the one submission."""
    sent, kind = request.files.get("file"), request.form.get("kind", "")
    try:
        if sent is None or not sent.filename:
            raise FileRefused("请选择文件。", "Choose a file.")
        if kind and kind not in kinds():
            raise InvalidParameter("kind", "请选择列表中的种类。", "must be one of the list")
        number = portal().desk.bring(
            caller(),
            sent.stream,
            sent.filename,
            kind,
            request.form.get("source", ""),
            somebody().reach(Permission.RECORDS_PREPARE),
        )
    except Waiting as waiting:
        if waiting.made_by != somebody().account:
            raise
        number = waiting.submission
    except FileRefused as error:
        return _form({"file": error.en if english() else error.zh}), 400
    except InvalidParameter as error:
        return _form(messages(error, ("kind", "source"))), 400
    portal().desk.begin()
    done(_("文件已收下。"))
    return redirect(url_for("account.desk_submission", submission=number), 303)


def _unmended() -> list[Mending]:
    """Upheld objections that wait for their effect, for those who can bring it about."""
    someone = somebody()
    if not someone.may(Permission.CASES_HANDLE):
        return []
    mine = frozenset(someone.scopes(Role.ENTERPRISE))
    return unmended(mine, PAGE, someone.reach(Permission.CASES_HANDLE), someone.account)


def _form(errors: dict[str, str]) -> str:
    return render_template(
        "desk_upload.html",
        typed=request.form,
        errors=errors,
        kinds=[(name, kind_label(kind)) for name, kind in kinds().items()],
        largest=LARGEST // 2**20,
        crumbs=below_desk(),
    )
