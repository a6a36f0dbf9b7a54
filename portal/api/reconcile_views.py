"""The reconciliation service (名称对照服务), version 0.2 of the protocol: https://reconciliation-api.github.io/specs/0.2/

Its addresses and shapes are those of the protocol, so they are declared in its manifest and not in the OpenAPI document (decision 0015).
Errors are problems as everywhere. Every address may be asked by pages of other sites (CORS); JSONP is refused.
"""

from urllib.parse import parse_qsl

from flask import Blueprint, Response, render_template, request
from pydantic import BaseModel, Field

from indexer.errors import ZhixinError
from portal import credit
from portal.api import reconcile_schemas as schemas
from portal.api.reconcile_answers import (
    candidate,
    columns,
    extended,
    known_properties,
    manifest,
    matched,
    proposed,
    suggested_properties,
    suggested_subjects,
    suggested_types,
    summary,
    understood,
)
from portal.arguments import Arguments, WrongArguments, arguments, plain
from portal.bodies import parsed
from portal.context import portal
from portal.limits import charge

blueprint = Blueprint("reconcile", __name__, url_prefix="/api/v1/reconcile")

LARGEST = 512 * 1024
"""Bytes of one batch: a hundred rows of names, codes and regions, each Chinese character nine bytes in a form."""

FORM = "application/x-www-form-urlencoded"
FRAMED = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors *"
"""The policy of the preview, the only page that others may show inside theirs: it has no script and no form."""


class PreviewQuestion(Arguments):
    """Whose preview is wanted."""

    id: str


class SuggestQuestion(Arguments):
    """What has been typed so far. The last ones are sent by the widget of OpenRefine and change nothing."""

    prefix: str = ""
    cursor: int = Field(0, ge=0, le=1000)
    limit: int = Field(10, ge=1, le=50)
    type: str | None = None
    type_strict: str | None = None
    filter: str | None = None
    lang: str | None = None
    key: str | None = None


class ProposalQuestion(Arguments):
    """For rows of which type."""

    type: str | None = None
    limit: int | None = Field(None, ge=1, le=100)


@blueprint.get("")
def service() -> Response:
    """The manifest; with `queries` or `extend` the answer to these, for trying it in a browser."""
    if not request.query_string:
        return json_answer(manifest(base()))
    return _answer(request.query_string)


@blueprint.post("")
def ask_service() -> Response:
    """A batch of queries, or a data extension, in a form as the protocol says."""
    request.max_content_length = LARGEST
    if request.query_string:
        raise wrong("query", "这些内容请写在请求体里。", "belongs into the body")
    if request.mimetype != FORM:
        raise wrong("Content-Type", f"应为 {FORM}。", f"must be {FORM}")
    return _answer(request.get_data())


@blueprint.get("/preview")
def preview() -> Response:
    """A small page about one subject, to be shown inside the asker's own."""
    file = credit.open_file(portal().register, arguments(request, PreviewQuestion).id)
    page = render_template("reconcile_preview.html", subject=summary(file))
    response = Response(page, headers={"Content-Security-Policy": FRAMED, "Vary": "Accept-Language"})
    response.cache_control.no_cache = True
    return response


@blueprint.get("/suggest/entity")
def suggest_entity() -> Response:
    """Subjects whose name begins like what is typed, or whose code it is."""
    asked = arguments(request, SuggestQuestion)
    return json_answer(suggested_subjects(asked.prefix, asked.type, asked.cursor, asked.limit))


@blueprint.get("/suggest/property")
def suggest_property() -> Response:
    """Properties that a query may give."""
    asked = arguments(request, SuggestQuestion)
    return json_answer(suggested_properties(asked.prefix, asked.cursor, asked.limit))


@blueprint.get("/suggest/type")
def suggest_type() -> Response:
    """Types of subjects."""
    asked = arguments(request, SuggestQuestion)
    return json_answer(suggested_types(asked.prefix, asked.cursor, asked.limit))


@blueprint.get("/propose")
def propose() -> Response:
    """Properties that rows can be extended by."""
    asked = arguments(request, ProposalQuestion)
    return json_answer(proposed(asked.type, asked.limit))


@blueprint.after_request
def open_to_other_sites(response: Response) -> Response:
    """Let pages of any site read the answers; nothing here depends on who is logged in, and no cookie is sent along."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = "GET, POST, OPTIONS"
        response.headers["Access-Control-Allow-Headers"] = "Accept-Language, Authorization, Content-Type"
        response.headers["Access-Control-Max-Age"] = "86400"
    return response


def _answer(form: bytes) -> Response:
    """The answer to the one of `queries` and `extend` that is asked."""
    given = _fields(form)
    names = [name for name, _ in given]
    if "callback" in names:
        raise wrong("callback", "不支持 JSONP；本服务支持 CORS。", "JSONP is not supported; CORS is")
    if unknown := [name for name in names if name not in ("queries", "extend")]:
        raise wrong(plain(unknown[0]), "没有这个参数，请删去。", "there is no such parameter")
    if len(given) != 1:
        raise wrong(
            "queries", "queries 与 extend 应当恰好有一个。", "either queries or extend must be given, once"
        )
    [(name, text)] = given
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise wrong(name, "不是有效的 UTF-8 文字。", "is not valid UTF-8")
    return _extended(text) if name == "extend" else _matched(text)


def _fields(form: bytes) -> list[tuple[str, str]]:
    """The fields of a form as they were sent; bytes that are no UTF-8 stay to be seen, as lone surrogates."""
    try:
        text = form.decode("utf-8", "surrogateescape")
        return parse_qsl(text, keep_blank_values=True, errors="surrogateescape", max_num_fields=10)
    except ValueError:
        raise wrong("query", "参数太多。", "has too many parameters") from None


def _matched(text: str) -> Response:
    asked = parsed(text.encode(), schemas.BatchGiven, "queries").root
    not_more(len(asked), schemas.BATCH_MOST)
    queries = [understood(each, name) for name, each in asked.items()]
    charge(len(queries))
    found = matched(queries)
    results = {
        name: schemas.ResultAnswer(result=[candidate(each) for each in some])
        for name, some in zip(asked, found, strict=True)
    }
    return json_answer(schemas.BatchAnswer(results))


def _extended(text: str) -> Response:
    asked = parsed(text.encode(), schemas.ExtensionGiven, "extend")
    not_more(len(asked.ids), schemas.IDS_MOST)
    wanted = known_properties([each.id for each in asked.properties], "extend.properties")
    charge(len(asked.ids))
    rows = extended(asked.ids, wanted)
    return json_answer(schemas.ExtensionAnswer(meta=columns(wanted), rows=rows))


def not_more(asked: int, most: int) -> None:
    """Refuse a batch that is too long, as the protocol says (413)."""
    if asked > most:
        raise BatchTooLong(most)


class BatchTooLong(ZhixinError):
    """More queries or subjects than one batch may have."""

    code = "too-large"
    status = 413

    def __init__(self, most: int) -> None:
        super().__init__(f"一批最多 {most} 项，请分几批。", f"A batch has at most {most}; send several.")


def json_answer(answer: BaseModel) -> Response:
    """An answer as JSON; what is absent has no field."""
    body = answer.model_dump_json(exclude_none=True)
    headers = {"Cache-Control": "no-cache", "Vary": "Accept-Language"}
    return Response(body, headers=headers, content_type="application/json")


def base() -> str:
    """The portal's own address without a last slash."""
    return (portal().settings.base_url or request.url_root).rstrip("/")


def wrong(where: str, zh: str, en: str) -> WrongArguments:
    """One thing that can not be understood."""
    return WrongArguments([(where, zh, en)])
