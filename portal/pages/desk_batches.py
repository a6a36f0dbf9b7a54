"""Batches (批次): who published what, when, with which counts; and the undoing of one, which a second person looks at as well."""

from dataclasses import dataclass

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from indexer.accounts.roles import Permission
from indexer.desk.submissions import Submission, Waiting
from indexer.errors import InvalidParameter, NotFound
from indexer.kinds import kinds
from indexer.register.reading import BatchEntry
from portal.accounts.access import may
from portal.accounts.person import caller, somebody
from portal.context import portal
from portal.labels import kind_label
from portal.pages.account_frame import blueprint, done
from portal.pages.components import Instant, Link, Pager
from portal.pages.desk_frame import below_desk, number_in, tabs
from portal.pages.forms import messages
from portal.pages.frame import instant

PAGE = 30
UNDONE = ("ingest", "remove")


@dataclass(frozen=True, slots=True)
class Shown:
    """A batch in the list; `by` is its submission, None for one of the command line."""

    it: BatchEntry
    at: Instant | None
    action: str
    kinds: str
    by: Submission | None
    undo_href: str


@blueprint.get("/desk/batches")
@may(Permission.DESK_VIEW)
def desk_batches() -> str:
    """The list, the newest first."""
    below = number_in("below")
    found = portal().register.batches(PAGE + 1, below)
    own = url_for("account.desk_batches")
    more = f"{own}?below={found[PAGE - 1].number}" if len(found) > PAGE else None
    by = portal().desk.submissions.of_batches([each.number for each in found])
    return render_template(
        "desk_batches.html",
        batches=[_shown(each, by.get(each.number)) for each in found[:PAGE]],
        pager=Pager(more, own if below is not None else None),
        tabs=tabs(),
        crumbs=below_desk(),
    )


@blueprint.get("/desk/batches/<int:batch>/undo")
@may(Permission.RECORDS_PREPARE)
def desk_undo(batch: int) -> str:
    """The form."""
    return _form(_one(batch), {})


@blueprint.post("/desk/batches/<int:batch>/undo")
@may(Permission.RECORDS_PREPARE)
def desk_undo_asked(batch: int) -> Response | tuple[str, int]:
    """Makes a submission of it, whose preview says what would come back and what would go."""
    it = _one(batch)
    try:
        number = portal().desk.undo(caller(), batch, it.path or "", request.form.get("reason", ""))
    except Waiting as waiting:
        if waiting.made_by != somebody().account:
            raise
        number = waiting.submission
    except InvalidParameter as error:
        return _form(it, messages(error, ("reason",))), 400
    portal().desk.begin()
    done(_("已收下，请核对预览后提交。"))
    return redirect(url_for("account.desk_submission", submission=number), 303)


def _one(batch: int) -> BatchEntry:
    """A batch that can be taken back. Raises NotFound."""
    found = portal().register.batches(1, batch + 1)
    if not found or found[0].number != batch or found[0].withdrawn_in or found[0].action not in UNDONE:
        raise NotFound("没有可以撤回的这个批次。", "There is no such batch that could be taken back.")
    return found[0]


def _form(it: BatchEntry, errors: dict[str, str]) -> str:
    return render_template(
        "desk_undo.html",
        batch=_shown(it, None),
        typed=request.form,
        errors=errors,
        crumbs=below_desk(Link(_("批次"), url_for("account.desk_batches"))),
    )


def _shown(it: BatchEntry, by: Submission | None) -> Shown:
    free = it.withdrawn_in is None and it.action in UNDONE
    free = free and somebody().may(Permission.RECORDS_PREPARE)
    words = {"ingest": _("导入"), "remove": _("撤下记录"), "withdraw": _("撤回批次")}
    names = [kind_label(kinds()[name]) for name in (it.kind or "").split(",") if name in kinds()]
    return Shown(
        it=it,
        at=instant(it.recorded_at) if it.recorded_at else None,
        action=words[it.action],
        kinds=_("、").join(names),
        by=by,
        undo_href=url_for("account.desk_undo", batch=it.number) if free else "",
    )
