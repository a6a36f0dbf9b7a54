"""Who each bidder is (识别投标人): by code exactly; by name only where one subject alone can be meant; otherwise candidates and nobody is taken.

A code that finds nobody is never replaced by what it probably should have been, nor by the name beside it (domain.md 1.3: never replace
silently). All rows of a chunk are asked together, so the number of statements does not grow with them; only names that no subject bears as
written are looked for in the search engine, one question each.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from indexer.errors import ServiceUnavailable
from indexer.identifiers import Codes, InvalidCode, likely_intended, parse_codes
from indexer.register.many import ManySubjects
from indexer.register.reading import CreditFile
from indexer.rules.masking import scan
from indexer.search.protocol import SearchEngine
from indexer.search.query import Filters, Query
from indexer.search.question import read
from indexer.text.normalise import key
from portal.checks import notes
from portal.checks.model import Bidder, Candidate, Match, Note
from portal.checks.names import LONGEST_NAME, Sought, spellings_of, usual, written

MOST_CANDIDATES = 5
LOOKED_AT = 10
"""Hits of which it is decided whether they are the one meant; the engine puts equal names, then equal earlier names, first."""

SUBJECTS = Filters(kind=("enterprise", "institution"))


@dataclass(frozen=True, slots=True)
class Identified:
    """Who a bidder is, and its credit file where somebody was taken. `degraded`: full search was wanted and did not answer."""

    match: Match
    file: CreditFile | None = None
    degraded: bool = False


def identify(bidders: Sequence[Bidder], subjects: ManySubjects, search: SearchEngine) -> list[Identified]:
    """Who each of some bidders (a thousand, say) is, in their order."""
    found: dict[int, Identified] = {}
    coded = [(at, bidder) for at, bidder in enumerate(bidders) if bidder.id.strip()]
    named = [(at, bidder) for at, bidder in enumerate(bidders) if not bidder.id.strip()]
    found |= zip((at for at, _ in coded), _by_code([bidder for _, bidder in coded], subjects), strict=True)
    found |= zip(
        (at for at, _ in named), _by_name([bidder for _, bidder in named], subjects, search), strict=True
    )
    return [found[at] for at in range(len(bidders))]


def _by_code(bidders: Sequence[Bidder], subjects: ManySubjects) -> Iterator[Identified]:
    codes: list[Codes | InvalidCode] = [_codes(bidder.id) for bidder in bidders]
    of_each = iter(subjects.by_codes([each for each in codes if isinstance(each, Codes)]))
    files = [next(of_each) if isinstance(each, Codes) else () for each in codes]
    astray = [at for at, each in enumerate(files) if not each]
    intended = _intended([codes[at] for at in astray], subjects)
    namesakes = subjects.by_names([w for at in astray for w in _spellings(bidders[at].name)])
    likely = dict(zip(astray, intended, strict=True))
    for at, (bidder, code, held) in enumerate(zip(bidders, codes, files, strict=True)):
        if len(held) == 1 and isinstance(code, Codes):
            yield _exact(bidder, code, held[0], subjects)
        elif held:
            candidates = tuple(notes.code_candidate(file.subject, *notes.SHARED_CODE) for file in held)
            yield Identified(Match("uncertain", notes=(notes.CODE_GIVEN_TWICE,), candidates=candidates))
        else:
            named = _candidates(bidder.name, _bearing(bidder.name, namesakes))
            yield Identified(_nobody(code, (*likely[at], *named)))


def _exact(bidder: Bidder, code: Codes, file: CreditFile, subjects: ManySubjects) -> Identified:
    path, told = [], []
    subject = file.subject
    if code.uscc is None or code.uscc != subject.uscc:
        path.append(notes.old_code(code, subject))
    if "uscc-check" in code.flags:
        told.append(notes.CHECK_CHARACTER)
    if bidder.name != subject.name and (given := key(bidder.name)):
        if given in map(key, file.former_names):
            path.append(notes.former_name(scan(bidder.name), subject.name))
        elif given != key(subject.name):
            told.append(notes.name_differs(scan(bidder.name), subject.name))
    told += (*notes.state(file, subjects.as_of), *notes.succession(file), *notes.disputed(file))
    return Identified(Match("exact", subject.code, subject.name, tuple(path), tuple(told)), file)


def _nobody(code: Codes | InvalidCode, candidates: Iterable[Candidate]) -> Match:
    if isinstance(code, InvalidCode):
        note = Note("not-a-code", code.zh, code.en)
    elif any(flag.endswith("-check") for flag in code.flags):
        note = notes.CHECK_WRONG
    else:
        note = notes.CODE_UNKNOWN
    return Match("none", notes=(note,), candidates=_first(candidates))


def _intended(codes: Sequence[Codes | InvalidCode], subjects: ManySubjects) -> list[list[Candidate]]:
    """For each code that finds nobody those in the register that were probably meant."""
    guesses = [
        code.suggestions
        if isinstance(code, InvalidCode)
        else likely_intended(code.uscc or code.registration_number or code.organisation_code or "")
        for code in codes
    ]
    every = {guess: _codes(guess) for some in guesses for guess in some}
    sound = {guess: each for guess, each in every.items() if isinstance(each, Codes)}
    files = dict(zip(sound, subjects.by_codes(list(sound.values())), strict=True))
    return [
        [
            notes.code_candidate(file.subject, *notes.MISTYPED)
            for guess in some
            for file in files.get(guess, ())
        ]
        for some in guesses
    ]


def _codes(text: str) -> Codes | InvalidCode:
    try:
        return parse_codes(text)
    except InvalidCode as refused:
        return refused


def _by_name(bidders: Sequence[Bidder], subjects: ManySubjects, search: SearchEngine) -> Iterator[Identified]:
    names = [bidder.name.strip() for bidder in bidders]
    held = subjects.by_names([writing for name in set(names) for writing in _spellings(name)])
    bearing = {name: _bearing(name, held) for name in set(names)}
    now = subjects.as_of >= subjects.register.clock.today()
    # A name that somebody bears now may have been another's on a day that is past.
    open_ones = [name for name in dict.fromkeys(names) if not (now and bearing[name])]
    hits, answered = _searched([name for name in open_ones if _is_name(name)], subjects, search)
    decided = {
        name: _decide(
            name, bearing[name], hits.get(name, ()), subjects, name not in open_ones or name in answered
        )
        for name in set(names)
    }
    return (decided[name] for name in names)


def _is_name(name: str) -> bool:
    return bool(written(name)) and len(name) <= LONGEST_NAME


def _spellings(name: str) -> list[str]:
    return spellings_of(name) if _is_name(name) else []


def _bearing(name: str, held: dict[str, tuple[CreditFile, ...]]) -> tuple[CreditFile, ...]:
    """The files of those who bear a name in one of its writings; only of those who bear it just so, where there are any."""
    files = {file.subject.id: file for writing in _spellings(name) for file in held.get(writing, ())}
    same = [file for file in files.values() if written(file.subject.name) == written(name)]
    very = [file for file in same if usual(file.subject.name) == usual(name)]
    return tuple(very or same)


def _searched(
    names: Sequence[str], subjects: ManySubjects, search: SearchEngine
) -> tuple[dict[str, tuple[CreditFile, ...]], frozenset[str]]:
    """The files that the search engine finds for each name, best first, and the names for which it answered."""
    hits: dict[str, tuple[str, ...]] = {}
    for name in names:
        try:
            found = search.search(Query(name, SUBJECTS, limit=LOOKED_AT))
        except ServiceUnavailable:
            break  # it is down: the next thousand will see whether it is back
        hits[name] = tuple(hit.id for hit in found.hits)
    if not hits:
        return {}, frozenset()
    records = subjects.register.records(list({identity for some in hits.values() for identity in some}))
    of_record = {identity: record.subject.id for identity, record in records.items() if record.subject}
    files = subjects.by_ids(set(of_record.values()))
    found_files = {
        name: tuple(files[own] for own in dict.fromkeys(map(of_record.get, some)) if own in files)
        for name, some in hits.items()
    }
    return found_files, frozenset(hits)


def _decide(
    name: str,
    bearing: Sequence[CreditFile],
    found: Sequence[CreditFile],
    subjects: ManySubjects,
    answered: bool,
) -> Identified:
    if not _is_name(name):
        return Identified(Match("none", notes=(notes.NAME_TOO_LONG if name else notes.EMPTY,)))
    same = written(name)
    also = [file for file in found if written(file.subject.name) == same]
    present = list({file.subject.id: file for file in (bearing or also)}.values())
    known = {file.subject.id for file in present}
    former = [f for f in found if f.subject.id not in known and same in map(written, f.former_names)]
    past = subjects.as_of < subjects.register.clock.today()
    meant = [*present, *former] if past else present or former
    degraded = () if answered else (notes.DEGRADED,)
    if len(meant) == 1:
        return _certain(name, meant[0], subjects, degraded)
    told = [notes.SHARED_NAME] if meant else []
    if len(read(name).names) > 1:
        told.append(notes.SEVERAL_NAMES)
    every = {file.subject.id: file for file in (*meant, *found)}.values()
    candidates = _first(_candidates(name, every))
    if not (candidates or degraded):
        return Identified(Match("none", notes=(*told, notes.NAME_UNKNOWN)))
    match = Match("uncertain", notes=(*told, *degraded), candidates=candidates)
    return Identified(match, degraded=bool(degraded))


def _certain(name: str, file: CreditFile, subjects: ManySubjects, degraded: tuple[Note, ...]) -> Identified:
    subject, path = file.subject, []
    if written(subject.name) != written(name):
        path.append(notes.former_name(name, subject.name))
    elif usual(subject.name) != usual(name):
        path.append(notes.other_writing(subject.name))
    told = (*notes.state(file, subjects.as_of), *notes.succession(file), *notes.disputed(file), *degraded)
    return Identified(Match("certain", subject.code, subject.name, tuple(path), told), file, bool(degraded))


def _candidates(name: str, files: Iterable[CreditFile]) -> list[Candidate]:
    sought = Sought(name)
    return [sought.candidate(file) for file in files]


def _first(candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    """The likeliest few, each once; nobody whose name has nothing of the one given."""
    likely = (each for each in candidates if each.score > 0)
    ordered = sorted(likely, key=lambda each: (-each.score, each.code))
    return tuple({each.code: each for each in reversed(ordered)}.values())[::-1][:MOST_CANDIDATES]
