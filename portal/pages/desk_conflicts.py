"""Contradictions of sources side by side (来源冲突), and which of them stands."""

from dataclasses import dataclass
from datetime import timedelta

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from indexer.accounts.roles import Permission
from indexer.errors import InvalidParameter
from indexer.register.conflicts import Contradiction, Side, contradictions
from portal.accounts.access import may
from portal.accounts.person import caller, somebody
from portal.context import portal
from portal.labels import column_label, kind_label
from portal.pages.account_frame import blueprint, done
from portal.pages.cells import shown_value
from portal.pages.components import Instant, NavItem, Pager
from portal.pages.desk_frame import below_desk, number_in, tabs
from portal.pages.forms import messages
from portal.pages.frame import instant

SPANS = (30, 90, 365)  # days that can be looked back
PAGE = 20


@dataclass(frozen=True, slots=True)
class Shown:
    """A contradiction in words; `lines` are (column, what the earlier says, what the later says), `correct_href` takes the earlier up."""

    it: Contradiction
    kind: str
    href: str
    earlier: Instant
    later: Instant
    lines: list[tuple[str, str | None, str | None]]
    correct_href: str
    key: str


@blueprint.get("/desk/conflicts")
@may(Permission.DESK_VIEW)
def desk_conflicts() -> str:
    """The list, the newest first."""
    return _page({}, "")


@blueprint.post("/desk/conflicts")
@may(Permission.RECORDS_PREPARE)
def desk_conflict_settled() -> Response | tuple[str, int]:
    """Leaves a record as the later source has it; nothing public changes."""
    form, key = request.form, request.form.get("key", "")
    record, _dash, batch = key.partition("-")
    try:
        if not batch.isdecimal() or len(batch) > 18 or len(record) != 24:
            raise InvalidParameter("reason", "请重新打开本页再试。", "open this page again")
        portal().desk.settlements.settle(caller(), record, int(batch), form.get("reason", ""))
    except InvalidParameter as error:
        return _page(messages(error, ("reason",)), key), 400
    done(_("已认定维持现状，不再列出。"))
    return redirect(url_for("account.desk_conflicts"), 303)


def _page(errors: dict[str, str], wrong: str) -> str:
    days, below, desk = number_in("days") or SPANS[0], number_in("below"), portal().desk
    if days not in SPANS:
        raise InvalidParameter("days", "请选择列出的天数。", "must be 30, 90 or 365")
    since = portal().clock.now() - timedelta(days=days)
    span = timedelta(days=days)
    found = contradictions(desk.engine, since, span, desk.settlements.since(since), below, PAGE)
    own = url_for("account.desk_conflicts", days=days)
    more = f"{own}&below={found.next_below}" if found.next_below is not None else None
    return render_template(
        "desk_conflicts.html",
        found=[_shown(each) for each in found.contradictions],
        spans=[
            NavItem(_("近 %(n)s 天", n=n), url_for("account.desk_conflicts", days=n), n == days)
            for n in SPANS
        ],
        pager=Pager(more, own if below is not None else None),
        prepares=somebody().may(Permission.RECORDS_PREPARE),
        errors=errors,
        wrong=wrong,
        tabs=tabs(),
        crumbs=below_desk(),
    )


def _shown(it: Contradiction) -> Shown:
    columns = {column.name: column for column in it.kind.all_columns()}
    return Shown(
        it=it,
        kind=kind_label(it.kind),
        href=url_for("account.desk_record", record=it.record),
        earlier=instant(it.earlier.recorded_at),
        later=instant(it.later.recorded_at),
        lines=[
            (column_label(columns[name]), _says(it, it.earlier, name), _says(it, it.later, name))
            for name in it.columns
        ],
        correct_href=url_for("account.desk_correct", record=it.record, batch=it.earlier.batch),
        key=f"{it.record}-{it.later.batch}",
    )


def _says(it: Contradiction, side: Side, column: str) -> str | None:
    return shown_value(it.kind, column, side.values.get(column))
