"""The rules desk in a portal: editions and drafts of one register, and their previews, worked off by a thread that begins on demand.

A preview goes through the whole register, so nobody at a browser waits for it: it says how far it is, and whoever looks at the draft takes it up
where no process is at it any more.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from threading import Lock, Thread
from typing import Any

import structlog

from indexer.errors import ServiceUnavailable, ZhixinError
from indexer.register.database import DatabaseBusy, DatabaseUnavailable, alone
from indexer.register.reading import Register
from indexer.register.sweeping import last_subject, subject_records
from indexer.rulebook.drafts import Draft, Drafts, Overtaken
from indexer.rulebook.editions import Editions
from portal.restrictions.book import RuleBook
from portal.restrictions.preview import WORDS, Preview, kinds_asked, preview
from portal.restrictions.rules import RuleSet, read_rules

MOMENT = 1.5  # seconds that a request waits, in which a small register is gone through
BEAT = 1.0  # seconds between two words on how far a preview is
LISTED = 200
"""Changes that a preview lists; the sums count all."""

log = structlog.get_logger()
Tell = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Previewed:
    """What a preview found, and in which state of the register."""

    register_version: int
    found: Preview

    def plain(self) -> dict[str, Any]:
        """As it is kept: sums by word, by domain and word, and the first changes."""
        found = self.found
        return {
            "looked_at": found.looked_at,
            "enterprises": {what: found.enterprises[what] for what in WORDS if found.enterprises[what]},
            "domains": [[domain, what, count] for (domain, what), count in sorted(found.in_domains.items())],
            "changes": [
                [each.code, each.name, each.domain, each.label, each.what, list(each.rules)]
                for each in found.listed
            ],
        }


def previewed(
    register: Register,
    before: RuleSet,
    after: RuleSet,
    as_of: date,
    limit: int,
    tell: Tell = lambda percent: None,
) -> Previewed:
    """Go through the register and say what `after` changes on a day; `tell` gets the hundredths that are done."""
    version = register.version().number
    found, last = Preview(), max(last_subject(register), 1)
    kinds = kinds_asked(before, after)
    reached = 0

    def subjects() -> Iterator[Any]:
        nonlocal reached
        for records in subject_records(register, kinds, as_of):
            subject = records[0].subject
            reached = subject.id if subject is not None else reached
            yield records

    for so_far in preview(register, subjects(), before, after, as_of, limit):
        found = so_far
        tell(min(99, 100 * reached // last))
    return Previewed(version, found)


class RulesDesk:
    """What people do with rules, and the work that waits. Opens nothing until it is asked."""

    def __init__(self, register: Register) -> None:
        self.register, self.engine, self.clock = register, register.engine, register.clock
        self.editions = Editions(self.engine, self.clock)
        self.book = RuleBook(self.editions)
        self.drafts = Drafts(self.engine, self.clock, self.editions)
        self._lock = Lock()
        self._thread: Thread | None = None

    def begin(self, patience: float = MOMENT) -> None:
        """Have the previews made that wait, and wait for them `patience` seconds at most."""
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = Thread(target=self._work_off, name="rules", daemon=True)
                self._thread.start()
            thread = self._thread
        thread.join(patience)

    def work(self) -> int:
        """Make every preview that waits; gives how many. 0 where another process is at it. Raises DatabaseUnavailable."""
        done = 0
        try:
            with alone(self.engine, "rules"):
                while (draft := self.drafts.next_waiting()) is not None:
                    self._preview(draft)
                    done += 1
        except DatabaseUnavailable:
            raise
        except ServiceUnavailable:  # somebody else is at it
            return done
        return done

    def _preview(self, draft: Draft) -> None:
        told = time.monotonic()

        def tell(percent: int) -> None:
            nonlocal told
            if time.monotonic() - told >= BEAT:
                told = time.monotonic()
                try:
                    self.drafts.note_progress(draft, percent)
                except DatabaseBusy:  # a file is being taken in; how far this is can wait
                    return

        assert draft.effective_from is not None
        base, day = self.drafts.base_of(draft.effective_from)
        try:
            before, after = self.book.edition(base), read_rules(draft.content)
            found = previewed(self.register, before, after, day, LISTED, tell)
            self.drafts.finish(draft, base, day, found.register_version, found.plain())
        except Overtaken:
            return
        except DatabaseUnavailable:
            raise
        except Exception as error:  # whoever waits for it is to be told
            log.error("rules", draft=draft.id, exc_info=error)
            self.drafts.fail(draft)

    def _work_off(self) -> None:
        try:
            self.work()
        except (ZhixinError, Overtaken) as error:  # whoever looks at the draft begins again
            log.error("rules", error=type(error).__name__)
