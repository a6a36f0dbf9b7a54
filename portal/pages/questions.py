"""Published figures of complaints and questions (办件统计), and the answered questions that were published (常见咨询)."""

from flask import render_template, request, url_for
from flask_babel import gettext as _

from indexer.cases.answers import Answered
from indexer.cases.kinds import KINDS
from indexer.cases.statistics import FEWEST, Span, figures
from portal.accounts.access import anybody
from portal.arguments import LONGEST, Arguments, arguments
from portal.context import portal
from portal.pages.account_frame import blueprint
from portal.pages.case_parts import said
from portal.pages.components import Cell, Link, Pager, SearchForm, Table
from portal.pages.frame import instant

PAGE = 20


class QuestionsQuestion(Arguments):
    """Words to look for, and the answer that the last page ended with."""

    q: str = ""
    below: str = ""


@blueprint.get("/complaints/statistics")
@anybody()
def complaint_statistics() -> str:
    """The figures, kind by kind."""
    today = portal().clock.today()
    found = figures(portal().accounts.engine, today)
    return render_template(
        "complaint_statistics.html",
        tables=[
            _table(kind, spans)
            for kind in KINDS
            if (spans := [span for span in found.spans if span.kind == kind])
        ],
        too_few=[said(KINDS[kind].words) for kind in found.too_few],
        fewest=FEWEST,
        crumbs=[Link(_("首页"), url_for("pages.home"))],
    )


@blueprint.get("/questions")
@anybody()
def questions() -> str:
    """The answered questions, newest first."""
    asked = arguments(request, QuestionsQuestion)
    words = asked.q.strip()[:LONGEST]
    below = int(asked.below[:18]) if asked.below.isascii() and asked.below.isdecimal() else None
    found = portal().room.answers.search(words, PAGE + 1, below)
    shown = found[:PAGE]
    more = url_for("account.questions", q=words or None, below=shown[-1].id) if len(found) > PAGE else None
    first = url_for("account.questions", q=words or None) if below is not None else None
    return render_template(
        "questions.html",
        search=SearchForm(url_for("account.questions"), words),
        answers=[(each, _day(each)) for each in shown],
        pager=Pager(more, first),
        crumbs=[Link(_("首页"), url_for("pages.home"))],
    )


def _table(kind: str, spans: list[Span]) -> Table:
    rows = [
        [
            Cell(span.first if span.first == span.last else _("%(a)s 至 %(b)s", a=span.first, b=span.last)),
            *(Cell(f"{number:,}") for number in (span.received, span.closed, span.on_time)),
        ]
        for span in spans
    ]
    return Table(said(KINDS[kind].words), [_("收到月份"), _("收到"), _("已办结"), _("其中按期办结")], rows)


def _day(answered: Answered) -> str:
    return instant(answered.published_at).iso[:10]
