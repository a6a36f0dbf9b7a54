"""Errors as people and programs see them: `application/problem+json` (RFC 9457) under /api, a page elsewhere; nothing internal."""

import structlog
from flask import Flask, Response, render_template, request
from flask_babel import gettext
from werkzeug.exceptions import HTTPException

from indexer.errors import InvalidParameter, NotFound, ZhixinError
from portal.api.schemas import Problem, Wrong
from portal.arguments import WrongArguments
from portal.i18n import english

TYPES = "/docs/problems#"
log = structlog.get_logger()

_TITLES = {
    400: ("请求有误", "Bad request"),
    403: ("没有权限", "Forbidden"),
    404: ("没有找到", "Not found"),
    405: ("不支持这种请求方法", "Method not allowed"),
    409: ("与现状冲突", "Conflict"),
    410: ("已不再保存", "Gone"),
    413: ("请求过长", "Request too long"),
    414: ("地址过长", "Address too long"),
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
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def _ours(error: ZhixinError) -> Response:
    wrong: list[tuple[str, str, str]] = []
    if isinstance(error, WrongArguments):
        wrong = list(error.wrong)
    elif isinstance(error, InvalidParameter):
        wrong = [(error.where, error.zh, error.en)]
    if error.status >= 500:
        log.error("problem", code=error.code, route=_route())
        if error.status == 500:
            return _answer("error", 500, *_DETAILS[500])
    suggestions = error.suggestions if isinstance(error, NotFound) else ()
    return _answer(error.code, error.status, error.zh, error.en, wrong, suggestions)


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
    answer = _answer(code, status, *_DETAILS.get(status, fallback))
    for name, value in error.get_headers():
        if name in ("Retry-After", "Allow"):
            answer.headers[name] = value
    return answer


def _unexpected(error: Exception) -> Response:
    log.error("unexpected", route=_route(), exc_info=error)
    return _answer("error", 500, *_DETAILS[500])


def _route() -> str | None:
    """The address without what was asked for: that may name a person."""
    return request.url_rule.rule if request.url_rule is not None else None


def _answer(
    code: str,
    status: int,
    zh: str,
    en: str,
    wrong: list[tuple[str, str, str]] | None = None,
    suggestions: tuple[str, ...] = (),
) -> Response:
    title = _TITLES.get(status, _TITLES[400])[english()]
    problem = Problem(
        type=f"{TYPES}{code}",
        title=title,
        status=status,
        detail=en if english() else zh,
        errors=[Wrong(where=w, message=e if english() else z) for w, z, e in wrong] if wrong else None,
        suggestions=list(suggestions) or None,
    )
    if request.path.startswith("/api/"):
        body = problem.model_dump_json(exclude_none=True)
        response = Response(body, status, mimetype="application/problem+json")
    else:
        response = Response(render_template("problem.html", problem=problem, title=gettext(title)), status)
    response.cache_control.no_store = True  # what is missing now may be there the next moment
    return response
