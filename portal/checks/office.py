"""Checks from the question to the receipt (核查的办理): small ones answered at once, long ones worked off by a thread of the process.

There is one such thread a process, begun when there is something to do. It gives a sign of life as it goes; when its process dies, whoever
asks for the check next finds that out and takes it up from the beginning, so no process needs to watch the others.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event, Lock, Thread
from typing import Any

import structlog

from indexer.errors import InvalidParameter, NotFound, ServiceUnavailable, ZhixinError
from indexer.register.canonical import elements, without_elements
from indexer.register.reading import Register
from indexer.register.receipts import Job, Receipt, Receipts, Result
from indexer.search.protocol import SearchEngine
from portal.checks.changes import Change, changes
from portal.checks.checking import Check, Progress, check, refuse_nonsense
from portal.checks.kept import pack, unpack
from portal.checks.model import Basis, Request
from portal.checks.plain import as_json, in_pieces
from portal.restrictions.book import RuleBook

AT_ONCE = 1000
"""Bidders that are answered while the asker waits (contract.md)."""

PAGE = 200
"""Bidders of one piece of a result, and of one page."""

BEAT = 1.0
"""Seconds between two signs of life; `indexer.register.receipts.STALE` is thirty times as long."""

log = structlog.get_logger()


class CheckFailed(ServiceUnavailable):
    """A long check could not be answered."""

    code = "check-failed"


@dataclass(frozen=True, slots=True)
class Filed:
    """A check under its key. `receipt` says how far it is."""

    key: str
    receipt: Receipt


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page of a result: `about` is all but the bidders, `bidders` some of them."""

    about: dict[str, Any]
    bidders: list[dict[str, Any]]
    page: int
    pages: int


class Office:
    """Takes checks in, works them off and gives them out again."""

    def __init__(self, register: Register, search: SearchEngine, rules: RuleBook) -> None:
        self.register = register
        self.search = search
        self.rules = rules
        self.receipts = Receipts(register.engine, register.clock)
        self._lock = Lock()
        self._worker: Thread | None = None

    def ask(self, request: Request) -> Filed:
        """Check up to `AT_ONCE` bidders and file the result; file more as a check that waits, and begin to work.

        Raises what `check` does, and what `Receipts` does.
        """
        bidders, asked = len(request.bidders), pack(request)
        if bidders <= AT_ONCE:
            rules = self.rules.at(request.known_at)
            result = _result(Check(self.register, self.search, rules, request))
            return Filed(*self.receipts.file(asked, request.as_of, bidders, result))
        refuse_nonsense(self.register, request)
        filed = Filed(*self.receipts.wait(asked, request.as_of, bidders))
        self._work()
        return filed

    def open(self, key: str) -> Filed:
        """The check under a key; one that nobody works on is taken up. Raises NotFound, and CheckFailed where it failed."""
        receipt = self.receipts.by_key(key)
        if receipt is None:
            raise NotFound(
                "没有这份核查结果，请检查网址是否完整。", "There is no such check; is the address complete?"
            )
        if receipt.state == "failed":
            raise CheckFailed(
                "这次核查没有完成，请重新提交。", "This check could not be finished; please send it again."
            )
        if self.receipts.orphaned(receipt):
            self._work()
        return Filed(key, receipt)

    def text(self, receipt: Receipt) -> Iterator[bytes]:
        """The canonical JSON of a finished check, in pieces."""
        return self.receipts.parts(receipt)

    def sheet(self, receipt: Receipt, page: int = 1) -> Sheet:
        """A page of `PAGE` bidders of a finished check, counted from 1. Raises NotFound where there is none."""
        pages = -(-receipt.bidders // PAGE)
        if not 1 <= page <= pages:
            raise NotFound("没有这一页。", "There is no such page.")
        if pages == 1:  # read whole, so that its hash is looked at
            first, part, last = self.receipts.parts(receipt)
        else:
            first, part, last = (self.receipts.part(receipt, at) or b"" for at in (0, page, -1))
        return Sheet(without_elements(first, last), elements(part), page, pages)

    def bidders(self, receipt: Receipt) -> Iterator[dict[str, Any]]:
        """All bidders of a finished check, one page after another."""
        for page in range(1, -(-receipt.bidders // PAGE) + 1):
            yield from elements(self.receipts.part(receipt, page) or b"")

    def request(self, receipt: Receipt) -> Request:
        """What was asked."""
        return unpack(self.receipts.request(receipt))

    def changes(self, receipt: Receipt) -> tuple[Basis, list[Change]]:
        """The same question asked now, and what is different. Raises InvalidParameter for more than `AT_ONCE` bidders."""
        if receipt.bidders > AT_ONCE:
            raise InvalidParameter(
                "again",
                f"超过 {AT_ONCE:,} 个投标人的核查请重新提交。",
                f"a check of more than {AT_ONCE:,} bidders must be sent again",
            )
        request = self.request(receipt)
        result = check(self.register, self.search, self.rules.at(request.known_at), request)
        return result.basis, changes(self.bidders(receipt), as_json(result)["bidders"])

    def _work(self) -> None:
        with self._lock:
            if self._worker is None or not self._worker.is_alive():
                self._worker = Thread(target=self._work_off, name="checks", daemon=True)
                self._worker.start()

    def _work_off(self) -> None:
        try:
            while (job := self.receipts.claim()) is not None:
                self._answer(job)
        except ZhixinError as error:  # the database is away: whoever asks for the check begins again
            log.error("checks", code=error.code)

    def _answer(self, job: Job) -> None:
        try:
            request = unpack(job.request)
            with _pulse(self.receipts, job) as progress:
                rules = self.rules.at(request.known_at)
                checking = Check(self.register, self.search, rules, request, progress)
                self.receipts.finish(job, _result(checking))
        except _TakenOver:
            return
        except ServiceUnavailable:
            raise
        except Exception as error:  # whatever it was, whoever waits for this check is to be told
            log.error("check", exc_info=error)
            self.receipts.fail(job, error.code if isinstance(error, ZhixinError) else "error")


@contextmanager
def _pulse(receipts: Receipts, job: Job) -> Iterator[Progress]:
    """Gives a sign of life every `BEAT` seconds while a check is worked on, however long a step of it takes.

    Yields what the check tells its progress to; that raises _TakenOver once another worker has the check.
    """
    ended, lost, checked = Event(), Event(), 0

    def beat() -> None:
        while not ended.wait(BEAT):
            try:
                if not receipts.beat(job, checked):
                    lost.set()
            except (
                ServiceUnavailable
            ):  # a file is being taken in, so that nobody else can take the check over either
                continue

    def progress(done: int, of: int) -> None:
        nonlocal checked
        checked = done
        if lost.is_set():
            raise _TakenOver

    thread = Thread(target=beat, name="pulse", daemon=True)
    thread.start()
    try:
        yield progress
    finally:
        ended.set()
        thread.join()


class _TakenOver(Exception):
    """Another worker has taken a check over."""


def _result(checking: Check) -> Result:
    """The check as it is filed: made while its pieces are taken."""
    basis = checking.basis
    return Result(in_pieces(checking, PAGE), basis.register_version, basis.rules_version)
