"""Words for codes, in the language of the reader: Chinese, or English for those who ask for it."""

from indexer.kinds import kinds
from indexer.kinds.base import Column, Kind, Term
from indexer.register.disclosure import PublicRecord
from indexer.search.question import Offer
from portal.i18n import english
from portal.restrictions.evaluate import Cause, DomainStatus


def word(term: Term) -> str:
    """A term of a vocabulary."""
    return term.en if english() else term.zh


def kind_label(kind: Kind) -> str:
    """A kind's name."""
    return kind.label_en if english() else kind.label


def column_label(column: Column) -> str:
    """A column's name."""
    return column.english if english() else column.label


def domain_label(status: DomainStatus) -> str:
    """A restriction domain's name."""
    return status.label_en if english() else status.label_zh


def sentence(cause: Cause) -> str:
    """Why a fact restricts, in a sentence."""
    return cause.sentence_en if english() else cause.sentence_zh


def status_label(record: PublicRecord) -> str | None:
    """The state of a record."""
    term = record.status_term
    return word(term) if term is not None else None


def caution(record: PublicRecord) -> str:
    """What to know before relying on a record in its state, "" where there is nothing."""
    term = record.status_term
    if term is None:
        return ""
    return term.caution_en if english() else term.caution


def facet_label(field: str, value: str) -> str:
    """A facet's value."""
    if field == "kind" and value in kinds():
        return kind_label(kinds()[value])
    if field == "status":
        for kind in kinds().values():
            if value in kind.statuses:
                return word(kind.statuses[value])
    return value


def group_label(dimension: str, value: str | int | None, kind: str | None = None) -> str:
    """The value of a dimension of the statistics, a state in the word that `kind` has for it."""
    if value is None:
        return "not stated" if english() else "未注明"
    if dimension == "status" and kind is not None and value in kinds()[kind].statuses:
        return word(kinds()[kind].statuses[str(value)])
    return facet_label(dimension, str(value))


def offer_label(offer: Offer, label: str) -> str:
    """An offer's value, called `label`, in words that say so where it is only the province of the place that was named."""
    if not offer.wider:
        return label
    return f"{label}, where {offer.words} is" if english() else f"{label}（{offer.words}所在地区）"
