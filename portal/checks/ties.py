"""What connects bidders by publicly filed facts (投标人之间的关联线索): facts to look at, never a verdict.

招标投标法实施条例 39 and 40 name what counts as collusion (串通投标); a common address or name is none of that by itself. Everything is grouped by
what is common, so the work grows with the bidders and not with their pairs.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from indexer.kinds.base import text_in
from indexer.register.disclosure import PublicRecord
from indexer.register.reading import CreditFile
from indexer.text.normalise import key
from portal.checks.model import Tie
from portal.checks.names import written

SHORTEST_ADDRESS = 8
"""Characters of an address that is more than a town; it must name a number too."""

_BRANCH = re.compile(r"(?:分公司|分厂|分店|支公司|分行|支行|分所|分院|分中心|营业部)$")
_FORM = re.compile(r"公司|厂|银行|事务所|研究院|设计院|医院|合作社|中心|商店")
_NUMBERED = re.compile(r"[0-9号室幢栋]")

_Member = tuple[int, str]
"""Row of the input and code of the subject."""


def parents_of(name: str) -> list[str]:
    """The names that a branch's parent may have, longest first, [] for what is no branch by its name.

    A branch's name begins with its parent's in full (企业名称登记管理规定, 2020, art. 13).
    """
    branch = _BRANCH.search(name)
    if branch is None:
        return []
    ends = (found.end() for found in _FORM.finditer(name, 2, branch.start()))
    return [name[:end] for end in ends][::-1]


class Ties:
    """Gathers what may be common, bidder by bidder; keeps texts and rows only, no files."""

    def __init__(self) -> None:
        self._rows: dict[str, list[int]] = defaultdict(list)
        self._addresses: dict[str, list[_Member]] = defaultdict(list)
        self._names: dict[str, list[_Member]] = defaultdict(list)
        self._former: set[str] = set()
        self._representatives: dict[str, list[_Member]] = defaultdict(list)
        self._called: dict[str, list[_Member]] = defaultdict(list)
        self._branches: list[tuple[_Member, str]] = []
        self._shown: dict[str, str] = {}

    def add(self, row: int, file: CreditFile) -> None:
        """Take in one bidder who was identified."""
        subject, member = file.subject, (row, file.subject.code)
        self._rows[subject.code].append(row)
        if len(self._rows[subject.code]) > 1:
            return  # the same subject again: its ties to others are told once
        called = written(subject.name)
        self._called[called].append(member)
        if parents_of(subject.name):
            self._branches.append((member, subject.name))
        self._put(self._names, called, subject.name, member)
        for name in file.former_names:
            self._put(self._names, written(name), name, member)
            self._former.add(written(name))
        own = [record for record in file.records if record.kind.subject_type is not None]
        for address in {key(stated): stated for record in own if (stated := _address(record))}.values():
            self._put(self._addresses, key(address), address, member)
        for record in (each for each in own if "legal_representative" in each.values):
            person = text_in(record.values, "legal_representative")
            if person and "*" not in person:
                self._put(self._representatives, key(person), person, member)

    def found(self) -> tuple[Tie, ...]:
        """All ties, by the first row that each is about."""
        ties = (*self._same_subject(), *self._common(), *self._parents())
        return tuple(sorted(ties, key=lambda tie: (tie.rows, tie.code, tie.value)))

    def _put(self, where: dict[str, list[_Member]], common: str, shown: str, member: _Member) -> None:
        if common and (not where[common] or where[common][-1] != member):
            where[common].append(member)
            self._shown.setdefault(common, shown)

    def _same_subject(self) -> Iterator[Tie]:
        for code, rows in self._rows.items():
            if len(rows) > 1:
                yield _tie(
                    "same_subject",
                    code,
                    rows,
                    "这几行是同一个主体",
                    "these rows are one and the same subject",
                )

    def _common(self) -> Iterator[Tie]:
        for common, members in self._addresses.items():
            if len(members) > 1:
                yield self._told(
                    "same_address", common, members, "登记的住所相同", "registered at the same address"
                )
        for common, members in self._names.items():
            if len(members) > 1 and common in self._former:
                yield self._told(
                    "same_former_name", common, members, "使用过同一个名称", "bore or bear the same name"
                )
        for common, members in self._representatives.items():
            if len(members) > 1:
                yield self._told(
                    "same_representative",
                    common,
                    members,
                    "法定代表人姓名相同，可能是重名",
                    "their legal representatives have the same name, who may be different persons",
                )

    def _parents(self) -> Iterator[Tie]:
        for member, name in self._branches:
            parent = next((p for p in parents_of(name) if self._called.get(written(p))), None)
            if parent is not None:
                rows = [row for row, _ in (*self._called[written(parent)], member)]
                yield _tie(
                    "parent_and_branch",
                    parent,
                    rows,
                    f"从名称看，“{name}”是“{parent}”的分支机构",
                    f"by its name, {name} is a branch of {parent}",
                )

    def _told(self, code: str, common: str, members: Iterable[_Member], zh: str, en: str) -> Tie:
        return _tie(code, self._shown[common], [row for row, _ in members], zh, en)


def _address(record: PublicRecord) -> str:
    """The address that a subject's own record states, "" where it is masked or only a town."""
    address = text_in(record.values, "address")
    found = key(address) if address and "*" not in address else ""
    return address if len(found) >= SHORTEST_ADDRESS and _NUMBERED.search(found) else ""


def _tie(code: str, value: str, rows: Iterable[int], zh: str, en: str) -> Tie:
    """With the words that make it a hint and no verdict."""
    return Tie(
        code,
        value,
        tuple(sorted(rows)),
        f"{zh}（{value}）。仅为公开登记信息反映的线索，不代表存在违法或者串通行为，请结合其他材料判断。",
        f"{en[0].upper()}{en[1:]} ({value}). A fact on public file to look at; by itself it proves no wrongdoing.",
    )
