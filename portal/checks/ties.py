"""What connects bidders by publicly filed facts (投标人之间的关联线索): facts to look at, never a verdict.

招标投标法实施条例 39 and 40 name what counts as collusion (串通投标); a common address or name is none of that by itself. Everything is grouped by
what is common, so the work grows with the bidders and not with their pairs.
"""

import re
from collections.abc import Iterable, Iterator
from unicodedata import normalize

from indexer.kinds.base import text_in
from indexer.register.disclosure import PublicRecord
from indexer.register.reading import CreditFile
from indexer.text.normalise import key
from portal.checks.first_rows import FirstRows
from portal.checks.model import Tie
from portal.checks.names import written
from portal.restrictions.branches import stated_parent

SHORTEST_ADDRESS = 8
"""Characters of an address that is more than a town; it must name a number too."""

_BRANCH = re.compile(r"(?:分公司|分厂|分店|支公司|分行|支行|分所|分院|分中心|营业部)$")
_FORM = re.compile(r"公司|厂|银行|事务所|研究院|设计院|医院|合作社|中心|商店")
_NUMBERED = re.compile(r"[0-9号室幢栋]")


def parents_of(name: str) -> list[str]:
    """The names that a branch's parent may have, longest first, [] for what is no branch by its name.

    A branch's name begins with its parent's in full (企业名称登记管理规定, 2020, art. 13).
    """
    branch = _BRANCH.search(name)
    if branch is None:
        return []
    ends = (found.end() for found in _FORM.finditer(name, 2, branch.start()))
    return [name[:end] for end in ends][::-1]


class _Common:
    """Texts that may stand at several bidders: holds only those that did, with all their rows."""

    def __init__(self) -> None:
        self._first = FirstRows()
        self.shared: dict[str, list[int]] = {}
        self.shown: dict[str, str] = {}

    def add(self, common: str, row: int, shown: str = "") -> bool:
        """Note that `common`, written `shown`, stands at a bidder; whether it stood at another before."""
        if not common or (first := self._first.first(common, row)) == row:
            return False
        rows = self.shared.setdefault(common, [first])
        if rows[-1] != row:
            rows.append(row)
            self.shown.setdefault(common, shown)
        return True

    def rows(self, common: str) -> list[int]:
        """The rows at which it stands."""
        if common in self.shared:
            return self.shared[common]
        first = self._first.found(common)
        return [] if first is None else [first]


class Ties:
    """Gathers what may be common, bidder by bidder; keeps what came more than once, and no files."""

    def __init__(self) -> None:
        self._subjects = _Common()
        self._addresses = _Common()
        self._names = _Common()
        self._former: set[str] = set()
        self._representatives = _Common()
        self._called = _Common()
        self._branches: list[tuple[int, str, str]] = []  # row, name, code of the stated parent

    def add(self, row: int, file: CreditFile) -> None:
        """Take in one bidder who was identified; rows in ascending order."""
        subject = file.subject
        if self._subjects.add(subject.code, row):
            return  # the same subject again: its ties to others are told once
        called = written(subject.name)
        self._called.add(called, row)
        self._names.add(called, row, subject.name)
        parent = stated_parent(file.records)
        if parent is not None or parents_of(subject.name):
            self._branches.append((row, subject.name, (parent.uscc or "") if parent else ""))
        for name in file.former_names:
            self._names.add(written(name), row, name)
            self._former.add(written(name))
        for record in file.records:
            if record.kind.subject_type is None:
                continue
            if stated := _address(record):
                self._addresses.add(key(stated), row, normalize("NFKC", stated).strip())
            person = text_in(record.values, "legal_representative")
            if person and "*" not in person:
                self._representatives.add(key(person), row, person)

    def found(self) -> tuple[Tie, ...]:
        """All ties, by the first row that each is about."""
        ties = (*self._same_subject(), *self._common(), *self._parents())
        return tuple(sorted(ties, key=lambda tie: (tie.rows, tie.code, tie.value)))

    def _same_subject(self) -> Iterator[Tie]:
        for code, rows in self._subjects.shared.items():
            yield _tie(
                "same_subject", code, rows, "这几行是同一个主体", "these rows are one and the same subject"
            )

    def _common(self) -> Iterator[Tie]:
        yield from _told("same_address", self._addresses, "登记的住所相同", "registered at the same address")
        for tie in _told("same_former_name", self._names, "使用过同一个名称", "bore or bear the same name"):
            if written(tie.value) in self._former:
                yield tie
        yield from _told(
            "same_representative",
            self._representatives,
            "法定代表人姓名相同，可能是重名",
            "their legal representatives have the same name, who may be different persons",
        )

    def _parents(self) -> Iterator[Tie]:
        for row, name, code in self._branches:
            if code:
                if rows := self._subjects.rows(code):
                    yield _tie(
                        "parent_and_branch",
                        code,
                        [*rows, row],
                        f"按登记信息，“{name}”是代码为 {code} 的企业的分支机构",
                        f"by its registration, {name} is a branch of the enterprise {code}",
                    )
                continue
            parent = next((p for p in parents_of(name) if self._called.rows(written(p))), None)
            if parent is not None:
                yield _tie(
                    "parent_and_branch",
                    parent,
                    [*self._called.rows(written(parent)), row],
                    f"从名称看，“{name}”是“{parent}”的分支机构",
                    f"by its name, {name} is a branch of {parent}",
                )


def _told(code: str, common: _Common, zh: str, en: str) -> Iterator[Tie]:
    for each, rows in common.shared.items():
        if len(rows) > 1:
            yield _tie(code, common.shown[each], rows, zh, en)


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
