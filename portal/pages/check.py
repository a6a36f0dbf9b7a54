"""Asking for a check of many bidders (批量核查): paste, or a file; when, in which domains, with which certificates.

The form carries no token against forged requests (CSRF): there is no session and no cookie that a forger could borrow, and what a
forged request makes is an anonymous check of what the forger himself sent.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from flask import Response, redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _
from pydantic import ValidationError
from werkzeug.wrappers import Response as AnyResponse

from indexer.clock import SHANGHAI
from indexer.errors import InvalidParameter
from indexer.search.question import read
from portal.arguments import Arguments, WrongArguments, arguments, told
from portal.checks.model import Bidder, Request
from portal.checks.office import AT_ONCE
from portal.checks.sheets import read_paste
from portal.checks.workbook import template
from portal.context import portal
from portal.i18n import english
from portal.limits import charge
from portal.pages.components import Link
from portal.pages.forms import messages
from portal.pages.frame import blueprint
from portal.restrictions.rules import DOMAINS
from portal.uploads import XLSX, CheckOptions, allow_upload, read_upload, to_request

ROWS = 3  # of the form, for certificates
FIELDS = ("bidders", "file", "as_of", "known_at", "project", "domains", "requirements")
REQUIRED = ("certificate_kind", "standard", "scope", "valid_on")
KINDS = (
    "质量管理体系认证",
    "环境管理体系认证",
    "职业健康安全管理体系认证",
    "信息安全管理体系认证",
    "食品安全管理体系认证",
    "强制性产品认证",
    "工业产品生产许可证",
    "食品生产许可证",
    "特种设备生产许可证",
    "资质认定",
)
"""What tenders ask for most, offered while typing."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A domain to tick."""

    code: str
    label: str
    chosen: bool


class CheckPageQuestion(Arguments):
    """`q`: bidders as somebody pasted them into the search, to begin the list with."""

    q: str = ""


@blueprint.get("/check")
def check_form() -> str:
    """The form, empty or with bidders that were pasted elsewhere, one a line."""
    pasted = arguments(request, CheckPageQuestion).q
    return _form({"bidders": "\n".join(read(pasted).names) or pasted}, {})


@blueprint.get("/check/template.xlsx")
def check_template() -> Response:
    """An empty list of bidders to fill in, whose column of codes holds text."""
    return workbook_response(template(english=english()), "bidders.xlsx" if english() else "投标人名单.xlsx")


@blueprint.post("/check")
def check_asked() -> AnyResponse | tuple[str, int]:
    """Checks what was sent and leads to the result's own address."""
    allow_upload(request)
    try:
        asked = _read()
        charge(len(asked.bidders))
        filed = portal().office.ask(asked)
    except (WrongArguments, InvalidParameter) as error:
        return _form(request.form, messages(_of_field(error), FIELDS)), 400
    return redirect(url_for("pages.check_result", key=filed.key), 303)


def workbook_response(content: bytes, name: str) -> Response:
    """An XLSX to be saved under a name."""
    from io import BytesIO

    return send_file(BytesIO(content), XLSX, as_attachment=True, download_name=name)


def _read() -> Request:
    """The check that the form asks for. Raises WrongArguments and InvalidParameter."""
    form = request.form
    given = {name: form[name].strip() for name in ("as_of", "project") if form.get(name, "").strip()}
    required = [
        {name: form.get(f"{name}_{number}", "").strip() for name in REQUIRED} for number in range(1, ROWS + 1)
    ]
    try:
        options = CheckOptions.model_validate(
            given
            | {
                "domains": form.getlist("domains"),
                "requirements": [
                    {name: value for name, value in each.items() if value}
                    for each in required
                    if any(each.values())
                ],
            }
        )
    except ValidationError as error:
        raise WrongArguments(told(each) for each in error.errors(include_url=False)) from None
    options = options.model_copy(update={"known_at": _end(form.get("known_at", "").strip())})
    return to_request(options, _bidders(), portal().clock)


def _bidders() -> Collection[Bidder]:
    """From the file where there is one, else from the box."""
    file, pasted = request.files.get("file"), request.form.get("bidders", "")
    has_file = file is not None and bool(file.filename)
    if has_file and pasted.strip():
        raise InvalidParameter(
            "file", "名单请粘贴或者上传，只选一种。", "Paste the list or send a file, not both."
        )
    return read_upload(file) if has_file and file is not None else read_paste(pasted)


def _end(day: str) -> datetime | None:
    """The last instant of a day in Shanghai; of today, this instant."""
    if not day:
        return None
    try:
        until = datetime.combine(date.fromisoformat(day) + timedelta(days=1), time.min, SHANGHAI)
    except (ValueError, OverflowError):
        raise InvalidParameter(
            "known_at", "应为日期，如 2026-03-01。", "must be a day like 2026-03-01"
        ) from None
    clock = portal().clock
    if date.fromisoformat(day) == clock.today():
        return clock.now()
    return until - timedelta(microseconds=1)


def _of_field(error: WrongArguments | InvalidParameter) -> WrongArguments:
    """The same with the names of the form's fields: what is wrong in one requirement is wrong with the requirements."""
    wrong = error.wrong if isinstance(error, WrongArguments) else ((error.where, error.zh, error.en),)
    return WrongArguments((where.partition(".")[0], zh, en) for where, zh, en in wrong)


def _form(said: Mapping[str, str], errors: dict[str, str]) -> str:
    chosen = request.form.getlist("domains")
    return render_template(
        "check.html",
        said=said,
        errors=errors,
        today=portal().clock.today().isoformat(),
        domains=[
            Choice(each.code, each.en if english() else each.zh, each.code in chosen) for each in DOMAINS
        ],
        rows=range(1, ROWS + 1),
        kinds=KINDS,
        at_once=AT_ONCE,
        crumbs=[Link(_("首页"), url_for("pages.home"))],
    )
