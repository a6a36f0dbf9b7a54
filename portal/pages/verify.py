"""Verifying a certificate (证书验证): one clear answer, then what the paper says against what is registered.

Rules: domain.md 2.1 (sub-certificates), 2.2 (states; a management-system certificate says nothing about a product), 2.3 (absence).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from indexer.certificate_numbers import normal, parse
from indexer.errors import InvalidParameter, NotFound
from indexer.kinds.base import Term
from indexer.register.disclosure import PublicRecord
from indexer.register.receipt_numbers import is_receipt_number
from portal.arguments import Arguments, Day, WrongArguments, arguments
from portal.context import portal
from portal.labels import column_label
from portal.pages.cells import badge, day_text, fields, record_href, status_badge, subject_link
from portal.pages.components import Badge, Field, Link
from portal.pages.forms import messages
from portal.pages.frame import blueprint, evidence, private
from portal.pages.receipt import receipt_page
from portal.verification import Verification, compare, verify

FORM = ("number", "holder", "standard", "scope", "product", "issuer", "valid_until", "as_of")
PAPER = ("standard", "scope", "product", "issuer", "valid_until")
PLATFORM = "https://cx.cnca.cn"


class VerifyQuestion(Arguments):
    """A number and what the paper says besides."""

    number: str | None = None
    holder: str | None = None
    as_of: Day | None = None
    standard: str | None = None
    scope: str | None = None
    issuer: str | None = None
    valid_until: Day | None = None
    product: str | None = None

    def asked(self) -> dict[str, str]:
        """What was filled in, as text."""
        return {name: str(value) for name, value in self.model_dump(exclude_none=True).items()}


@dataclass(frozen=True, slots=True)
class Answer:
    """The big clear answer on top."""

    tone: str
    text: str
    sentence: str


@dataclass(frozen=True, slots=True)
class ComparisonRow:
    """One field of the paper against the register."""

    label: str
    on_paper: str | None
    registered: str | None
    verdict: Badge


@dataclass(frozen=True, slots=True)
class Interval:
    """One stretch of a certificate's life; `until` None while it lasts."""

    badge: Badge
    since: str | None
    until: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Match:
    """A certificate with the number asked for."""

    title: str
    badge: Badge | None
    holder: Link | None
    record_href: str
    fields: list[Field]
    comparison: list[ComparisonRow]
    intervals: list[Interval]
    parent: Link | None
    parent_badge: Badge | None


@blueprint.get("/verify")
def verify_form() -> str | tuple[str, int] | Response:
    """The form; once it is filled in, on to the answer's own address."""
    try:
        question = arguments(request, VerifyQuestion)
    except WrongArguments as error:
        return _again(error), 400
    if question.number is None:
        return _form(question.asked(), {})
    if not normal(question.number):
        return _again(InvalidParameter("number", "请输入证书编号。", "Type a certificate number.")), 400
    return redirect(url_for("pages.verify", **question.asked()))  # type: ignore[arg-type]


@blueprint.get("/verify/<path:number>", endpoint="verify")
def verify_result(number: str) -> str | tuple[str, int]:
    """Whether the certificate with this number is genuine, in which state, and what this paper says; or a receipt's page."""
    if is_receipt_number(number):
        return receipt_page(number)
    try:
        question = arguments(request, VerifyQuestion, number=number)
        found = verify(portal().register, number, question.holder, question.as_of)
    except (WrongArguments, InvalidParameter) as error:
        return _again(error, number), 400
    except NotFound as error:
        return _unknown(question, error), 404
    matches = [_match(record, found, question) for record in found.matches]
    return render_template(
        "verify_result.html",
        number=found.number,
        answer=_answer(found, matches),
        as_of=found.as_of.isoformat(),
        verdicts=_verdicts(found, matches),
        matches=matches,
        management_system=any(_is_management_system(record) for record in found.matches),
        near=[],
        platform=Link(_("全国认证认可信息公共服务平台（cx.cnca.cn）"), PLATFORM),
        form=question.asked(),
        form_errors={},
        evidence=evidence(found.version, found.checked_at),
        crumbs=_crumbs(),
        noindex=any(private(record.subject) for record in found.matches),
    )


def _again(error: WrongArguments | InvalidParameter, number: str = "") -> str:
    said = {name: request.args[name] for name in FORM if name in request.args}
    return _form({"number": number} | said, messages(error, FORM))


def _form(said: dict[str, str], errors: dict[str, str]) -> str:
    crumbs = [Link(_("首页"), url_for("pages.home"))]
    return render_template("verify.html", form=said, form_errors=errors, crumbs=crumbs)


def _unknown(question: VerifyQuestion, error: NotFound) -> str:
    parts = portal()
    return render_template(
        "verify_result.html",
        number=question.number,
        answer=Answer("neutral", _("未查到"), _("本登记簿中没有这个编号的证书。")),
        as_of=(question.as_of or parts.clock.today()).isoformat(),
        verdicts=[],
        matches=[],
        management_system=False,
        near=[Link(number, url_for("pages.verify", number=number)) for number in error.suggestions],
        platform=Link(_("全国认证认可信息公共服务平台（cx.cnca.cn）"), PLATFORM),
        form=question.asked(),
        form_errors={},
        evidence=evidence(parts.register.version()),
        crumbs=_crumbs(),
    )


