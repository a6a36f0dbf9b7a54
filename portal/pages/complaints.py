"""Complaints and questions (投诉举报、咨询) from anybody, without an account: to file one, to follow it by number and secret, to add to it."""

from datetime import timedelta

from flask import Response as Page
from flask import redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from indexer.accounts import throttle
from indexer.accounts.acting import acting
from indexer.accounts.audit import Caller
from indexer.accounts.people import normal_mail
from indexer.accounts.throttle import Brake, Counter, TooManyFailures
from indexer.cases import texts
from indexer.cases.case import Case, Contact, Doing, Filing
from indexer.cases.cases import MOST_FILES
from indexer.cases.kinds import KINDS
from indexer.cases.paths import By, Move
from indexer.cases.reading import no_case
from indexer.errors import FileRefused, InvalidParameter, NotFound, ZhixinError
from portal.accounts.access import anybody
from portal.context import portal
from portal.headers import keep_to_browser
from portal.i18n import english
from portal.limits import count_filing, visitor
from portal.pages.account_frame import blueprint, done
from portal.pages.case_parts import LARGEST_FORM, once, said, sent_files, sent_once, shown, story
from portal.pages.components import Link
from portal.pages.forms import messages

KINDS_OFFERED = ("complaint", "question")
FIELDS = ("kind", "title", "text", "about", "name", "phone", "mail")
FOLLOWING = "following"
FOLLOWED = timedelta(minutes=30)  # that a browser may look at a case after number and secret were given
GUESSES = Brake("case-secret", 10, timedelta(seconds=30), timedelta(hours=1), timedelta(days=1))


