"""Forms that were filled in wrongly: what is wrong with each field, beside the field."""

from collections.abc import Sequence

from indexer.errors import InvalidParameter
from portal.arguments import WrongArguments
from portal.i18n import english


def messages(error: WrongArguments | InvalidParameter, fields: Sequence[str]) -> dict[str, str]:
    """What is wrong, by field. Raises the error again when an argument is wrong that the form does not have."""
    wrong = error.wrong if isinstance(error, WrongArguments) else ((error.where, error.zh, error.en),)
    if any(where not in fields for where, _zh, _en in wrong):
        raise error
    return {where: en if english() else zh for where, zh, en in wrong}
