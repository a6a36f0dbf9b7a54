"""Languages: Chinese first, English for those who ask for it. Chinese texts are the message ids."""

from contextvars import ContextVar
from functools import lru_cache

from flask import Flask, request
from flask_babel import Babel
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

LANGUAGES = ("zh", "en")
_english: ContextVar[bool] = ContextVar("english", default=False)


def init_i18n(app: Flask) -> None:
    """Choose each request's language: `?lang=` is not used, so that one address is one page; browsers and programs say it themselves."""
    app.config["BABEL_DEFAULT_LOCALE"] = "zh_Hans"
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = "translations"
    app.before_request(_listen)  # once a request: every label asks
    app.teardown_request(_forget)
    Babel(app, locale_selector=_locale, timezone_selector=lambda: "Asia/Shanghai")


def english() -> bool:
    """Whether the reader asked for English; Chinese where nobody asks."""
    return _english.get()


def _listen() -> None:
    _english.set(_best(request.environ.get("HTTP_ACCEPT_LANGUAGE", "")) == "en")


def _forget(_error: BaseException | None) -> None:
    _english.set(False)


def _locale() -> str:
    return "en" if english() else "zh_Hans"


@lru_cache(maxsize=1024)
def _best(asked: str) -> str:
    return parse_accept_header(asked, LanguageAccept).best_match(LANGUAGES, default="zh")
