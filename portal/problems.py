"""Errors as people and programs see them: `application/problem+json` (RFC 9457) under /api, a page elsewhere; nothing internal."""

import structlog
from flask import Flask, Response, render_template, request
from flask_babel import gettext
from gunicorn.http.errors import NoMoreData, ParseException
from werkzeug.exceptions import ClientDisconnected, HTTPException

from indexer.errors import InvalidParameter, NotFound, ZhixinError
from portal.api.schemas import Problem, Wrong
from portal.arguments import WrongArguments
from portal.i18n import english
from portal.tracing import request_id

TYPES = "/docs/problems#"
log = structlog.get_logger()

_TITLES = {
    400: ("请求有误", "Bad request"),
    401: ("密钥无效", "Key not valid"),
    403: ("没有权限", "Forbidden"),
    404: ("没有找到", "Not found"),
    405: ("不支持这种请求方法", "Method not allowed"),
    409: ("与现状冲突", "Conflict"),
    410: ("已不再保存", "Gone"),
    413: ("请求过长", "Request too long"),
    414: ("地址过长", "Address too long"),
    415: ("内容类型不支持", "Unsupported media type"),
    429: ("请求过于频繁", "Too many requests"),
    500: ("系统出错", "Internal error"),
    503: ("服务暂不可用", "Service unavailable"),
}
_DETAILS = {
    404: ("没有这个地址，请检查网址。", "There is nothing at this address."),
    405: (
        "这个地址不支持这种请求方法，可用的见 Allow。",
        "This address does not know that method; Allow names those it does.",
    ),
    413: (
        "上传的内容太大，请分几次提交。",
        "What was sent is too large; send it in several parts.",
    ),
    429: (
        "请求过于频繁，请按 Retry-After 所示的秒数后再试。",
        "Too many requests: try again after the seconds in Retry-After.",
    ),
    500: (
        "系统出错，已记录。请稍后再试。",
        "Something went wrong here; it has been logged. Try again later.",
    ),
}


def init_problems(app: Flask) -> None:
    """Answer every error of `app` as a problem."""
    app.register_error_handler(ZhixinError, _ours)
    for cut_off in (
        ParseException,
        NoMoreData,
        ClientDisconnected,
    ):  # found by the server while a view reads the body
        app.register_error_handler(cut_off, _cut_off)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def problem_of(error: ZhixinError) -> Problem:
    """An error in the one shape of all problems, in the reader's language."""
    wrong: list[tuple[str, str, str]] = []
    if isinstance(error, WrongArguments):
        wrong = list(error.wrong)
    elif isinstance(error, InvalidParameter):
        wrong = [(error.where, error.zh, error.en)]
    suggestions = error.suggestions if isinstance(error, NotFound) else ()
    return _problem(error.code, error.status, error.zh, error.en, wrong, suggestions)


def _ours(error: ZhixinError) -> Response:
    if error.status >= 500:
        log.error("problem", code=error.code, route=_route())
        if error.status == 500:
            return _answer(_problem("error", 500, *_DETAILS[500]))
    return _answer(problem_of(error))


def _cut_off(_error: Exception) -> Response:
    zh, en = "没有完整送到，或分块格式有误。", "did not arrive whole, or its chunks are malformed"
    answer = _ours(WrongArguments([("body", zh, en)]))
    answer.headers["Connection"] = "close"  # where the next request would begin is not known
    return answer


def _http(error: HTTPException) -> Response:
    if error.code is not None and error.code < 400:
        response = error.get_response()
        assert isinstance(response, Response)
        return response
    status = error.code if error.code in _TITLES else 500 if (error.code or 500) >= 500 else 400
    fallback = ("请求无法理解，请检查后重试。", "The request can not be understood.")
    code = {404: "not-found", 405: "method-not-allowed", 413: "too-large", 429: "too-many-requests"}.get(
        status, "bad-request"
    )
    too_large = [("body", *_DETAILS[413])] if status == 413 else []
    answer = _answer(_problem(code, status, *_DETAILS.get(status, fallback), too_large))
    for name, value in error.get_headers():
        if name in ("Retry-After", "Allow"):
            answer.headers[name] = value
    return answer


def _unexpected(error: Exception) -> Response:
    log.error("unexpected", route=_route(), exc_info=error)
    return _answer(_problem("error", 500, *_DETAILS[500]))


def _route() -> str | None:
    """The address without what was asked for: that may name a person."""
    return request.url_rule.rule if request.url_rule is not None else None


def _problem(
    code: str,
    status: int,
    zh: str,
    en: str,
    wrong: list[tuple[str, str, str]] | None = None,
    suggestions: tuple[str, ...] = (),
) -> Problem:
    return Problem(
        type=f"{TYPES}{code}",
        title=_TITLES.get(status, _TITLES[400])[english()],
        status=status,
        detail=en if english() else zh,
        errors=[Wrong(where=w, message=e if english() else z) for w, z, e in wrong] if wrong else None,
        suggestions=list(suggestions) or None,
        request_id=request_id(),
    )


def _answer(problem: Problem) -> Response:
    if request.path.startswith("/api/"):
        body = problem.model_dump_json(exclude_none=True)
        response = Response(body, problem.status, mimetype="application/problem+json")
    else:
        page = render_template("problem.html", problem=problem, title=gettext(problem.title))
        response = Response(page, problem.status)
    response.cache_control.no_store = True  # what is missing now may be there the next moment
    return response
