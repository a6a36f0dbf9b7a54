"""Search (检索): hits with the reason for each, and filters as ready links."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Literal

from flask import Response, make_response, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from pydantic import Field as Argument

from indexer.identifiers import InvalidCode, likely_intended, parse_codes
from indexer.kinds import kinds
from indexer.register.disclosure import PublicRecord
from indexer.search.clauses import Reason
from indexer.search.protocol import FACETS
from indexer.search.protocol import Hit as Match
from portal.arguments import Arguments, arguments, invalid
from portal.context import portal
from portal.i18n import english
from portal.labels import caution, column_label, kind_label, offer_label, word
from portal.pages.cells import disputed_badge, kind_called, status_badge
from portal.pages.components import Cell, Facet, Field, Hit, Link, Notice, Option, Pager, Place, SearchForm
from portal.pages.frame import blueprint
from portal.passages import passages_of
from portal.searching import Asked, Found, search

PAGE = 20
MOST_OPTIONS = 8  # values that one facet offers
MOST_NAMES = 50  # pasted names that get a link of their own


class SearchPageQuestion(Arguments):
    """What to look for, and what to narrow it to; without words, the page explains itself."""

    q: str = ""
    kind: str | None = None
    region: str | None = None
    status: str | None = None
    issuer: str | None = None
    year: int | None = Argument(None, ge=1900, le=2999)
    sort: Literal["relevance", "newest"] = "relevance"
    cursor: str | None = None

    def href(self, **changes: object) -> str:
        """The address of this search with some arguments changed, from its first page."""
        asked = self.model_dump(exclude_defaults=True, exclude={"cursor"}) | changes
        return str(url_for("pages.search", **asked))


@blueprint.get("/search", endpoint="search")
def search_page() -> Response:
    """A page of results; one that the engine had no part in is kept by nobody."""
    question = arguments(request, SearchPageQuestion)
    if question.kind is not None and kind_called(question.kind) is None:
        raise invalid("kind", "没有这个种类。", "there is no such kind")
    sayable = any(character.isalnum() for character in question.q)
    found = _ask(question) if sayable else None
    hits = [hit_of(match, record, found) for match, record in found.grouped] if found else []
    page = render_template(
        "search.html",
        search=SearchForm(url_for("pages.search"), question.q, _hidden(question)),
        message=None if sayable or not question.q else _unsayable(),
        degraded=_degraded() if found and found.degraded else None,
        uncertain=_uncertain() if found and hits and not found.results.certain else None,
        total=_total(found) if found else "",
        hits=hits,
        facets=_facets(question, found) if found else [],
        several=_several(question, found.question.names) if found else None,
        offers=_offers(question, found) if found else [],
        chips=_chips(question),
        clear_href=url_for("pages.search", q=question.q),
        sorts=_sorts(question),
        pager=Pager(
            question.href(cursor=found.results.next) if found and found.results.next else None,
            question.href() if question.cursor else None,
        ),
        suggestions=_meant(question.q) if not hits else [],
        follow_href=url_for("account.follow", **_followed(question)),
        feed_href=url_for("pages.search_feed", **_followed(question)) if sayable else "",
        verify_href=url_for("pages.verify", number=question.q.strip() or "-"),
    )
    response = make_response(page)
    if found and found.degraded:
        response.cache_control.no_store = True
    return response


def _ask(question: SearchPageQuestion) -> Found:
    parts = portal()
    return search(parts.search, parts.register, Asked(**question.model_dump(), limit=PAGE))


def hit_of(match: Match, record: PublicRecord, found: Found) -> Hit:
    """One result as its card shows it."""
    return Hit(
        kind=kind_label(record.kind),
        title=found.highlight(record),
        href=found.url(record),
        badge=status_badge(record),
        facts=_facts(record),
        why=[_reason(reason) for reason in match.why],
        places=[Place(p.heading, p.pieces) for p in passages_of(match, record, found.asked.q)],
        caution=caution(record),
        under=record.id in found.under,
    )


def _facts(record: PublicRecord) -> list[Field]:
    by_name = {column.name: column for column in record.kind.columns}
    found = []
    if record.subject is not None:
        code = record.subject.code
        found.append(Field(_("主体代码"), Cell(code, url_for("pages.subject", id=code), code=True)))
    for name in ("issuer", "authority", "awarded_by", "former_names"):
        if (value := record.values.get(name)) is not None:
            found.append(Field(column_label(by_name[name]), Cell(str(value))))
    dated = record.kind.dated
    if record.dated is not None and dated in by_name:
        found.append(Field(column_label(by_name[dated]), Cell(day=record.dated.isoformat())))
    if record.valid_until is not None:
        found.append(Field(_("至"), Cell(day=record.valid_until.isoformat())))
    if (mark := disputed_badge(record)) is not None:
        found.append(Field(_("异议"), Cell(badge=mark)))
    return found


def _reason(reason: Reason) -> str:
    return _REASONS_EN.get(reason.code, "{part}").format(part=reason.part) if english() else reason.zh


_REASONS_EN = {
    "name_exact": "the name is the same",
    "former_exact": "an earlier name is the same",
    "name_starts": "the name begins with “{part}”",
    "name_contains": "the name holds “{part}”",
    "former_contains": "an earlier name holds “{part}”",
    "text": "the text holds “{part}”",
    "text_some": "the text holds some of the words",
    "name_core": "the name is the same but for place and legal form",
    "name_near": "a near name, in Chinese: {part}",
    "elsewhere": "another place: {part}",
    "spelt": "the name is spelt so in Pinyin",
    "initials": "the initials of its Pinyin are the same",
    "code_exact": "the number is the same",
    "code_starts": "a number begins with “{part}”",
    "number_part": "the document number has these parts",
    "code_alike": "a near number: one or two letters or digits may be mistyped",
    "authority": "issued by this office or body",
}
"""Chinese reasons come with the hit (indexer/search/why.py)."""


def _total(found: Found) -> str:
    number = f"{found.results.total:,}"
    if found.results.total > len(found.hits) and found.degraded:
        return str(_("%(n)s 条结果，先列出 %(shown)s 条", n=number, shown=len(found.hits)))
    if found.results.relation == "gte":
        return str(_("至少 %(n)s 条结果", n=number))
    return str(ngettext("%(n)s 条结果", "%(n)s 条结果", found.results.total, n=number))


def _unsayable() -> Notice:
    return Notice(
        _("这里只有标点或符号，没有可查的字。请输入名称、代码、编号中的文字、字母或数字。"),
        "warn",
        _("查询词里没有可查的字"),
    )


def _uncertain() -> Notice:
    return Notice(
        _("下面是名称或内容相近的，可能是别的主体。使用前请核对全称、地区和统一社会信用代码。"),
        "warn",
        _("没有完全对应的结果"),
    )


def _degraded() -> Notice:
    return Notice(
        _(
            "现在只能用完整的名称、代码或编号查到；曾用名、名称的一部分和正文里的词，要等恢复后才查得到，所以没有查到不等于没有。"
            "证书验证、信用档案和限制查询照常。恢复是自动的，请稍后再查。"
        ),
        "warn",
        _("完整检索暂时不可用"),
        [
            Link(_("按编号验证证书"), url_for("pages.verify_form")),
            Link(_("按统一社会信用代码查企业"), url_for("pages.find_subject")),
            Link(_("查限制"), url_for("pages.find_restrictions")),
        ],
    )


def _hidden(question: SearchPageQuestion) -> list[tuple[str, str]]:
    kept = question.model_dump(exclude_defaults=True, exclude={"q", "cursor"})
    return [(name, str(value)) for name, value in kept.items()]


def _followed(question: SearchPageQuestion) -> dict[str, Any]:
    """What of a search can be followed: not its order, nor its page."""
    return question.model_dump(exclude_defaults=True, exclude={"sort", "cursor"})


def _facet_names() -> dict[str, str]:
    return {
        "kind": _("种类"),
        "region": _("地区"),
        "status": _("状态"),
        "issuer": _("发证或认定机构"),
        "year": _("年份"),
    }


def _value_label(field: str, value: str) -> str:
    if field == "kind" and value in kinds():
        return kind_label(kinds()[value])
    if field == "status":  # several kinds have the code, and a few of them another word for it
        words = Counter(word(kind.statuses[value]) for kind in kinds().values() if value in kind.statuses)
        return words.most_common(1)[0][0] if words else value
    return value


def _labels(field: str, values: Sequence[str]) -> dict[str, str]:
    """Each value in words; where two states are called the same, with the kind that the rarer one belongs to."""
    labels: dict[str, str] = {}
    for value in values:
        label = _value_label(field, value)
        if label in labels.values():
            owner = next((kind for kind in kinds().values() if value in kind.statuses), None)
            label = f"{label}（{kind_label(owner)}）" if owner else label
        labels[value] = label
    return labels


def _facets(question: SearchPageQuestion, found: Found) -> list[Facet]:
    facets = []
    for name in FACETS:
        chosen = getattr(question, name)
        values = found.results.facets.get(name, ())[:MOST_OPTIONS]
        labels = _labels(name, [value for value, _count in values])
        options = [
            Option(
                labels[value],
                question.href(**{name: None if str(chosen) == value else value}),
                str(chosen) == value,
                count,
            )
            for value, count in values
        ]
        if options:
            facets.append(Facet(_facet_names()[name], options))
    return facets


def _chips(question: SearchPageQuestion) -> list[Link]:
    return [
        Link(
            _("%(facet)s：%(value)s", facet=_facet_names()[name], value=_value_label(name, str(value))),
            question.href(**{name: None}),
        )
        for name in FACETS
        if (value := getattr(question, name)) is not None
    ]


def _offers(question: SearchPageQuestion, found: Found) -> list[Link]:
    """Filters that words of the text ask for, to be set with a press; none is set by itself."""
    links = []
    for offer in found.offers():
        if offer.field == "phrase":
            quoted = _("只看：提到“%(value)s”的", value=offer.value)
            links.append(Link(quoted, question.href(q=f"{question.q} “{offer.value}”")))
            continue
        label = offer_label(offer, _value_label(offer.field, offer.value))
        if offer.field != "kind":  # a bare "2025" does not say what it is
            label = f"{_facet_names()[offer.field]} {label}"
        links.append(Link(_("只看：%(value)s", value=label), question.href(**{offer.field: offer.value})))
    return links


def _several(question: SearchPageQuestion, names: Sequence[str]) -> Notice | None:
    """Several names were pasted at once: they can be checked together, and each has a search of its own."""
    if not names:
        return None
    together = Link(_("一起核查这 %(n)s 家", n=len(names)), url_for("pages.check_form", q=question.q))
    links = [together, *(Link(name, question.href(q=name)) for name in names[:MOST_NAMES])]
    text = _(
        "现在是把它们当作一段文字一起查的。要逐家核查是谁、是否受限，请到批量核查；要看其中一个，请点它的名称或代码。"
    )
    if len(names) > MOST_NAMES:
        text += _("这里列出前 %(n)s 个。", n=MOST_NAMES)
    title = _("查询词里有 %(n)s 个名称或代码", n=len(names))
    return Notice(text, "neutral", title, links)


def _sorts(question: SearchPageQuestion) -> list[Option]:
    return [
        Option(_("最相关"), question.href(sort=None), question.sort == "relevance"),
        Option(_("最新"), question.href(sort="newest"), question.sort == "newest"),
    ]


def _meant(text: str) -> Sequence[Link]:
    """Subjects whose code differs from a mistyped one by a slip of eye or hand."""
    try:
        codes = parse_codes(text)
    except InvalidCode:
        return []
    likely = likely_intended(codes.uscc) if codes.uscc else ()
    known = portal().register.codes_in_use(likely) if likely else []
    return [Link(code, url_for("pages.subject", id=code)) for code in known]
