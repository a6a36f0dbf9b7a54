"""Records at the desk (更正与撤下): found by number, code or name, shown whole, corrected in a form or taken down with a reason."""

from dataclasses import dataclass

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from indexer.accounts.acting import acting
from indexer.accounts.audit import Act
from indexer.accounts.reach import Reach
from indexer.accounts.roles import Permission
from indexer.cases.case import Case
from indexer.desk.corrections import correctable, fixed_columns, now, stated
from indexer.desk.submissions import Waiting
from indexer.errors import InvalidParameter, NotFound
from indexer.kinds.base import Column, Show, Type
from indexer.register.handling import WholeRecord, find_held, held, held_in, versions_held
from indexer.rules.publicity import WITHHELD
from portal.accounts.access import may
from portal.accounts.person import caller, somebody
from portal.context import portal
from portal.i18n import english
from portal.labels import column_label, kind_label, word
from portal.pages.account_frame import blueprint, done
from portal.pages.cells import shown_value
from portal.pages.components import Badge, Cell, Field, Instant, Link
from portal.pages.desk_frame import below_desk, number_in, tabs
from portal.pages.forms import day_from, messages
from portal.pages.frame import instant
from portal.pages.mending import case_to_mend, drafted_reason

MOST = 50
LONG = 120  # characters from which a box has several lines, and
LONGEST_LINE = 1000  # those that a column may have


@dataclass(frozen=True, slots=True)
class Shown:
    """A record in a list or at the head of its page."""

    it: WholeRecord
    kind: str
    href: str
    badge: Badge
    recorded: Instant


@dataclass(frozen=True, slots=True)
class Box:
    """A column in the form of a correction. `choices` are (value, words)."""

    name: str
    label: str
    value: str
    now: str
    type: str
    required: bool
    choices: list[tuple[str, str]]


@blueprint.get("/desk/records")
@may(Permission.DESK_VIEW, scoped=True)
def desk_records() -> str:
    """Looks for records, whether public or not."""
    asked = request.args.get("q", "").strip()[:200]
    found = find_held(portal().desk.engine, asked, portal().clock.today(), MOST) if asked else []
    found = [each for each in found if somebody().reach(Permission.DESK_VIEW).covers(each.whose)]
    return render_template(
        "desk_records.html",
        q=asked,
        found=[_shown(each) for each in found],
        tabs=tabs(),
        crumbs=below_desk(),
    )


@blueprint.get("/desk/records/<record>")
@may(Permission.DESK_VIEW, scoped=True)
def desk_record(record: str) -> str:
    """All that a record says, and its versions. That one was looked at which is not public is written down."""
    it, today = _within(record, Permission.DESK_VIEW), portal().clock.today()
    if not it.public:
        with acting(portal().desk.engine, portal().clock, caller()) as act:
            act.note(Act.RECORD_VIEWED, f"record:{it.id}")
    prepares = somebody().may(Permission.RECORDS_PREPARE) and not it.taken_down
    return render_template(
        "desk_record.html",
        record=_shown(it),
        fields=_fields(it),
        versions=[_shown(each) for each in reversed(versions_held(portal().desk.engine, record, today))],
        waiting=portal().desk.submissions.waiting_for(record),
        prepares=prepares,
        crumbs=below_desk(Link(_("更正与撤下"), url_for("account.desk_records"))),
    )


@blueprint.get("/desk/records/<record>/correct")
@may(Permission.RECORDS_PREPARE, scoped=True)
def desk_correct(record: str) -> str:
    """The form, with what the record says now; with `batch`, with what it said then."""
    it, batch = _standing(record), number_in("batch")
    then = held_in(portal().desk.engine, record, batch, portal().clock.today()) if batch is not None else it
    return _form(it, stated(then), {}, case_to_mend(request.args.get("case", ""), record))


@blueprint.post("/desk/records/<record>/correct")
@may(Permission.RECORDS_PREPARE, scoped=True)
def desk_corrected(record: str) -> Response | tuple[str, int]:
    """Makes a submission of it. It is checked as a row of a file is, which its preview tells."""
    it, form = _standing(record), request.form
    case = case_to_mend(form.get("case", ""), record)
    said = {column.name: form.get(f"c-{column.name}", "") for column in correctable(it)}
    try:
        day = day_from(form, "annulled_on")
        mends = case.id if case is not None else None
        number = portal().desk.correct(caller(), it, said, form.get("reason", ""), day, mends, _reach())
    except Waiting as waiting:
        number = _own(waiting)
    except InvalidParameter as error:
        return _form(it, said, messages(error, ("reason", "annulled_on")), case), 400
    return _begun(number)


@blueprint.get("/desk/records/<record>/remove")
@may(Permission.RECORDS_PREPARE, scoped=True)
def desk_remove(record: str) -> str:
    """The form."""
    return _remove_form(_standing(record), {}, case_to_mend(request.args.get("case", ""), record))


