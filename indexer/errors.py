"""The error tree: every failure a person or program may see has a code, a status and a message in two languages.

The messages are public. They name the parameter, file or row at fault and what to do, and never carry the text of a driver,
an engine or an exception. An error without `status` is not the caller's fault (500).
"""


class ZhixinError(Exception):
    """Base of all errors that are told to people.

    `code` is stable and machine-readable (the last part of the problem `type`), `status` the HTTP status it maps to, `zh` and
    `en` the message for people.
    """

    code = "error"
    status = 500

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(zh)
        self.zh = zh
        self.en = en


class InvalidParameter(ZhixinError):
    """One argument of a question can not be understood; `where` names it."""

    code = "invalid-parameter"
    status = 400

    def __init__(self, where: str, zh: str, en: str) -> None:
        super().__init__(zh, en)
        self.where = where


class QueryTooLong(ZhixinError):
    """The search text is longer than anybody types."""

    code = "query-too-long"
    status = 413


class NotFound(ZhixinError):
    """Nothing public stands under that address. `suggestions` are near ones that exist."""

    code = "not-found"
    status = 404

    def __init__(self, zh: str, en: str, suggestions: tuple[str, ...] = ()) -> None:
        super().__init__(zh, en)
        self.suggestions = suggestions


class ServiceUnavailable(ZhixinError):
    """A service that the answer needs (database, search engine) does not answer now."""

    code = "service-unavailable"
    status = 503


class SettingError(ZhixinError):
    """One or more settings are wrong; the message names all of them."""

    code = "setting"


class FileRefused(ZhixinError):
    """A whole file can not be taken; nothing of it was stored."""

    code = "file-refused"
    status = 400
