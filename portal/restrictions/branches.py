"""Branches (分公司) and the enterprises they belong to: by what the branch's own record says, never by its name.

A branch is no person in law, and the company answers for it (公司法 13). Whether a restriction of the company reaches its branches is for the
rule to say (`branches = true`); the shipped table has no such rule, as no basis is at hand.
"""

from collections.abc import Iterable
from datetime import date, datetime

from indexer.identifiers import Codes, parse_codes
from indexer.kinds.base import text_in
from indexer.register.disclosure import PublicRecord
from indexer.register.reading import CreditFile, Register
from portal.restrictions.rules import RuleSet

STATED_IN = "enterprise"
"""The kind whose records state it."""


def stated_parent(records: Iterable[PublicRecord]) -> Codes | None:
    """The code of the enterprise whose branch a subject is by its own record, None where it says nothing."""
    stated = (text_in(record.values, "parent_code") for record in records if record.kind.name == STATED_IN)
    code = next(filter(None, stated), "")
    return parse_codes(code) if code else None


def followed(
    register: Register,
    records: Iterable[PublicRecord],
    rules: RuleSet,
    as_of: date | None = None,
    known_at: datetime | None = None,
) -> CreditFile | None:
    """The file of the enterprise whose branch the subject of some records is, None where no rule asks for it or it has none."""
    if rules.for_branches is None or (codes := stated_parent(records)) is None:
        return None
    files = register.credit_file(codes, as_of, known_at)
    return files[0] if len(files) == 1 else None
