"""Words for codes, in the language of the reader."""

from flask_babel import get_locale, gettext

from indexer.kinds import kinds
from indexer.kinds.base import Term
from indexer.register.disclosure import PublicRecord


def word(term: Term) -> str:
    """A term in the reader's language."""
    locale = get_locale()
    return term.en if locale is not None and locale.language == "en" else term.zh


def status_label(record: PublicRecord) -> str | None:
    """The state of a record in words."""
    term = record.status_term
    return word(term) if term is not None else None


def facet_label(field: str, value: str) -> str:
    """A facet's value in words."""
    if field == "kind" and value in kinds():
        return str(gettext(kinds()[value].label))
    if field == "status":
        for kind in kinds().values():
            if value in kind.statuses:
                return word(kind.statuses[value])
    return value
