"""The result of a check (核查结果) as a page for the holder of its key: the sum first, then who and where, then why.

Whoever has the address has the key, so nobody keeps these pages, no other site is told of them, and search engines are asked to stay away.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Response, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from indexer.register.receipts import Receipt
from portal.api.check_views import whole
from portal.arguments import Arguments, arguments, invalid
from portal.checks.office import AT_ONCE, Filed
from portal.checks.paper import domain_codes, paper, parent_note, requirement_label
from portal.context import portal
from portal.headers import keep_secret
from portal.i18n import english
from portal.limits import charge
from portal.pages.check import workbook_response
from portal.pages.components import Badge, Instant, Link
from portal.pages.frame import blueprint, instant
from portal.pages.receipt import qr, verify_url
from portal.restrictions.rules import DOMAINS

Plain = dict[str, Any]

REFRESH = 2  # seconds
ABSENT = "none_on_file"


class ResultQuestion(Arguments):
    """A key, and the page of a long result."""

    key: str
    page: str | None = None


@dataclass(frozen=True, slots=True)
class Square:
    """One field of the matrix. `quiet`: nothing to look at, left out where there is little room. `absent`: nothing on file, which is
    explained once for all.
    """

    label: str
    badge: Badge
    text: str = ""
    href: str = ""
    quiet: bool = False
    absent: bool = False


@dataclass(frozen=True, slots=True)
class Reason:
    """Why, in a sentence, with the fact; for a restriction also where it applies and on which legal basis."""

    text: str
    href: str
    title: str
    basis: str = ""
    domains: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One bidder. `given` is what was asked where that reads differently from `name` and `code`."""

    number: int
    name: str
    code: str
    href: str
    given: str
    match: Badge
    squares: list[Square]
    clear: int
    notes: list[str]
    candidates: list[Reason]
    reasons: list[Reason]
    cells: list[Square]
    honours: list[Reason]
    parent: str

    @property
    def unmet(self) -> list[Square]:
        """The required certificates on file that do not do, or not surely."""
        return [cell for cell in self.cells if not cell.quiet and not cell.absent]

    @property
    def told(self) -> bool:
        """Whether there is more to say than the matrix does."""
        said = (self.notes, self.candidates, self.reasons, self.honours, self.parent)
        return any(said) or bool(self.unmet)


@dataclass(frozen=True, slots=True)
class About:
    """The evidence of a result."""

    number: str
    verify: str
    qr: str
    hash: str
    as_of: str
    known_at: Instant
    checked_at: Instant
    keep_until: str
    register_version: int
    rules_version: str
    rules_edition: int | None
    project: str


@blueprint.get("/checks/<key>")
def check_result(key: str) -> Response:
    """The result, or how far it is."""
    question = arguments(request, ResultQuestion, key=key)
    filed = portal().office.open(key)
    if filed.receipt.state != "done":
        page = render_template(
            "check_progress.html",
            receipt=filed.receipt,
            percent=100 * filed.receipt.checked // filed.receipt.bidders,
            refresh=REFRESH,
            crumbs=_crumbs(),
            noindex=True,
        )
        return keep_secret(make_response(page, 202))
    if question.page is not None and not (question.page.isascii() and question.page.isdecimal()):
        raise invalid("page", "应为页码，如 2。", "must be a number like 2")
    return keep_secret(make_response(_page(filed, int(question.page or "1"))))


@blueprint.post("/checks/<key>")
def check_again(key: str) -> AnyResponse:
    """The same question asked now and filed as a check of its own."""
    office = portal().office
    old = office.open(key).receipt
    charge(old.bidders)
    return redirect(url_for("pages.check_result", key=office.ask(office.request(old)).key), 303)


@blueprint.get("/checks/<key>/changes")
def check_changes(key: str) -> Response:
    """What would be answered differently now."""
    filed = _done(key)
    charge(filed.receipt.bidders)
    result, found = portal().office.changes(filed.receipt)
    page = render_template(
        "check_changes.html",
        receipt=filed.receipt,
        filed_at=instant(filed.receipt.created_at),
        checked_at=instant(result.checked_at),
        back=url_for("pages.check_result", key=key),
        changes=found,
        lang=_lang(),
        crumbs=_crumbs(),
        noindex=True,
    )
    return keep_secret(make_response(page))


