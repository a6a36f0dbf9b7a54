"""Forms as people fill them in: what is wrong with each field, beside the field; days."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from indexer.clock import SHANGHAI
from indexer.errors import InvalidParameter
from portal.arguments import WrongArguments
from portal.i18n import english


def messages(error: WrongArguments | InvalidParameter, fields: Sequence[str]) -> dict[str, str]:
    """What is wrong, by field. Raises the error again when an argument is wrong that the form does not have."""
    wrong = error.wrong if isinstance(error, WrongArguments) else ((error.where, error.zh, error.en),)
    if any(where not in fields for where, _zh, _en in wrong):
        raise error
    return {where: en if english() else zh for where, zh, en in wrong}


def day_from(source: Mapping[str, str], name: str, otherwise: date | None = None) -> date | None:
    """A day from a form or an address. Raises InvalidParameter."""
    text = source.get(name, "").strip()
    if not text:
        return otherwise
    try:
        if len(text) != 10:
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidParameter(name, "应为日期，如 2026-03-01。", "must be a day like 2026-03-01") from None


def instant_from(source: Mapping[str, str], name: str) -> datetime | None:
    """An instant from a form, in Beijing's time as browsers send it, None where it is empty. Raises InvalidParameter."""
    text = source.get(name, "").strip()
    try:
        return datetime.fromisoformat(text[:16]).replace(tzinfo=SHANGHAI) if text else None
    except (ValueError, OverflowError):
        raise InvalidParameter(
            name, "应为日期和时间，如 2026-03-01T09:00。", "must be a day and time like 2026-03-01T09:00"
        ) from None
