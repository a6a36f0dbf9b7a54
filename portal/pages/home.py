"""The start page: one box to search, three tasks, the lists, and what the register holds."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from flask import render_template, url_for
from flask_babel import gettext as _

from indexer.demo.stories import BLACKLISTED, CLEAN_AAA
from indexer.kinds import kinds
from indexer.register.reading import Register
from portal.context import portal
from portal.labels import kind_label
from portal.pages.components import Link, SearchForm
from portal.pages.frame import blueprint
from portal.pages.lists import list_cards


@dataclass(frozen=True, slots=True)
class Figure:
    """How many records of a kind are public today."""

    label: str
    number: int


@blueprint.get("/")
def home() -> str:
    """The start page."""
    parts = portal()
    counts = _counts(parts.register, parts.register.version().number, parts.clock.today())
    return render_template(
        "home.html",
        search=SearchForm(url_for("pages.search")),
        examples=_examples() if parts.settings.demonstration else [],
        lists=list_cards(),
        figures=[Figure(kind_label(kind), counts[name]) for name, kind in kinds().items() if counts[name]],
    )


@lru_cache(maxsize=4)
def _counts(register: Register, version: int, day: date) -> dict[str, int]:
    """Counting reads the whole register; between two publications of one day the answer stays the same."""
    return register.counts()


def _examples() -> list[Link]:
    """Where somebody who tries the demonstration may begin."""
    return [
        Link(CLEAN_AAA.name, url_for("pages.subject", id=CLEAN_AAA.code)),
        Link(_("一处违法、处处受限"), url_for("pages.restrictions", id=BLACKLISTED.code)),
        Link(_("搜索“玩具”"), url_for("pages.search", q="玩具")),
    ]