@blueprint.get("/checks/<key>/result.xlsx")
def check_workbook(key: str) -> Response:
    """The result as a workbook."""
    filed = _done(key)
    office = portal().office
    about = office.sheet(filed.receipt).about
    content = paper(
        filed.receipt,
        about,
        office.bidders(filed.receipt),
        verify_url(filed.receipt.number),
        english=english(),
    )
    return keep_secret(workbook_response(content, f"{filed.receipt.number}.xlsx"))


@blueprint.get("/checks/<key>/result.json")
def check_json(key: str) -> Response:
    """The result as it was filed, to be kept."""
    filed = _done(key)
    response = Response(whole(filed), content_type="application/json")
    response.headers["Content-Disposition"] = f'attachment; filename="{filed.receipt.number}.json"'
    return keep_secret(response)


def _done(key: str) -> Filed:
    filed = portal().office.open(key)
    if filed.receipt.state != "done":
        raise invalid("key", "这次核查还没有完成。", "this check is not finished yet")
    return filed


def _page(filed: Filed, number: int) -> str:
    sheet = portal().office.sheet(filed.receipt, number)
    about, key = sheet.about, filed.key
    codes = domain_codes(about)
    required = [requirement_label(each) for each in about["requirements"]]
    return render_template(
        "check_result.html",
        tone=_tone(about["summary"]),
        headline=_headline(about["summary"]),
        figures=list(_figures(about["summary"], bool(required))),
        about=_about(filed.receipt, about),
        columns=[_domain_label(code) for code in codes] + required,
        rows=[_row(bidder, codes, required) for bidder in sheet.bidders],
        absent=_absent(sheet.bidders),
        ties=[_tie(tie) for tie in about["ties"]],
        degraded=about["degraded"],
        notice=about["notice"][_lang()],
        may_repeat=filed.receipt.bidders <= AT_ONCE,
        key=key,
        pages=[
            Link(str(each), url_for("pages.check_result", key=key, page=each))
            for each in range(1, sheet.pages + 1)
        ],
        page=sheet.page,
        crumbs=_crumbs(),
        noindex=True,
    )


def _about(receipt: Receipt, about: Plain) -> About:
    evidence = about["evidence"]
    return About(
        number=receipt.number,
        verify=verify_url(receipt.number),
        qr=qr(receipt.number),
        hash=receipt.hash or "",
        as_of=about["as_of"],
        known_at=instant(datetime.fromisoformat(about["known_at"])),
        checked_at=instant(datetime.fromisoformat(about["checked_at"])),
        keep_until=receipt.keep_until.isoformat(),
        register_version=evidence["register_version"],
        rules_version=evidence["rules_version"],
        rules_edition=evidence.get("rules_edition"),
        project=about["project"],
    )


def _tone(summary: Plain) -> str:
    if summary["banned"]:
        return "bad"
    return "warn" if summary["restricted"] or summary["uncertain"] or summary["none"] else "good"


def _headline(summary: Plain) -> str:
    """The sum in a line: `3 家禁止，2 家受限，1 家没有找到`."""
    banned, unclear = summary["banned"], summary["uncertain"] + summary["none"]
    parts = [
        _("%(n)s 家禁止", n=banned) if banned else "",
        _("%(n)s 家受限", n=summary["restricted"] - banned) if summary["restricted"] > banned else "",
        _("%(n)s 家未能确定", n=unclear) if unclear else "",
    ]
    return str(_("，").join(filter(None, parts)) or _("都未见限制"))


def _figures(summary: Plain, required: bool) -> Iterator[tuple[str, int]]:
    clear = summary["exact"] + summary["certain"] - summary["restricted"]
    yield _("投标人"), summary["bidders"]
    yield _("禁止"), summary["banned"]
    yield _("受限"), summary["restricted"] - summary["banned"]
    yield _("未见限制"), clear
    yield _("名称不能确定"), summary["uncertain"]
    yield _("没有找到"), summary["none"]
    if required:
        yield _("证书要求全部符合"), summary["meeting_all"]