def _answer(found: Verification, matches: Sequence[Match]) -> Answer:
    """A valid certificate beside a paper that says something else is no good news: somebody may have altered the paper."""
    state = badge(_term(found))
    assert state is not None
    sentence = _sentences().get(found.result, "")
    if state.tone == "good" and (found.holder_matches is False or not any(map(_agrees, matches))):
        return Answer("warn", _("%(state)s，但与纸面不符", state=state.text), sentence)
    return Answer(state.tone, state.text, sentence)


def _agrees(match: Match) -> bool:
    return all(row.verdict.tone != "bad" for row in match.comparison)


def _term(found: Verification) -> Term:
    return next(
        record.kind.statuses[found.result] for record in found.matches if found.result in record.kind.statuses
    )


def _sentences() -> dict[str, str]:
    return {
        "valid": _("登记所载，此证书当日处于有效状态。"),
        "suspended": _("此证书当日处于暂停状态；暂停期间不得作为有效证书使用。"),
        "revoked": _("此证书已被撤销，撤销后不能恢复。"),
        "forfeited": _("此证件已被吊销。吊销是行政处罚，不能恢复。"),
        "withdrawn": _("此许可已被撤回，不能恢复。"),
        "cancelled": _("此证书已注销，注销后不能恢复。"),
        "invalid": _("登记所载，此证件当日无效。"),
        "expired": _("当日已超过有效期。有效期至当日仍有效，次日起失效。"),
        "not_yet_valid": _("当日还没有到生效日期。"),
    }


def _verdicts(found: Verification, matches: Sequence[Match]) -> list[Badge]:
    """What the paper's check comes to, in a word or two beside the answer."""
    verdicts = []
    if found.holder_matches is not None:
        verdicts.append(
            Badge(_("持证人与登记一致"), "good")
            if found.holder_matches
            else Badge(_("持证人与登记不一致"), "bad")
        )
    if any(match.comparison for match in matches):
        verdicts.append(
            Badge(_("纸面所填与登记一致"), "good")
            if any(map(_agrees, matches))
            else Badge(_("纸面所填与登记有出入"), "bad")
        )
    return verdicts


def _match(record: PublicRecord, found: Verification, question: VerifyQuestion) -> Match:
    paper = {name: value for name, value in question.asked().items() if name in PAPER}
    return Match(
        title=record.title,
        badge=status_badge(record),
        holder=subject_link(record),
        record_href=record_href(record),
        fields=fields(record, leave_out=("status_reason", "status_changed_on", "status")),
        comparison=_comparison(record, paper, question.holder, found.holder_matches) if paper else [],
        intervals=_intervals(record, found.as_of),
        parent=Link(found.parent.number or "", url_for("pages.verify", number=found.parent.number))
        if found.parent
        else None,
        parent_badge=status_badge(found.parent.on(found.as_of)) if found.parent else None,
    )


def _comparison(
    record: PublicRecord, paper: dict[str, str], holder: str | None, holder_matches: bool | None
) -> list[ComparisonRow]:
    by_name = {column.name: column for column in record.kind.columns}
    rows = [ComparisonRow(_("持证人"), holder, record.name, _verdict(holder_matches, holder))]
    for line in compare(record, paper):
        rows.append(
            ComparisonRow(
                column_label(by_name[line.column]),
                line.on_paper,
                line.registered,
                _verdict(line.matches, line.on_paper),
            )
        )
    return rows


def _verdict(matches: bool | None, on_paper: str | None) -> Badge:
    if matches is None:
        return Badge(_("未登记") if on_paper is not None else _("未填写"), "neutral")
    return Badge(_("一致"), "good") if matches else Badge(_("不一致"), "bad")


def _intervals(record: PublicRecord, as_of: date) -> list[Interval]:
    """The states that the certificate went through up to `as_of`, oldest first; nothing when it was only ever in one."""
    ends = record.valid_until + timedelta(days=1) if record.valid_until else None
    days = {record.valid_from, ends, *(state.since for state in record.states)}
    begins: list[tuple[date, str]] = []
    for day in sorted(day for day in days if day is not None and day <= as_of):
        status = record.status_on(day)
        if status is not None and (not begins or begins[-1][1] != status):
            begins.append((day, status))
    if len(begins) < 2:
        return []
    reason = record.values.get("status_reason")
    changed = record.states[-1].since if record.states else None
    found = []
    for at, (day, status) in enumerate(begins):
        term = badge(record.kind.statuses[status])
        assert term is not None
        last = begins[at + 1][0] - timedelta(days=1) if at + 1 < len(begins) else None
        because = str(reason) if reason and day == changed else None
        found.append(Interval(term, day.isoformat(), day_text(last), because))
    return found


def _is_management_system(record: PublicRecord) -> bool:
    """By its own field, else by the form of its number (domain.md 2.1: the letter only checks the field)."""
    if record.kind.name != "certificate":
        return False
    return "体系" in (record.category or "") or parse(normal(record.number or "")).kind == "system"


def _crumbs() -> list[Link]:
    return [Link(_("首页"), url_for("pages.home")), Link(_("查证书"), url_for("pages.verify_form"))]
