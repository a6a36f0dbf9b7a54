"""The rule of supervision grades (分级规则): its versions, an editor with a preview, and the second person's decision."""

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from indexer.accounts.roles import Permission
from indexer.errors import InvalidParameter
from indexer.supervision.grading import Moves
from indexer.supervision.rule import RuleRefused
from portal.accounts.access import may
from portal.accounts.person import caller
from portal.context import portal
from portal.pages.account_frame import blueprint, done
from portal.pages.components import Cell, Link, Table
from portal.pages.forms import messages
from portal.pages.frame import instant
from portal.pages.supervision_frame import day, desk, state_badge, way

FIELDS = ("effective_from", "reason")
LARGEST = 512 * 1024  # bytes of the form, in which a Chinese character takes nine


@blueprint.get("/desk/supervision/rule")
@may(Permission.SUPERVISION_VIEW)
def supervision_rule() -> str:
    """The versions, and the editor with that of today."""
    return _page(portal().supervision.rulebook.draft(), None, {}, [])


@blueprint.post("/desk/supervision/rule")
@may(Permission.SUPERVISION_PREPARE, largest=LARGEST)
def supervision_rule_proposed() -> Response | str | tuple[str, int]:
    """Shows what an edited rule would change, or proposes it."""
    book, content = portal().supervision.rulebook, request.form.get("content", "").replace("\r\n", "\n")
    try:
        if request.form.get("action") != "propose":
            return _page(content, book.preview(content), {}, [])
        number = book.propose(caller(), content, day("effective_from"), request.form.get("reason", ""))
    except RuleRefused as refused:
        return _page(content, None, {}, refused.problems), 400
    except InvalidParameter as error:
        return _page(content, book.preview(content), messages(error, FIELDS), []), 400
    done(_("已提交，等待另一人复核。"))
    return redirect(url_for("account.supervision_rule_version", version=number), 303)


@blueprint.get("/desk/supervision/rule/<int:version>")
@may(Permission.SUPERVISION_VIEW)
def supervision_rule_version(version: int) -> str:
    """One version, with the preview it was proposed with."""
    return _version(version, {})


@blueprint.post("/desk/supervision/rule/<int:version>")
@may(Permission.SUPERVISION_DECIDE)
def supervision_rule_decided(version: int) -> Response | tuple[str, int]:
    """Approves or refuses a version."""
    approved = request.form.get("decision") == "approve"
    try:
        portal().supervision.rulebook.decide(caller(), version, approved, request.form.get("reason", ""))
    except InvalidParameter as error:
        return _version(version, messages(error, ("reason",))), 400
    done(_("已批准。") if approved else _("已退回。"))
    return redirect(url_for("account.supervision_rule"), 303)


def sentences(moves: Moves) -> list[str]:
    """What a rule would change, a sentence for each move."""
    told = []
    for old, new, count in moves.moves:
        if old:
            told.append(_("%(count)s 家由 %(old)s 变为 %(new)s", count=f"{count:,}", old=old, new=new))
        else:
            told.append(_("%(count)s 家定为 %(new)s", count=f"{count:,}", new=new))
    return told or [_("没有企业的等级改变。")]


def _page(content: str, moves: Moves | None, errors: dict[str, str], problems: list[str]) -> str:
    book = portal().supervision.rulebook
    current = book.current()
    rows = [
        [
            Cell(str(each.id), url_for("account.supervision_rule_version", version=each.id), code=True),
            Cell(badge=state_badge(each.state)),
            Cell(day=each.effective_from.isoformat()),
            Cell(each.reason),
            Cell(each.proposer),
        ]
        for each in book.versions()
    ]
    columns = [_("版本"), _("状态"), _("生效日期"), _("理由"), _("提出人")]
    return render_template(
        "desk_supervision_rule.html",
        **desk(),
        current=current[0] if current else None,
        table=Table(_("规则的各版本"), columns, rows) if rows else None,
        content=content,
        moves=moves,
        sentences=sentences(moves) if moves else [],
        examples=_examples(moves) if moves else None,
        problems=problems,
        errors=errors,
        today=portal().clock.today().isoformat(),
        said=request.form,
        crumbs=way(),
    )


def _version(number: int, errors: dict[str, str]) -> str:
    version = portal().supervision.rulebook.one(number)
    return render_template(
        "desk_supervision_rule_version.html",
        **desk(),
        version=version,
        state=state_badge(version.state),
        proposed_at=instant(version.proposed_at),
        sentences=sentences(version.moves),
        examples=_examples(version.moves),
        errors=errors,
        crumbs=way(Link(_("分级规则"), url_for("account.supervision_rule"))),
    )


def _examples(moves: Moves) -> Table | None:
    rows = [
        [
            Cell(name, url_for("account.supervised_enterprise", code=code)),
            Cell(code, code=True),
            Cell(old or "—"),
            Cell(new),
        ]
        for code, name, old, new in moves.examples
    ]
    columns = [_("企业"), _("统一社会信用代码"), _("原为"), _("改为")]
    return Table(_("等级改变的企业（前 50 家）"), columns, rows) if rows else None