def _row(bidder: Plain, codes: list[str], required: list[str]) -> Row:
    match, lang = bidder["match"], _lang()
    held = {domain["code"]: domain for domain in bidder["domains"]}
    squares = [_square(code, held.get(code), bidder["row"]) for code in codes]
    cells = [_cell(label, cell) for label, cell in zip(required, bidder["requirements"], strict=True)]
    given = " ".join(filter(None, (bidder["name"], bidder["id"])))
    taken = " ".join(filter(None, (match["name"], match["code"])))
    parent = bidder["parent"]
    return Row(
        number=bidder["row"],
        name=match["name"] or bidder["name"] or bidder["id"] or _("（空行）"),
        code=match["code"] or (bidder["id"] if bidder["name"] else ""),
        href=url_for("pages.subject", id=match["code"]) if match["code"] else "",
        given=given if match["code"] and not {*given.split()} <= {*taken.split()} else "",
        match=_match(match["certainty"]),
        squares=squares,
        clear=sum(square.quiet for square in squares),
        notes=[note[lang] for note in (*bidder["notes"], *match["path"], *match["notes"])],
        candidates=[
            Reason(
                each["why"][lang], url_for("pages.subject", id=each["code"]), f"{each['name']} {each['code']}"
            )
            for each in match["candidates"]
        ],
        reasons=_reasons(bidder["domains"]),
        cells=cells,
        honours=[
            Reason(each["explanation"][lang], url_for("pages.record", id=each["record"]), each["title"])
            for each in bidder["honours"]
        ],
        parent=parent_note(parent)[_lang()] if parent else "",
    )


def _square(code: str, domain: Plain | None, row: int) -> Square:
    label = _domain_label(code)
    if domain is None:
        return Square(label, Badge(_("未核查"), "neutral"))
    if domain["status"] == "clear":
        return Square(label, Badge(_("无限制"), "good"), quiet=True)
    until = domain["until"]
    text = _("至 %(day)s", day=until) if until else _("终身") if domain["status"] == "banned" else ""
    return Square(label, _state(domain["status"]), text, f"#r{row}")


def _reasons(domains: list[Plain]) -> list[Reason]:
    """Each fact and rule once, with all domains in which it restricts."""
    lang = _lang()
    found: dict[tuple[str, str], tuple[Plain, list[str]]] = {}
    for domain in domains:
        for cause in domain["because"]:
            key = (cause["record"], cause["explanation"][lang])
            found.setdefault(key, (cause, []))[1].append(domain["label"][lang])
    return [
        Reason(
            cause["explanation"][lang],
            url_for("pages.record", id=cause["record"]),
            cause["title"],
            cause["basis"],
            _("、").join(labels),
        )
        for cause, labels in found.values()
    ]


def _cell(label: str, cell: Plain) -> Square:
    badges = {
        "met": Badge(_("符合"), "good"),
        "not_met": Badge(_("不符合"), "bad"),
        "unknown": Badge(_("无法判断"), "neutral"),
    }
    shown = badges[cell["met"]]
    if cell["record"] is None:
        return Square(label, shown, _("没有记录") if cell["reason"] == ABSENT else "", absent=True)
    href = url_for("pages.record", id=cell["record"])
    return Square(label, shown, cell["explanation"][_lang()], href, cell["met"] == "met")


def _absent(bidders: list[Plain]) -> str:
    """What it means that nothing is on file, "" where nobody needs to know."""
    cells = (cell for bidder in bidders for cell in bidder["requirements"])
    return next((str(cell["explanation"][_lang()]) for cell in cells if cell["reason"] == ABSENT), "")


def _match(certainty: str) -> Badge:
    return {
        "exact": Badge(_("代码一致"), "good"),
        "certain": Badge(_("名称唯一对应"), "good"),
        "uncertain": Badge(_("不能确定，请核对"), "warn"),
        "none": Badge(_("没有找到"), "neutral"),
    }[certainty]


def _state(status: str) -> Badge:
    return Badge(_("禁止"), "bad") if status == "banned" else Badge(_("受限"), "warn")


def _tie(tie: Plain) -> Reason:
    rows = _("、").join(str(row) for row in tie["rows"])
    return Reason(tie["explanation"][_lang()], f"#b{tie['rows'][0]}", _("第 %(rows)s 个", rows=rows))


def _domain_label(code: str) -> str:
    return next((each.en if english() else each.zh) for each in DOMAINS if each.code == code)


def _lang() -> str:
    return "en" if english() else "zh"


def _crumbs() -> list[Link]:
    return [Link(_("首页"), url_for("pages.home")), Link(_("批量核查"), url_for("pages.check_form"))]
