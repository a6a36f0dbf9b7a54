"""Forms as people fill them in: what is wrong with each field, beside the field; days."""

from collections.abc import Mapping, Sequence
from datetime import date

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
