"""The feeds (订阅源) of lists, subjects and searches, for feed readers."""

from datetime import UTC, datetime
from urllib.parse import quote, urlencode

from flask import Response, request
from flask_babel import gettext as _

from indexer.errors import ServiceUnavailable
from indexer.register.disclosure import PublicRecord
from portal import credit, feeds
from portal.arguments import Arguments, arguments, invalid
from portal.context import portal
from portal.costs import charge_records
from portal.feeds import Entry, Feed
from portal.i18n import english
from portal.labels import kind_label, status_label
from portal.pages.cells import kind_called
from portal.pages.frame import blueprint, private
from portal.pages.lists import ListQuestion, list_title
from portal.pages.search import SearchPageQuestion
from portal.searching import Asked, search


class SubjectFeedQuestion(Arguments):
    """A subject."""

    id: str


@blueprint.get("/lists/<name>.atom")
def list_feed(name: str) -> Response:
    """The latest entries of a list."""
    question = arguments(request, ListQuestion, name=name)
    if question.cursor is not None:
        raise _unpaged()
    records = portal().register.newest_listings(name, question.since, question.region, feeds.MOST)
    charge_records(len(records))
    asked = [
        (key, str(value))
        for key, value in (("since", question.since), ("region", question.region))
        if value is not None
    ]
    query = f"?{urlencode(asked)}" if asked else ""
    return _answer(list_title(name), f"/lists/{name}", query, records)


@blueprint.get("/subjects/<id>.atom", endpoint="subject_feed")
def subject_feed(id: str) -> Response:  # noqa: A002  the address calls it so
    """What is public about a subject."""
    file = credit.open_file(portal().register, arguments(request, SubjectFeedQuestion, id=id).id)
    newest = sorted(file.records, key=lambda record: (record.recorded_at, record.id), reverse=True)
    answer = _answer(file.subject.name, f"/subjects/{quote(file.subject.code)}", "", newest[: feeds.MOST])
    if private(file.subject):
        answer.headers["X-Robots-Tag"] = "noindex"
    return answer


@blueprint.get("/search.atom")
def search_feed() -> Response:
    """What a search finds, the newest first. Raises ServiceUnavailable while search is degraded: a reader would take the rest for gone."""
    question = arguments(request, SearchPageQuestion)
    if question.cursor is not None:
        raise _unpaged()
    if question.kind is not None and kind_called(question.kind) is None:
        raise invalid("kind", "没有这个种类。", "there is no such kind")
    if not any(character.isalnum() for character in question.q):
        raise invalid("q", "请写出要查的字。", "needs words to look for")
    parts, asked = portal(), question.model_dump(exclude={"sort"})
    found = search(parts.search, parts.register, Asked(**asked, sort="newest", limit=feeds.MOST))
    if found.degraded:
        raise ServiceUnavailable(
            "完整检索暂时不可用，请稍后再取。", "Full search is not available now; try again later."
        )
    records = [record for _hit, record in found.hits] if found.results.certain else []
    charge_records(len(records))
    kept = {name: value for name, value in asked.items() if value is not None}
    return _answer(_("“%(q)s”的搜索结果", q=question.q), "/search", f"?{urlencode(kept)}", records)


def _answer(title: str, page: str, query: str, records: list[PublicRecord]) -> Response:
    register = portal().register
    feed = Feed(
        title=f"{title} · {_('质信')}",
        subtitle=_("公示信息由数据来源单位负责；与法定公示渠道不一致的，以法定渠道为准。"),
        path=f"{page}.atom{query}",
        page=f"{page}{query}",
        entries=[_entry(record) for record in records],
        language="en" if english() else "zh-Hans",
        empty_since=register.version().recorded_at or datetime(2026, 1, 1, tzinfo=UTC),
    )
    content = feeds.written(feed, portal().settings.base_url or request.url_root.rstrip("/"))
    response = Response(content, content_type=f"{feeds.TYPE}; charset=utf-8")
    response.set_etag(feeds.tag(content))
    return response.make_conditional(request)  # type: ignore[return-value]  # it is the same response


def _entry(record: PublicRecord) -> Entry:
    dated = [record.dated.isoformat()] if record.dated is not None else []
    number = [record.number] if record.number else []
    words = [*number, *dated]
    today = portal().clock.today()
    return feeds.entry_of(record, today, kind_label(record.kind), status_label(record), words)


def _unpaged() -> Exception:
    return invalid("cursor", "订阅源不分页。", "a feed has no pages")