class TooManyGuesses(ZhixinError):
    """Number and secret did not belong together too many times."""

    code = "too-many-guesses"
    status = 429

    def __init__(self, wait: timedelta) -> None:
        minutes = max(1, -(-int(wait.total_seconds()) // 60))
        super().__init__(
            f"编号和查询密码多次不符，请过 {minutes} 分钟再试。",
            f"Number and secret did not match too many times: come back in {minutes} min.",
        )


@blueprint.get("/complaints/new")
@anybody()
def complaint_new() -> str:
    """The form."""
    kind = request.args.get("kind", "")
    given = {
        "kind": kind if kind in KINDS_OFFERED else "complaint",
        "about": request.args.get("about", "")[:100],
    }
    return _form(given, {})


@blueprint.post("/complaints/new")
@anybody(largest=LARGEST_FORM)
def complaint_filed() -> Page | tuple[str, int]:
    """Files it, and shows number and secret, this once."""
    given = {name: request.form.get(name, "") for name in FIELDS}
    try:
        filing = _filing(given)
    except FileRefused as error:
        return _form(given, {"files": error.en if english() else error.zh}), 400
    except InvalidParameter as error:
        return _form(given, messages(error, (*FIELDS, "files"))), 400
    count_filing()
    filed = portal().room.cases.file(Caller(), filing)
    case = portal().room.docket.one(filed.number)
    page = render_template(
        "complaint_filed.html",
        filed=filed,
        it=shown(case, portal().clock.today()),
        mail=filing.contact.mail,
        crumbs=_crumbs(),
        noindex=True,
    )
    return keep_to_browser(Page(page))


@blueprint.get("/complaints/follow")
@anybody()
def complaint_follow() -> Page:
    """The form, or the case whose number and secret this browser gave."""
    case = _followed()
    return keep_to_browser(Page(_ask("", {}) if case is None else _case(case, "", {})))


@blueprint.post("/complaints/follow")
@anybody()
def complaint_opened() -> Response | tuple[str, int]:
    """Takes number and secret."""
    number, secret = request.form.get("number", ""), request.form.get("secret", "")
    counter = Counter(GUESSES, (visitor(),))
    accounts, clock = portal().accounts, portal().clock
    try:
        with acting(accounts.engine, clock, Caller()) as act:
            throttle.attempt(act.connection, [counter], act.now)
    except TooManyFailures as error:
        raise TooManyGuesses(error.wait) from None
    try:
        case = portal().room.docket.with_secret(number, secret)
    except NotFound:
        return _ask(number, {"secret": _("没有这个编号，或密码不对。请对照提交时给您的编号和密码。")}), 400
    with acting(accounts.engine, clock, Caller()) as act:
        throttle.forget(act.connection, [counter])
    session[FOLLOWING] = [case.number, int((clock.now() + FOLLOWED).timestamp())]
    return redirect(url_for("account.complaint_follow"), 303)


@blueprint.post("/complaints/follow/add")
@anybody(largest=LARGEST_FORM)
def complaint_added() -> Response | tuple[str, int]:
    """Adds to the case, or withdraws it."""
    case = _followed()
    if case is None:
        raise no_case()
    text = request.form.get("text", "")
    try:
        move = Move.WITHDRAW if request.form.get("move") == Move.WITHDRAW else Move.ADD
        doing = Doing(
            move,
            case.version,
            sent_once(),
            texts.lines(text, "text", required=move == Move.ADD),
            files=sent_files(),
        )
        portal().room.cases.do(Caller(), By.FILER, case, doing)
    except FileRefused as error:
        return _case(case, text, {"files": error.en if english() else error.zh}), 400
    except InvalidParameter as error:
        return _case(case, text, messages(error, ("text", "files"))), 400
    done(_("已撤回。") if move == Move.WITHDRAW else _("已补充。"))
    return redirect(url_for("account.complaint_follow"), 303)


@blueprint.post("/complaints/follow/leave")
@anybody()
def complaint_left() -> Response:
    """Forgets in this browser which case was looked at."""
    session.pop(FOLLOWING, None)
    return redirect(url_for("account.complaint_follow"), 303)


def _filing(given: dict[str, str]) -> Filing:
    if given["kind"] not in KINDS_OFFERED:
        raise InvalidParameter("kind", "请选择投诉举报或咨询。", "must be a complaint or a question")
    content = {
        "text": texts.lines(given["text"], "text"),
        "about": texts.line(given["about"], "about", required=False),
    }
    contact = Contact(
        texts.line(given["name"], "name", 60, required=False),
        texts.line(given["phone"], "phone", 40, required=False),
        normal_mail(given["mail"]) if given["mail"].strip() else "",
    )
    return Filing(
        given["kind"],
        texts.line(given["title"], "title"),
        content,
        sent_once(),
        sent_files(),
        subject_code=_meant(content["about"]),
        contact=contact,
    )


def _meant(about: str) -> str | None:
    """The one enterprise that has this code or is called exactly so, by its unified code; None where that is not certain."""
    if not about:
        return None
    named = portal().register.exactly(about, 50)
    codes = {record.subject.uscc for record in named if record.subject is not None}
    return codes.pop() if len(codes) == 1 else None


def _followed() -> Case | None:
    """The case that this browser may look at."""
    kept = session.get(FOLLOWING)
    if not isinstance(kept, list) or len(kept) != 2 or kept[1] < portal().clock.now().timestamp():
        return None
    case = portal().room.docket.one(kept[0])
    return case if case.filed_by is None else None


def _form(given: dict[str, str], errors: dict[str, str]) -> str:
    return render_template(
        "complaint_new.html",
        given=dict.fromkeys(FIELDS, "") | given,
        errors=errors,
        kinds=[(name, said(KINDS[name].words)) for name in KINDS_OFFERED],
        once=once(),
        most=MOST_FILES,
        crumbs=_crumbs(),
    )


def _ask(number: str, errors: dict[str, str]) -> str:
    return render_template("complaint_open.html", number=number, errors=errors, crumbs=_crumbs())


def _case(case: Case, text: str, errors: dict[str, str]) -> str:
    return render_template(
        "complaint_follow.html",
        it=shown(case, portal().clock.today()),
        story=story(case, portal().room.docket.events(case), inside=False),
        moves=case.moves(By.FILER),
        text=text,
        errors=errors,
        once=once(),
        most=MOST_FILES,
        crumbs=_crumbs(),
        noindex=True,
    )


def _crumbs() -> list[Link]:
    return [Link(_("首页"), url_for("pages.home"))]