@blueprint.post("/desk/records/<record>/remove")
@may(Permission.RECORDS_PREPARE, scoped=True)
def desk_removal_asked(record: str) -> Response | tuple[str, int]:
    """Makes a submission of it."""
    it, case = _standing(record), case_to_mend(request.form.get("case", ""), record)
    try:
        day, mends = day_from(request.form, "annulled_on"), case.id if case is not None else None
        number = portal().desk.take_down(caller(), it, request.form.get("reason", ""), day, mends, _reach())
    except Waiting as waiting:
        number = _own(waiting)
    except InvalidParameter as error:
        return _remove_form(it, messages(error, ("reason", "annulled_on")), case), 400
    return _begun(number)


@blueprint.post("/desk/records/<record>/unrepair")
@may(Permission.RECORDS_PREPARE, scoped=True)
def desk_unrepair(record: str) -> Response:
    """Makes a submission of it: the repair of the record is taken back when another person has approved that."""
    it = _standing(record)
    try:
        number = portal().desk.unrepair(caller(), it, request.form.get("reason", ""), _reach())
    except Waiting as waiting:
        number = _own(waiting)
    return _begun(number)


def _begun(number: int) -> Response:
    portal().desk.begin()
    done(_("已收下，请核对预览后提交。"))
    return redirect(url_for("account.desk_submission", submission=number), 303)


def _own(waiting: Waiting) -> int:
    """The submission that waits already, where it is one's own. Raises it again where it is somebody else's."""
    if waiting.made_by != somebody().account:
        raise waiting
    return waiting.submission


def _within(record: str, permission: Permission) -> WholeRecord:
    """A record that is within the reach of whoever is logged in. Raises NotFound for others."""
    it = held(portal().desk.engine, record, portal().clock.today())
    if not somebody().reach(permission).covers(it.whose):
        raise NotFound("没有这条记录。", "There is no such record.")
    return it


def _reach() -> Reach:
    return somebody().reach(Permission.RECORDS_PREPARE)


def _standing(record: str) -> WholeRecord:
    """A record that can be changed. Raises NotFound."""
    it = _within(record, Permission.RECORDS_PREPARE)
    if it.taken_down:
        raise NotFound("这条记录已经撤下。", "This record was taken down already.")
    return it


def _form(it: WholeRecord, said: dict[str, str], errors: dict[str, str], case: Case | None) -> str:
    standing = stated(it)
    fixed = [Field(column_label(each), Cell(now(it, each))) for each in fixed_columns(it)]
    return render_template(
        "desk_correct.html",
        record=_shown(it),
        fixed=fixed,
        boxes=[
            _box(column, said.get(column.name, ""), standing.get(column.name, ""))
            for column in correctable(it)
        ],
        typed=request.form,
        reason=request.form.get("reason", drafted_reason(case)),
        case=case,
        errors=errors,
        annulled=it.kind.name == "penalty",
        crumbs=below_desk(Link(it.title, url_for("account.desk_record", record=it.id))),
    )


def _remove_form(it: WholeRecord, errors: dict[str, str], case: Case | None) -> str:
    return render_template(
        "desk_remove.html",
        record=_shown(it),
        typed=request.form,
        reason=request.form.get("reason", drafted_reason(case)),
        case=case,
        errors=errors,
        annulled=it.kind.name == "penalty",
        crumbs=below_desk(Link(it.title, url_for("account.desk_record", record=it.id))),
    )


def _box(column: Column, value: str, now: str) -> Box:
    choices = [("", "—"), *((term.code, word(term)) for term in column.choices)] if column.choices else []
    kind = "date" if column.type is Type.DATE else "text"
    if column.type is Type.CHOICE and value in dict(choices):
        kind = "choice"
    elif len(value) > LONG or column.maximum > LONGEST_LINE:
        kind = "long"
    return Box(column.name, column_label(column), value, now, kind, column.required, choices)


def _shown(it: WholeRecord) -> Shown:
    return Shown(
        it,
        kind_label(it.kind),
        url_for("account.desk_record", record=it.id),
        _publicity(it),
        instant(it.recorded_at),
    )


def _publicity(it: WholeRecord) -> Badge:
    """Whether the public sees it, and why not."""
    if it.taken_down:
        return Badge(_("已撤下"), "warn")
    if it.public:
        return Badge(_("公示中"), "good")
    if it.withheld is not None:
        why = it.withheld if english() else WITHHELD.get(it.withheld, it.withheld)
        return Badge(_("不公开：%(why)s", why=why), "neutral")
    return Badge(_("不在公示期"), "neutral")


def _fields(it: WholeRecord) -> list[Field]:
    """What a record says; of what is never shown only that it is there."""
    found = [Field(_("主体名称"), Cell(it.name))] if it.name else []
    for column in it.kind.all_columns():
        if column.name in it.values:
            hidden = column.show is Show.NEVER
            text = _("（不显示）") if hidden else shown_value(it.kind, column.name, it.values[column.name])
            found.append(Field(column_label(column), Cell(text)))
    return found + [Field(heading, Cell(text)) for heading, text in it.extra.items()]
