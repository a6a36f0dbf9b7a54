"""What in a text may be a number of a document (编号): codes, certificate numbers, document numbers; whole, begun, in part, mistyped."""

import re

from indexer.certificate_numbers import near
from indexer.identifiers import likely_intended
from indexer.search.clauses import MOST_WORDS, Clause, all_of, distinct
from indexer.search.document_numbers import asked, said
from indexer.search.documents import name_key
from indexer.text.normalise import code_key, normalise

SHORTEST_CODE, SHORTEST_CODE_START, SHORTEST_MISTYPED = 4, 6, 9
"""Characters from which something with a digit in it is taken for a number, for the beginning of one, or for one with a slip in it."""

MOST_CODES, MOST_ALIKE = 8, 100

_CODE_RUN = re.compile(r"[a-z0-9][a-z0-9/().\- ]*[a-z0-9]")
_LIKE_DIGITS = str.maketrans("OIL", "011")


def codes(text: str) -> tuple[str, ...]:
    """What in a normalised text may be a number: the whole, each part, each run of Latin letters and digits; with a digit in it."""
    found = [text, *text.split(), *_CODE_RUN.findall(text)]
    keys = (name_key(part).upper() for part in found)
    some = (code for code in keys if len(code) >= SHORTEST_CODE and any(map(str.isdigit, code)))
    return tuple(dict.fromkeys(some))[:MOST_CODES]


def numbers(text: str) -> list[Clause]:
    """Documents that have such a number, or one that begins so, or a document number with these parts."""
    typed = codes(text)
    exact = [Clause("code_exact", "codes", (code,), 1, 1500.0) for code in typed]
    begun = [code for code in typed if len(code) >= SHORTEST_CODE_START]
    parts = [distinct(each, MOST_WORDS) for each in asked(text)[:MOST_CODES]]
    return [
        *exact,
        *(Clause("code_starts", "codes", (code,), 1, 700.0, prefix=True) for code in begun),
        *(all_of("number_part", "text", each, 650.0) for each in parts),
    ]


def mistyped(text: str) -> list[Clause]:
    """Documents that have a number which a normalised text was meant to be: a slip of eye or hand away, or O, I and L for 0 and 1."""
    code = code_key(text)
    if len(code) < SHORTEST_MISTYPED or not (code.isascii() and any(map(str.isdigit, code))):
        return []
    meant = dict.fromkeys((*likely_intended(code), code.translate(_LIKE_DIGITS), *near(code)))
    keys = [key for key in dict.fromkeys(map(code_key, meant)) if key != code][:MOST_ALIKE]
    return [Clause("code_alike", "codes", tuple(keys), 1, 690.0)] if keys else []


def document_number(typed: str) -> tuple[Clause, ...]:
    """Documents with the number that `文号:` says, one that begins so, or one with these parts."""
    code, parts = code_key(typed), said(normalise(typed))
    found = [Clause("code_exact", "codes", (code,), 1, 1500.0)]
    if len(code) >= SHORTEST_CODE_START:
        found.append(Clause("code_starts", "codes", (code,), 1, 700.0, prefix=True))
    if parts:
        found.append(all_of("number_part", "text", distinct(parts, MOST_WORDS), 650.0))
    return tuple(found)
