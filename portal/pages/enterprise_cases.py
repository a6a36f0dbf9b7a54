"""Cases of an enterprise (企业办件): objections to its own records, what has become of them, and whatever else it has filed."""

from flask import Response as Page
from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from indexer.accounts.roles import Permission
from indexer.cases import texts
from indexer.cases.case import Case, Doing, Filing
from indexer.cases.cases import MOST_FILES
from indexer.cases.paths import By, Move
from indexer.errors import FileRefused, InvalidParameter, NotFound
from indexer.register.disputes import held_about
from portal.accounts.access import may
from portal.accounts.person import caller
from portal.context import portal
from portal.i18n import english
from portal.pages.account_frame import blueprint, done, enterprise_crumbs
from portal.pages.case_parts import LARGEST_FORM, give_file, once, sent_files, sent_once, shown, story
from portal.pages.components import Link
from portal.pages.forms import messages
from portal.pages.mending import mending


@blueprint.get("/enterprise/<code>/cases")
@may(Permission.OWN_VIEW, of="code")
def enterprise_cases(code: str) -> str:
    """All of them, newest first."""
    today = portal().clock.today()
    found = portal().room.docket.all_of_enterprise(code)
    return render_template(
        "enterprise_cases.html",
        code=code,
        cases=[shown(case, today) for case in found],
        crumbs=enterprise_crumbs(code),
    )


@blueprint.get("/enterprise/<code>/objections/new")
@may(Permission.OWN_ACT, of="code")
def objection_new(code: str) -> str:
    """The form of an objection to one record."""
    return _form(code, request.args.get("record", ""), "", {})


@blueprint.post("/enterprise/<code>/objections/new")
@may(Permission.OWN_ACT, of="code", largest=LARGEST_FORM)
def objection_filed(code: str) -> Response | tuple[str, int]:
    """Files it; the record is marked at once."""
    record, text = request.form.get("record", ""), request.form.get("text", "")
    title = _title(record, code)
    try:
        content = {"text": texts.lines(text, "text"), "record": title}
        filing = Filing(
            "objection",
            texts.line(title[: texts.TITLE_LONGEST], "record"),
            content,
            sent_once(),
            sent_files(),
            subject_code=code,
            record_id=record,
        )
    except FileRefused as error:
        return _form(code, record, text, {"files": error.en if english() else error.zh}), 400
    except InvalidParameter as error:
        return _form(code, record, text, messages(error, ("text", "files"))), 400
    filed = portal().room.cases.file(caller(), filing)
    done(_("异议已提交，这条记录即刻标明“异议处理中”。"))
    return redirect(url_for("account.enterprise_case", code=code, number=filed.number), 303)


@blueprint.get("/enterprise/<code>/cases/<number>")
@may(Permission.OWN_VIEW, of="code")
def enterprise_case(code: str, number: str) -> str:
    """One of them, with its story."""
    return _page(code, portal().room.docket.of_enterprise(number, code), "", {})


@blueprint.post("/enterprise/<code>/cases/<number>")
@may(Permission.OWN_ACT, of="code", largest=LARGEST_FORM)
def enterprise_case_added(code: str, number: str) -> Response | tuple[str, int]:
    """Adds to it, or withdraws it."""
    case, text = portal().room.docket.of_enterprise(number, code), request.form.get("text", "")
    move = Move.WITHDRAW if request.form.get("move") == Move.WITHDRAW else Move.ADD
    try:
        said = texts.lines(text, "text", required=move == Move.ADD)
        doing = Doing(move, case.version, sent_once(), said, files=sent_files())
        portal().room.cases.do(caller(), By.FILER, case, doing)
    except FileRefused as error:
        return _page(code, case, text, {"files": error.en if english() else error.zh}), 400
    except InvalidParameter as error:
        return _page(code, case, text, messages(error, ("text", "files"))), 400
    done(_("已撤回。") if move == Move.WITHDRAW else _("已补充。"))
    return redirect(url_for("account.enterprise_case", code=code, number=number), 303)


@blueprint.get("/enterprise/<code>/cases/<number>/files/<int:identity>")
@may(Permission.OWN_VIEW, of="code")
def enterprise_case_file(code: str, number: str, identity: int) -> Page:
    """A file that came with it."""
    return give_file(portal().room.docket.of_enterprise(number, code), identity, inside=False)


def _title(record: str, code: str) -> str:
    """What a record of the enterprise is called. Raises NotFound for one of others."""
    title = held_about(portal().accounts.engine, record, code)
    if title is None:
        raise NotFound("这家企业没有这条记录。", "The enterprise has no such record.")
    return title


def _form(code: str, record: str, text: str, errors: dict[str, str]) -> str:
    return render_template(
        "objection_new.html",
        code=code,
        record=record,
        title=_title(record, code),
        text=text,
        errors=errors,
        once=once(),
        most=MOST_FILES,
        crumbs=_crumbs(code),
    )


def _page(code: str, case: Case, text: str, errors: dict[str, str]) -> str:
    return render_template(
        "enterprise_case.html",
        code=code,
        it=shown(case, portal().clock.today()),
        story=story(case, portal().room.docket.events(case), inside=False),
        moves=case.moves(By.FILER),
        mending=mending(case, inside=False),
        text=text,
        errors=errors,
        once=once(),
        most=MOST_FILES,
        crumbs=_crumbs(code),
    )


def _crumbs(code: str) -> list[Link]:
    return enterprise_crumbs(code, Link(_("企业办件"), url_for("account.enterprise_cases", code=code)))
