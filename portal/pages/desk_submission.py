"""One submission (发布申请): its preview row by row, and what the people at the desk do with it."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from flask import Response as Sent
from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from indexer.accounts.acting import acting
from indexer.accounts.audit import Act
from indexer.accounts.roles import Permission
from indexer.desk.previews import OUTCOMES, PAGE, Entry, Outcome, Refused, entries, refused
from indexer.desk.submissions import Action, State, Submission, no_submission
from indexer.errors import InvalidParameter, NotFound
from indexer.kinds import kinds
from indexer.kinds.base import Show
from portal.accounts.access import may
from portal.accounts.person import caller, somebody
from portal.context import portal
from portal.i18n import english
from portal.labels import column_label, kind_label
from portal.pages.account_frame import blueprint, done
from portal.pages.attachment import attachment
from portal.pages.cells import shown_value
from portal.pages.components import NavItem, Pager
from portal.pages.desk_frame import below_desk, listed, number_in, title_of
from portal.pages.forms import instant_from, messages
from portal.pages.frame import instant

REFRESH = 2  # seconds
OWN_TO_GIVE_UP = (State.DRAFT, State.SUBMITTED, State.RETURNED, State.FAILED)


@dataclass(frozen=True, slots=True)
class Changed:
    """A record in a preview. `lines` are (column, before, after) in words."""

    entry: Entry
    kind: str
    name: str
    lines: list[tuple[str, str | None, str | None]]


@blueprint.get("/desk/submissions/<int:submission>")
@may(Permission.DESK_VIEW, scoped=True)
def desk_submission(submission: int) -> str:
    """The page; the look at what a preview shows is written down. While it is being made the page says how far that is, and takes the work up."""
    it = _one(submission)
    if it.state == State.READING or _due(it):
        portal().desk.begin(patience=0.0)
    elif it.effect:
        with acting(portal().desk.engine, portal().clock, caller()) as act:
            act.note(Act.PREVIEW_VIEWED, f"submission:{it.id}", after=_asked(it))
    return _page(it, {})


@blueprint.post("/desk/submissions/<int:submission>/submit")
@may(Permission.RECORDS_PREPARE, scoped=True)
def desk_submitted(submission: int) -> Response | tuple[str, int]:
    """Hands it to a second person."""
    desk, form = portal().desk, request.form
    _one(submission)
    try:
        desk.submissions.submit(caller(), submission, form.get("effect", ""), form.get("note", ""))
    except InvalidParameter as error:
        return _page(desk.submissions.one(submission), messages(error, ("note",))), 400
    done(_("已提交，等待另一位审核。"))
    return _back(submission)


@blueprint.post("/desk/submissions/<int:submission>/decide")
@may(Permission.RECORDS_PUBLISH, scoped=True)
def desk_decided(submission: int) -> Response | tuple[str, int]:
    """Approves it, for now or for a time, or sends it back."""
    desk, form = portal().desk, request.form
    _one(submission, Permission.RECORDS_PUBLISH)
    try:
        if form.get("decision") == "approve":
            at = _later() if form.get("when") == "later" else None
            desk.submissions.approve(caller(), submission, form.get("effect", ""), at)
            desk.begin()
            done(_("已批准。"))
        else:
            desk.submissions.send_back(caller(), submission, form.get("reason", ""))
            done(_("已退回，理由已发给提交人。"))
    except InvalidParameter as error:
        it = desk.submissions.one(submission)
        return _page(it, messages(error, ("reason", "publish_at"))), 400
    return _back(submission)


@blueprint.post("/desk/submissions/<int:submission>/discard")
@may(Permission.RECORDS_PREPARE, scoped=True)
def desk_discarded(submission: int) -> Response:
    """Gives it up."""
    _one(submission)
    portal().desk.submissions.discard(caller(), submission)
    done(_("已放弃，没有发布任何内容。"))
    return redirect(url_for("account.desk"), 303)


@blueprint.post("/desk/submissions/<int:submission>/again")
@may(Permission.DESK_VIEW, scoped=True)
def desk_looked_again(submission: int) -> Response:
    """Has the preview made anew."""
    _one(submission)
    portal().desk.submissions.look_again(caller(), submission)
    portal().desk.begin()
    return _back(submission)


@blueprint.get("/desk/submissions/<int:submission>/file")
@may(Permission.DESK_VIEW, scoped=True)
def desk_file(submission: int) -> Sent:
    """The file as it was sent."""
    it, uploads = _one(submission), portal().desk.uploads
    path = uploads.path(it.stored, it.name)
    if it.action != Action.FILE or not path.exists():
        raise NotFound("没有这个文件。", "There is no such file.")
    return _attachment(it, str(path), it.name)


@blueprint.get("/desk/submissions/<int:submission>/rejects/<int:place>")
@may(Permission.DESK_VIEW, scoped=True)
def desk_rejects(submission: int, place: int) -> Sent:
    """A file of the rows that are not taken, for the sender to mend."""
    it = _one(submission)
    files = portal().desk.uploads.reject_files(it.stored)
    if not 1 <= place <= len(files):
        raise NotFound("没有这个文件。", "There is no such file.")
    return _attachment(it, str(files[place - 1]), files[place - 1].name)


def _attachment(it: Submission, path: str, name: str) -> Sent:
    with acting(portal().desk.engine, portal().clock, caller()) as act:
        act.note(Act.FILE_VIEWED, f"submission:{it.id}", after=name)
    return attachment(Path(path), "application/octet-stream", name)


def _one(submission: int, permission: Permission = Permission.DESK_VIEW) -> Submission:
    """A submission by somebody within the reach of whoever is logged in. Raises NotFound for others."""
    it = portal().desk.submissions.one(submission)
    if not somebody().reach(permission).holds(it.scope):
        raise no_submission()
    return it


def _later() -> datetime:
    """The time of publication that the form names. Raises InvalidParameter `publish_at`."""
    at = instant_from(request.form, "publish_at")
    if at is None:
        raise InvalidParameter("publish_at", "请填写发布的日期和时间。", "must be given")
    return at


def _back(submission: int) -> Response:
    return redirect(url_for("account.desk_submission", submission=submission), 303)


def _due(it: Submission) -> bool:
    return it.state == State.APPROVED and it.publish_at is not None and it.publish_at <= portal().clock.now()


def _page(it: Submission, errors: dict[str, str]) -> str:
    busy = it.state == State.READING or _due(it)
    outcome, page, someone = _asked(it), max(number_in("page") or 1, 1), somebody()
    counts: dict[Outcome, int] = {name: getattr(it, name) for name in OUTCOMES}
    shown = bool(it.effect and it.stored) and not busy
    own = it.made_by == someone.account
    publishes = someone.reach(Permission.RECORDS_PUBLISH).holds(it.scope)
    here = url_for("account.desk_submission", submission=it.id)
    more = shown and page * PAGE < counts[outcome]
    return render_template(
        "desk_submission.html",
        it=it,
        row=listed(it, portal().clock.today()),
        title=title_of(it),
        kind=kind_label(kinds()[it.kind]) if it.kind in kinds() else "",
        busy=busy,
        refresh=REFRESH,
        read=portal().desk.uploads.progress(it.stored) if busy else 0,
        failure=(it.failure_en if english() else it.failure_zh) or "",
        counts=_tabs(here, outcome, counts),
        changed=_changed(it, outcome, page) if shown and outcome != "rejected" else [],
        refused=_refused(it, page) if shown and outcome == "rejected" else [],
        rejects=_reject_links(it) if shown and it.rejected else [],
        pager=Pager(f"{here}?show={outcome}&page={page + 1}" if more else None, here if page > 1 else None),
        submits=own and it.state in (State.DRAFT, State.RETURNED) and someone.may(Permission.RECORDS_PREPARE),
        discards=own and it.state in OWN_TO_GIVE_UP,
        decides=not own and it.state == State.SUBMITTED and publishes,
        stops=not own and it.state == State.APPROVED and publishes,
        mine_waits=own and it.state == State.SUBMITTED,
        stale=it.state in (State.DRAFT, State.SUBMITTED) and _newer(it),
        submitted=instant(it.submitted_at) if it.submitted_at else None,
        decided=instant(it.decided_at) if it.decided_at else None,
        ended=instant(it.ended_at) if it.ended_at else None,
        mends=portal().room.docket.of_id(it.case) if it.case is not None else None,
        handles=someone.may(Permission.CASES_HANDLE),
        scope=it.scope.split("\n") if it.scope else [],
        typed=request.form,
        errors=errors,
        crumbs=below_desk(),
    )


def _asked(it: Submission) -> Outcome:
    """Which rows to show: those asked for, else the first kind that there are."""
    asked = request.args.get("show", "")
    for name in OUTCOMES:
        if asked == name:
            return name
    return next((name for name in ("changed", *OUTCOMES) if getattr(it, name)), "added")


def _newer(it: Submission) -> bool:
    return it.seen_version is not None and portal().register.version().number > it.seen_version


def _tabs(here: str, outcome: Outcome, counts: dict[Outcome, int]) -> list[tuple[NavItem, int]]:
    words = {
        "added": _("新增"),
        "changed": _("变更"),
        "removed": _("撤下"),
        "rejected": _("退回的行"),
    }
    return [
        (NavItem(words[name], f"{here}?show={name}", name == outcome), count)
        for name, count in counts.items()
    ]


def _changed(it: Submission, outcome: Outcome, page: int) -> list[Changed]:
    assert outcome != "rejected"
    found = entries(portal().desk.uploads.preview(it.stored), outcome, page)
    return [_words(entry) for entry in found]


def _refused(it: Submission, page: int) -> list[Refused]:
    return refused(portal().desk.uploads.preview(it.stored), page)


def _reject_links(it: Submission) -> list[tuple[str, str]]:
    return [
        (path.name, url_for("account.desk_rejects", submission=it.id, place=place))
        for place, path in enumerate(portal().desk.uploads.reject_files(it.stored), 1)
    ]


def _words(entry: Entry) -> Changed:
    kind = kinds()[entry.kind]
    columns = {column.name: column for column in kind.all_columns()}
    lines: list[tuple[str, str | None, str | None]] = []
    for each in entry.differences:
        column = None if each.extra else columns.get(each.column)
        label = column_label(column) if column is not None else each.column
        if column is not None and column.show is Show.NEVER:
            lines.append((label, _("（不显示）"), _("（不显示）")))
        else:
            before, after = (shown_value(kind, each.column, value) for value in (each.before, each.after))
            lines.append((label, before, after))
    return Changed(entry, kind_label(kind), entry.name or entry.subject or entry.record, lines)
