"""What can go wrong, as exceptions. All are `ZhixinError`; a problem that the portal tells (RFC 9457) is a `Problem`."""

from dataclasses import dataclass


class ZhixinError(Exception):
    """Base of all errors of this client."""


class NoAnswer(ZhixinError):
    """The portal could not be reached, or broke off."""


class UnexpectedAnswer(ZhixinError):
    """What answered is no such portal, or one that says something this client does not understand: nothing is guessed from it."""


class Unfinished(ZhixinError):
    """A check takes longer than one wanted to wait; `key` opens it later."""

    def __init__(self, key: str) -> None:
        super().__init__("the check is not finished yet")
        self.key = key


@dataclass(frozen=True)
class Wrong:
    """An argument that was refused: its name and why."""

    where: str
    message: str


class Problem(ZhixinError):
    """The portal refused.

    `code` is stable (`not-found`, `invalid-parameter`), `title` and `detail` are for people, `errors` names arguments that were refused,
    `suggestions` near things that exist, `retry_after` the seconds after which the portal wants to be asked again (None: it does not say).
    """

    def __init__(
        self,
        status: int,
        code: str,
        title: str,
        detail: str,
        errors: tuple[Wrong, ...] = (),
        suggestions: tuple[str, ...] = (),
        retry_after: float | None = None,
    ) -> None:
        super().__init__(f"{status} {title}: {detail}")
        self.status = status
        self.code = code
        self.title = title
        self.detail = detail
        self.errors = errors
        self.suggestions = suggestions
        self.retry_after = retry_after


class BadRequest(Problem):
    """400, 413 and the like: what was asked can not be answered; `errors` says why."""


class NotAllowed(Problem):
    """401 or 403: the key is wrong, or may not do this."""


class NotFound(Problem):
    """404: nothing public stands there. That is no proof of anything; see `suggestions`."""


class TooManyRequests(Problem):
    """429: the limit is used up; ask again after `retry_after` seconds."""


class Unavailable(Problem):
    """5xx: the portal, or something it needs, does not work now."""


def problem(status: int) -> type[Problem]:
    """The exception for a status."""
    if status >= 500:
        return Unavailable
    return {401: NotAllowed, 403: NotAllowed, 404: NotFound, 429: TooManyRequests}.get(status, BadRequest)
