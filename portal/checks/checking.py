"""A whole check (批量核查): who each bidder is, where it is restricted and why, which certificates it holds, what connects the bidders.

Bidders are asked for by the thousand with a few statements, all as known in the one version of the register that was the newest when the
check began, or by `known_at`. The answers are those that each question by itself would get (tests/checks/test_same_as_alone.py).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice

from indexer.errors import InvalidParameter
from indexer.register.many import ManySubjects
from indexer.register.reading import CreditFile, Register
from indexer.rules.masking import scan
from indexer.search.protocol import SearchEngine
from portal.checks.honours import honours
from portal.checks.identify import Identified, identify
from portal.checks.model import Basis, Bidder, BidderResult, CheckResult, Closing, Parent, Request
from portal.checks.requirements import NOT_IDENTIFIED, cells
from portal.checks.summary import Summary
from portal.checks.ties import Ties, parents_of
from portal.restrictions.branches import NOBODY, Followed, parents_stated, predecessors_of, stated_parent
from portal.restrictions.evaluate import ALL_CLEAR, DomainStatus
from portal.restrictions.rules import DOMAINS, RuleSet
from portal.restrictions.status import domains

CHUNK = 1000
"""Bidders that are asked for at once: bounds what is held besides the result."""

Progress = Callable[[int, int], None]
"""Told how many bidders are done, and of how many."""


class Check:
    """A check that is being made: gives the result of one bidder after another, once, and then what all of them together tell.

    Nothing of those that were given is held but what ties them, so a hundred thousand need no more room than a thousand.
    """

    def __init__(
        self,
        register: Register,
        search: SearchEngine,
        rules: RuleSet,
        request: Request,
        progress: Progress = lambda done, of: None,
    ) -> None:
        """Raises InvalidParameter("as_of") and ("known_at") for the future, ("domains") for a domain that does not exist and
        ("requirements") for one that asks nothing, and ServiceUnavailable where the register does not answer.
        """
        refuse_nonsense(register, request)
        now = register.clock.now()
        known = register.version(request.known_at)
        self.basis = Basis(
            request=replace(request, bidders=()),
            checked_at=now,
            known_at=request.known_at or now,
            register_version=known.number,
            recorded_at=known.recorded_at,
            rules_version=rules.version,
            rules_edition=rules.edition,
        )
        self._subjects = ManySubjects(register, request.as_of, known)
        self._search = search
        self._judge = _Judge(rules, request)
        self._follows = rules.for_successors is not None
        self._bidders = request.bidders
        self._progress = progress
        self._ties, self._summary, self._degraded = Ties(), Summary(), False

    def __iter__(self) -> Iterator[BidderResult]:
        """The results in the order of the bidders. While search does not answer, rows that need it are `uncertain`. Raises
        ServiceUnavailable where the register does not answer.
        """
        done = 0
        for chunk in _chunks(self._bidders):
            yield from self._results(chunk)
            done += len(chunk)
            self._progress(done, len(self._bidders))

    def _results(self, chunk: list[Bidder]) -> Iterator[BidderResult]:
        """Those of one chunk, whose files are let go of before the next one's are read."""
        identified = identify(chunk, self._subjects, self._search)
        parents = _parents(identified, self._subjects)
        before = predecessors_of(_files(identified), self._subjects) if self._follows else {}
        for bidder, who in zip(chunk, identified, strict=True):
            result = self._judge.result(bidder, who, parents, before)
            self._summary.add(result)
            self._degraded = self._degraded or who.degraded
            if who.file is not None:
                self._ties.add(bidder.row, who.file)
            yield result

    def closing(self) -> Closing:
        """What all bidders together tell; of those that were given so far."""
        return Closing(self._summary.counts(), self._degraded, self._ties.found())


def check(register: Register, search: SearchEngine, rules: RuleSet, request: Request) -> CheckResult:
    """A whole check, held at once. Raises what `Check` does."""
    checking = Check(register, search, rules, request)
    bidders = tuple(checking)
    return CheckResult(checking.basis, bidders, checking.closing())


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


def _chunks(bidders: Iterable[Bidder]) -> Iterator[list[Bidder]]:
    waiting = iter(bidders)
    while chunk := list(islice(waiting, CHUNK)):
        yield chunk


class _Judge:
    """What is told of each bidder by the rules and the request."""

    def __init__(self, rules: RuleSet, request: Request) -> None:
        self._rules = rules
        self._request = request
        self._clear = self._asked_for(ALL_CLEAR)

    def result(
        self,
        bidder: Bidder,
        who: Identified,
        parents: Mapping[str, CreditFile],
        before: Mapping[str, tuple[CreditFile, ...]],
    ) -> BidderResult:
        request = self._request
        bidder = _without_persons(bidder, who)
        if who.file is None:
            return BidderResult(bidder, who.match, cells=(NOT_IDENTIFIED,) * len(request.requirements))
        parent = parents.get(who.file.subject.code)
        stated = parent is not None and stated_parent(who.file.records) is not None
        return BidderResult(
            bidder,
            who.match,
            self._domains(
                who.file, Followed(parent if stated else None, before.get(who.file.subject.code, ()))
            ),
            cells(who.file, request.requirements, request.as_of),
            honours(who.file, request.as_of),
            self._parent(parent, stated) if parent is not None else None,
        )

    def _parent(self, file: CreditFile, stated: bool) -> Parent:
        return Parent(file.subject.code, file.subject.name, stated, self._domains(file))

    def _domains(self, file: CreditFile, others: Followed = NOBODY) -> tuple[DomainStatus, ...]:
        """The status in the domains that are asked for; the very same object for all who are clear in every one."""
        found = domains(file.records, self._rules, self._request.as_of, others)
        return self._clear if found is ALL_CLEAR else self._asked_for(found)

    def _asked_for(self, found: tuple[DomainStatus, ...]) -> tuple[DomainStatus, ...]:
        wanted = self._request.domains
        return tuple(each for each in found if each.code in wanted) if wanted else found


def _without_persons(bidder: Bidder, who: Identified) -> Bidder:
    """The row as it is kept: numbers of persons that somebody pasted are in no result and no receipt (domain.md part 6)."""
    identity = bidder.id if who.file is not None else scan(bidder.id)
    name = scan(bidder.name) if bidder.name else ""
    return bidder if (identity, name) == (bidder.id, bidder.name) else replace(bidder, id=identity, name=name)


def _files(identified: Sequence[Identified]) -> dict[str, CreditFile]:
    """The files of those who are known, by their codes."""
    return {who.file.subject.code: who.file for who in identified if who.file is not None}


def _parents(identified: Sequence[Identified], subjects: ManySubjects) -> dict[str, CreditFile]:
    """The parent of each branch, by the branch's code: whom its record states, else the only one that bears the name its own begins with."""
    files = _files(identified)
    found = parents_stated(files, subjects)
    branches = {
        code: names
        for code, file in files.items()
        if (names := parents_of(file.subject.name)) and stated_parent(file.records) is None
    }
    held = subjects.by_names([name for names in branches.values() for name in names])
    for code, names in branches.items():
        bearing = next((held[name] for name in names if name in held), ())
        if len(bearing) == 1 and bearing[0].subject.code != code:
            found[code] = bearing[0]
    return found
