"""Languages: Chinese first, English for those who ask for it. Chinese texts are the message ids."""

from flask import Flask, request
from flask_babel import Babel

LANGUAGES = ("zh", "en")


def init_i18n(app: Flask) -> None:
    """Choose each request's language: `?lang=` is not used, so that one address is one page; browsers and programs say it themselves."""
    app.config["BABEL_DEFAULT_LOCALE"] = "zh_Hans"
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = "translations"
    Babel(app, locale_selector=_locale, timezone_selector=lambda: "Asia/Shanghai")


def _locale() -> str:
    best = request.accept_languages.best_match(LANGUAGES, default="zh")
    return "en" if best == "en" else "zh_Hans"
