"""A whole check (批量核查): who each bidder is, where it is restricted and why, which certificates it holds, what connects the bidders.

Bidders are asked for by the thousand with a few statements, all as known in the one version of the register that was the newest when the
check began, or by `known_at`. The answers are those that each question by itself would get (tests/checks/test_same_as_alone.py).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import islice

from indexer.errors import InvalidParameter
from indexer.register.many import ManySubjects
from indexer.register.reading import CreditFile, Register
from indexer.rules.masking import scan
from indexer.search.protocol import SearchEngine
from portal.checks.honours import honours
from portal.checks.identify import Identified, identify
from portal.checks.model import Bidder, BidderResult, CheckResult, Parent, Request
from portal.checks.requirements import NOT_IDENTIFIED, cells
from portal.checks.ties import Ties, parents_of
from portal.restrictions.evaluate import DomainStatus
from portal.restrictions.rules import DOMAINS, RuleSet
from portal.restrictions.status import domains

CHUNK = 1000
"""Bidders that are asked for at once: bounds what is held besides the result."""

Progress = Callable[[int, int], None]
"""Told how many bidders are done, and of how many."""


def check(
    register: Register,
    search: SearchEngine,
    rules: RuleSet,
    request: Request,
    progress: Progress = lambda done, of: None,
) -> CheckResult:
    """Check all bidders of a request.

    Raises InvalidParameter("as_of") and ("known_at") for the future, ("domains") for a domain that does not exist, ("requirements") for one
    that asks nothing, and ServiceUnavailable where the register does not answer. While the search engine does not, rows that need it are
    `uncertain` and the result is `degraded`.
    """
    refuse_nonsense(register, request)
    now = register.clock.now()
    known = register.version(request.known_at)
    subjects = ManySubjects(register, request.as_of, known)
    results: list[BidderResult] = []
    ties, degraded = Ties(), False
    for chunk in _chunks(request.bidders):
        identified = identify(chunk, subjects, search)
        parents = _parents(identified, subjects)
        for bidder, who in zip(chunk, identified, strict=True):
            results.append(_result(bidder, who, parents, rules, request))
            degraded = degraded or who.degraded
            if who.file is not None:
                ties.add(bidder.row, who.file)
        progress(len(results), len(request.bidders))
    return CheckResult(
        request=replace(request, bidders=()),
        checked_at=now,
        known_at=request.known_at or now,
        register_version=known.number,
        recorded_at=known.recorded_at,
        rules_version=rules.version,
        degraded=degraded,
        bidders=tuple(results),
        ties=ties.found(),
    )


def refuse_nonsense(register: Register, request: Request) -> None:
    """Raise what `check` would, before anybody is looked up."""
    if request.as_of > register.clock.today():
        raise InvalidParameter("as_of", "核查日期不能是将来的日期。", "must not lie in the future")
    if request.known_at is not None and request.known_at > register.clock.now():
        raise InvalidParameter("known_at", "不能是将来的时刻。", "must not lie in the future")
    codes = [domain.code for domain in DOMAINS]
    if any(asked not in codes for asked in request.domains):
        listed = "、".join(codes)
        raise InvalidParameter("domains", f"没有这个限制领域；可用：{listed}。", f"must be among {listed}")
    if any(not (each.certificate_kind or each.standard or each.scope) for each in request.requirements):
        raise InvalidParameter(
            "requirements",
            "每项证书要求至少填写证书类别、标准或范围中的一项。",
            "each must name a kind, a standard or a scope",
        )


def _chunks(bidders: Sequence[Bidder]) -> Iterator[list[Bidder]]:
    waiting = iter(bidders)
    while chunk := list(islice(waiting, CHUNK)):
        yield chunk


def _result(
    bidder: Bidder, who: Identified, parents: dict[str, CreditFile], rules: RuleSet, request: Request
) -> BidderResult:
    bidder = _without_persons(bidder, who)
    if who.file is None:
        return BidderResult(bidder, who.match, cells=(NOT_IDENTIFIED,) * len(request.requirements))
    parent = parents.get(who.file.subject.code)
    return BidderResult(
        bidder,
        who.match,
        _domains(who.file, rules, request),
        cells(who.file, request.requirements, request.as_of),
        honours(who.file, request.as_of),
        _parent(parent, rules, request) if parent is not None else None,
    )


def _without_persons(bidder: Bidder, who: Identified) -> Bidder:
    """The row as it is kept: numbers of persons that somebody pasted are in no result and no receipt (domain.md part 6)."""
    identity = bidder.id if who.file is not None else scan(bidder.id)
    name = scan(bidder.name)
    return bidder if (identity, name) == (bidder.id, bidder.name) else replace(bidder, id=identity, name=name)


def _parent(file: CreditFile, rules: RuleSet, request: Request) -> Parent:
    return Parent(file.subject.code, file.subject.name, _domains(file, rules, request))


def _domains(file: CreditFile, rules: RuleSet, request: Request) -> tuple[DomainStatus, ...]:
    found = domains(file.records, rules, request.as_of)
    return tuple(each for each in found if each.code in request.domains) if request.domains else found


def _parents(identified: Sequence[Identified], subjects: ManySubjects) -> dict[str, CreditFile]:
    """The parent of each branch, by the branch's code, where exactly one subject bears the name that the branch's begins with."""
    branches = {
        who.file.subject.code: names
        for who in identified
        if who.file is not None and (names := parents_of(who.file.subject.name))
    }
    held = subjects.by_names([name for names in branches.values() for name in names])
    found = {}
    for code, names in branches.items():
        bearing = next((held[name] for name in names if name in held), ())
        if len(bearing) == 1 and bearing[0].subject.code != code:
            found[code] = bearing[0]
    return found
