"""The client: all operations of the API, and what several calls together do."""

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from types import TracebackType
from typing import Protocol, TypeVar
from urllib.parse import quote, urlencode

from pydantic import ValidationError

from zhixin_client.errors import UnexpectedAnswer, Unfinished
from zhixin_client.files import File
from zhixin_client.models import CheckAnswer, CheckPending, Model
from zhixin_client.operations import A, Argument, B, Operations, Query
from zhixin_client.transport import Patience, Reply, Transport

VERSION = "0.1.0"
T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
C = TypeVar("C", bound=Model)


class Page(Protocol[T_co]):
    """An answer that is a page of many: its results, and the cursor of the next page."""

    @property
    def results(self) -> Sequence[T_co]: ...

    @property
    def next(self) -> str | None: ...


class Client(Operations):
    """Asks the portal at `url`.

        with Client("https://credit.example.cn", key="…") as zhixin:
            file = zhixin.credit_file("91329900PDY0010126")

    `timeout` is that of one try in seconds, `keep` how many answers are kept to be asked for by their ETag, `application` is added to the
    user agent so that an operator knows whom to write to, `language` (zh or en) that of labels and problems.
    """

    def __init__(
        self,
        url: str,
        key: str | None = None,
        *,
        timeout: float = 30,
        patience: Patience | None = None,
        keep: int = 100,
        application: str = "",
        language: str = "zh",
    ) -> None:
        """Raises ValueError for an address that is none, and for a key that would be sent in the clear."""
        if not application.isprintable() or not application.isascii():
            raise ValueError("application must be printable ASCII")
        self._transport = Transport(
            url,
            key,
            timeout=timeout,
            patience=patience or Patience(),
            user_agent=" ".join(filter(None, (f"zhixin-client/{VERSION}", application))),
            language=language,
            keep=keep,
        )

    def __enter__(self) -> "Client":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def each(self, ask: Callable[..., Page[T]], *arguments: object, **named: object) -> Iterator[T]:
        """All results of an operation that pages, page after page as they are needed: `client.each(client.list_entries, "black")`."""
        cursor: str | None = None
        while True:
            page = ask(*arguments, **named, **({"cursor": cursor} if cursor is not None else {}))
            yield from page.results
            if page.next is None:
                return
            if page.next == cursor:
                raise UnexpectedAnswer("the same page came twice")
            cursor = page.next

    def finished(
        self, check: CheckAnswer | CheckPending, within: float = 600, wait: float = 2
    ) -> CheckAnswer:
        """A check when it is done: the portal is asked every `wait` seconds. Raises Unfinished after `within` seconds; its key opens it later."""
        until = time.monotonic() + within
        while isinstance(check, CheckPending):
            if time.monotonic() + wait > until:
                raise Unfinished(check.receipt.key)
            time.sleep(wait)
            check = self.read_check_again(check.receipt.key)
        return check

    def _ask(self, method: str, path: str, query: Query, body: Model | File | None, answer: type[A]) -> A:
        return _understood(path, self._reply(method, path, query, body), answer)

    def _ask_long(
        self, method: str, path: str, query: Query, body: Model | File | None, answer: type[A], later: type[B]
    ) -> A | B:
        reply = self._reply(method, path, query, body)
        return _understood(path, reply, later if reply.status == 202 else answer)

    def _reply(self, method: str, path: str, query: Query, body: Model | File | None) -> Reply:
        given = {name: _text(value) for name, value in query.items() if value is not None}
        target = f"{path}?{urlencode(given)}" if given else path
        return self._transport.ask(method, target, *_sent(body))

    @staticmethod
    def _part(value: Argument) -> str:
        text = _text(value)
        if text in ("", ".", ".."):  # would be another address
            raise ValueError(f"not a part of an address: {text!r}")
        return quote(text, safe="")


def _understood(path: str, reply: Reply, answer: type[C]) -> C:
    try:
        return answer.model_validate_json(reply.body)
    except ValidationError as wrong:
        fields = ", ".join(".".join(map(str, each["loc"])) for each in wrong.errors()[:5])
        raise UnexpectedAnswer(f"{path}: not understood: {fields}") from wrong


def _text(value: Argument) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime) and value.tzinfo is None:
        raise ValueError("an instant needs its time zone")
    return value.isoformat() if isinstance(value, date) else str(value)


def _sent(body: Model | File | None) -> tuple[bytes | None, str | None]:
    if isinstance(body, File):
        return body.content, body.media_type
    if body is None:
        return None, None
    return body.model_dump_json(by_alias=True, exclude_defaults=True).encode(), "application/json"
