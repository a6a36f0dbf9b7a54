"""The post (发信): sends the letters that wait, by SMTP, each at least once.

A letter that can not be sent is tried again after 1, 2, 4 … minutes and set aside after `TRIES`, or at once where the server says that it
never will. The doctor tells of those. Several posts may run: each letter is taken by moving its due time.
"""

import smtplib
import ssl
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from urllib.parse import unquote, urlsplit

import orjson
from sqlalchemy import Engine, func, select, update

from indexer.accounts.models import Letter as Row
from indexer.accounts.records_told import told
from indexer.accounts.tokens import Seal
from indexer.clock import Clock
from indexer.errors import ServiceUnavailable, ZhixinError
from indexer.register.database import BUSY_SECONDS, filing, reading
from indexer.register.reading import Register
from indexer.settings import Settings

TRIES = 8  # over about four hours
TAKEN = timedelta(minutes=5)  # that a letter is another post's; longer than any server takes
SECONDS = 20  # that the server may be silent
LATE = timedelta(hours=1)


class NoServer(ZhixinError):
    """No server for mail is set."""

    code = "no-mail-server"

    def __init__(self) -> None:
        super().__init__(
            "没有设置发信服务器 ZHIXIN_SMTP_URL。", "There is no server for mail: set ZHIXIN_SMTP_URL."
        )


class ServerDown(ServiceUnavailable):
    """The server for mail can not be reached, or refuses to know us."""

    code = "mail-server-down"


@dataclass(frozen=True, slots=True)
class Sent:
    """What one round did."""

    sent: int
    postponed: int
    set_aside: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """What lies in the queue: letters set aside, letters that should have gone an hour ago, and all that are to go."""

    set_aside: int
    late: int
    due: int


@dataclass(frozen=True, slots=True)
class _Letter:
    id: int
    mail: str
    content: str
    tries: int


class Post:
    """Sends what `letters.Mailbox` queued."""

    def __init__(self, engine: Engine, clock: Clock, settings: Settings, seal: Seal) -> None:
        self.engine, self.clock, self.settings, self.seal = engine, clock, settings, seal

    def send(self) -> Sent:
        """Send every letter that is due. Raises NoServer, and ServerDown after putting back what it took."""
        if not self.settings.smtp_url:
            raise NoServer
        sent = postponed = aside = 0
        if (letter := self._take()) is None:
            return Sent(0, 0, 0)
        try:
            with _connected(self.settings.smtp_url) as server:
                while letter is not None:
                    failure, final = self._hand_over(server, letter)
                    if failure is None:
                        sent += 1
                        self._done(letter)
                    elif final or letter.tries + 1 >= TRIES:
                        aside += 1
                        self._set_aside(letter, failure)
                    else:
                        postponed += 1
                        self._postpone(letter, failure)
                    letter = self._take()
        except (OSError, smtplib.SMTPException) as error:
            if letter is not None:
                self._postpone(letter, "server")
            raise ServerDown(
                "发信服务器连不上或拒绝登录，信件留在库中，稍后再发。",
                "The server for mail does not answer or refuses us; letters stay and are sent later.",
            ) from error
        return Sent(sent, postponed, aside)

    def waiting(self) -> Waiting:
        """What should worry an operator."""
        aside = select(func.count()).where(Row.due_at.is_(None), Row.sent_at.is_(None))
        late = select(func.count()).where(Row.created_at < self.clock.now() - LATE, Row.due_at.is_not(None))
        due = select(func.count()).where(Row.due_at.is_not(None))
        with reading(self.engine) as connection:
            return Waiting(*(connection.scalar(query) or 0 for query in (aside, late, due)))

    def _take(self) -> _Letter | None:
        now = self.clock.now()
        due = select(Row.id).where(Row.due_at <= now).order_by(Row.due_at, Row.id).limit(1).scalar_subquery()
        with filing(self.engine, BUSY_SECONDS) as connection:
            taken = connection.execute(
                update(Row)
                .where(Row.id == due, Row.due_at <= now)
                .values(due_at=now + TAKEN)
                .returning(Row.id, Row.mail, Row.content, Row.tries)
            ).first()
        return _Letter(taken.id, taken.mail, taken.content or "", taken.tries) if taken is not None else None

    def _hand_over(self, server: smtplib.SMTP, letter: _Letter) -> tuple[str | None, bool]:
        """What kept the letter from being taken, in a word, and whether that is for good."""
        opened = self.seal.open(letter.content)
        if opened is None:
            return "sealed with another key", True
        content = orjson.loads(opened)
        content["text"] = told(Register(self.engine, self.clock), self.settings.base_url, content["text"])
        try:
            server.send_message(_message(self.settings, self.clock.now(), letter, content))
        except smtplib.SMTPRecipientsRefused as error:
            code = max((answer[0] for answer in error.recipients.values()), default=550)
            return f"refused {code}", code >= 500
        except smtplib.SMTPResponseException as error:
            return f"refused {error.smtp_code}", error.smtp_code >= 500
        return None, False

    def _done(self, letter: _Letter) -> None:
        self._store(letter, sent_at=self.clock.now(), due_at=None, content=None, failure=None)

    def _postpone(self, letter: _Letter, failure: str) -> None:
        if letter.tries + 1 >= TRIES:
            self._set_aside(letter, failure)
            return
        due = self.clock.now() + timedelta(minutes=2**letter.tries)
        self._store(letter, due_at=due, failure=failure)

    def _set_aside(self, letter: _Letter, failure: str) -> None:
        self._store(letter, due_at=None, content=None, failure=failure)

    def _store(self, letter: _Letter, **values: object) -> None:
        with filing(self.engine, BUSY_SECONDS) as connection:
            connection.execute(
                update(Row).where(Row.id == letter.id).values(tries=letter.tries + 1, **values)
            )


def _connected(url: str) -> smtplib.SMTP:
    """A connection to the server, encrypted and logged in. Raises OSError and SMTPException."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    server: smtplib.SMTP
    if parts.scheme == "smtps":
        server = smtplib.SMTP_SSL(
            host, parts.port or 465, timeout=SECONDS, context=ssl.create_default_context()
        )
    else:
        server = smtplib.SMTP(host, parts.port or 587, timeout=SECONDS)
    try:
        if parts.scheme == "smtp":
            server.starttls(context=ssl.create_default_context())
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
    except (OSError, smtplib.SMTPException):
        server.close()
        raise
    return server


def _message(settings: Settings, now: datetime, letter: _Letter, content: dict[str, str]) -> EmailMessage:
    message = EmailMessage()
    message["From"] = settings.mail_from
    message["To"] = letter.mail
    message["Subject"] = content["subject"]
    message["Date"] = format_datetime(now)
    message["Message-ID"] = make_msgid(str(letter.id), urlsplit(settings.base_url).hostname or "zhixin")
    message["Auto-Submitted"] = "auto-generated"
    if stop := content.get("stop"):
        message["List-Unsubscribe"] = f"<{stop}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(content["text"])
    return message
