"""Matching rows with subjects (对照): who is meant is decided as in a bidder check; here its certainty becomes `match` and its likeness a score.

To take one enterprise for another is worse than to find none, so `match` is true only where all of this holds:

- the row's code is that of one subject alone, or its name is that of one subject alone (portal/checks/identify.py says when);
- a name beside a code is the subject's, present or earlier;
- no property that was given contradicts the register, and the type asked for is the subject's.

The score is 100 for whom a code or a whole name means, else 100 times the likeness of the names (0 to 1); each property that contradicts
halves it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from indexer.errors import ServiceUnavailable
from indexer.register.many import ManySubjects
from indexer.register.reading import CreditFile
from indexer.search.protocol import SearchEngine
from portal.checks.entries import is_code
from portal.checks.identify import Identified, identify
from portal.checks.model import Bidder
from portal.checks.sheets import read_rows
from portal.reconciliation.agreement import codes_of
from portal.reconciliation.model import MOST_CANDIDATES, ORGANISATION, Candidate, Query
from portal.reconciliation.properties import CODES, FORMER_NAME, PROPERTIES

WHOLE = 100.0


def match(
    queries: Sequence[Query], subjects: ManySubjects, search: SearchEngine
) -> list[tuple[Candidate, ...]]:
    """The candidates of each query, likeliest first. Raises ServiceUnavailable where a query needs the search engine and it does not
    answer: no candidates would read as if nobody had the name.
    """
    if not queries:
        return []
    bidders = list(read_rows(map(_row, queries)))
    found = identify(bidders, subjects, search)
    if any(who.degraded for who in found):
        raise ServiceUnavailable(
            "完整检索暂时不可用，这一批对照未能完成，请稍后重试。",
            "Full search is not available now, so this batch can not be matched. Try again later.",
        )
    files = _files(found, subjects)
    return [
        tuple(_candidates(query, bidder, who, files))[: min(query.limit, MOST_CANDIDATES)]
        for query, bidder, who in zip(queries, bidders, found, strict=True)
    ]


def _row(query: Query) -> tuple[str, str]:
    """Code and name to look for: a text that is a code by itself, else the code where just one is given and the text or an earlier name."""
    if is_code(query.text):
        return query.text, ""
    codes = dict.fromkeys(query.values(*CODES))
    names = (query.text, *query.values(FORMER_NAME))
    return next(iter(codes)) if len(codes) == 1 else "", next((name for name in names if name.strip()), "")


def _files(found: Sequence[Identified], subjects: ManySubjects) -> Mapping[str, CreditFile]:
    """The files of all who may be meant, by code, with one question for all rows."""
    files = {who.file.subject.code: who.file for who in found if who.file is not None}
    offered = {each.code for who in found for each in who.match.candidates} - files.keys()
    codes = [known for code in sorted(offered) if (known := codes_of(code)) is not None]
    return files | {file.subject.code: file for several in subjects.by_codes(codes) for file in several}


def _candidates(
    query: Query, bidder: Bidder, who: Identified, files: Mapping[str, CreditFile]
) -> Iterator[Candidate]:
    if who.file is not None:
        likely: Iterable[tuple[str, float]] = [(who.file.subject.code, 1.0)]
    else:
        likely = ((each.code, each.score) for each in who.match.candidates)
    judged = (
        _judged(query, bidder, who, files[code], degree)
        for code, degree in likely
        if code in files and _of_type(query, files[code])
    )
    left = (each for each in judged if all(each.features.get(f"agrees_{name}") for name in query.required))
    yield from sorted(left, key=lambda each: (-each.score, each.file.subject.code))


def _of_type(query: Query, file: CreditFile) -> bool:
    return not query.types or ORGANISATION in query.types or file.subject.type in query.types


def _judged(query: Query, bidder: Bidder, who: Identified, file: CreditFile, degree: float) -> Candidate:
    notes = {note.code for note in (*who.match.notes, *bidder.notes)}
    said = {
        name: agrees
        for name, values in (query.given or {}).items()
        if (compare := PROPERTIES[name].agrees) is not None and (agrees := compare(values, file)) is not None
    }
    alone = who.file is not None
    sure = alone and "name-differs" not in notes and all(said.values())
    contradicting = list(said.values()).count(False) + ("name-differs" in notes)
    features: dict[str, bool | float] = {
        "likeness": degree,
        "code": who.match.certainty == "exact",
        "alone": alone,
        "former_name": any(note.code == "former-name" for note in who.match.path),
    }
    features |= {f"agrees_{name}": agrees for name, agrees in said.items()}
    return Candidate(file, round(WHOLE * degree / 2**contradicting, 1), features, sure)
