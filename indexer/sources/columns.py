"""What the columns of a file are: headings matched to the columns of a record kind, and the kind found by its columns (识别表头)."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz, process

from indexer.errors import FileRefused
from indexer.identifiers import InvalidCode, parse_codes
from indexer.kinds import kinds as all_kinds
from indexer.kinds.base import Column, Kind, Type
from indexer.sources.amounts import is_unit
from indexer.sources.dates import parse_date
from indexer.sources.own_columns import ADDED, MORE, RECORD

REJECT_HEADINGS = ("行号", "原因")
"""The two columns that a rejects file adds. They are no data when a mended rejects file is taken in again."""

_bracket = re.compile(r"[(\[【〔（].*?[)\]】〕）]")
_noise = re.compile(r"[\s*:#]+")
_template = re.compile(r"(XK|CF)_(?=.)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Field:
    """A column of the file that is known: its position, the kind's column, its heading and the unit of its bare numbers."""

    index: int
    column: Column
    heading: str
    unit: str


@dataclass(frozen=True, slots=True)
class Plan:
    """How the header of a file maps to a kind.

    `fields` are the known columns, a column's strongest heading first where several headings mean the same; `unknown` the rest
    (position, heading), kept with the record as they are. `own` are columns that an export of this portal added, by heading.
    """

    header: tuple[str, ...]
    fields: tuple[Field, ...]
    unknown: tuple[tuple[int, str], ...]
    own: Mapping[str, int]

    @property
    def exported(self) -> bool:
        """Whether the file is an export of this portal (indexer/sources/own_columns.py)."""
        return RECORD in self.own

    @property
    def more(self) -> int | None:
        """Where an export keeps the further columns of the files it came from."""
        return self.own.get(MORE) if self.exported else None

    @property
    def names(self) -> frozenset[str]:
        """The kind's columns that the file has."""
        return frozenset(field.column.name for field in self.fields)


@lru_cache(maxsize=4096)
def heading_key(heading: str) -> str:
    """A heading as it is compared: half width, lower case, without blanks, stars and colons."""
    return _noise.sub("", unicodedata.normalize("NFKC", heading)).strip("\ufeff").casefold()


class _Words:
    """The headings that a kind knows, each with its column and its rank (0 = the column's own name)."""

    def __init__(self, kind: Kind) -> None:
        self.found: dict[str, tuple[Column, int]] = {}
        for column in kind.all_columns():
            for rank, word in enumerate((column.name, column.label, *column.aliases, *column.units)):
                self.found.setdefault(heading_key(word), (column, rank))
        for (
            column
        ) in kind.all_columns():  # `XK_WSH` is also known as `WSH`, but never takes another column's own word
            for rank, word in enumerate(column.aliases):
                if _template.match(word):
                    self.found.setdefault(heading_key(_template.sub("", word)), (column, rank + 2))

    def find(self, heading: str) -> tuple[Column, int] | None:
        """The column that `heading` means: as it is, without its brackets, without the prefix of its template."""
        for word in (heading, _bracket.sub("", heading)):
            key = heading_key(word)
            if not key:
                continue
            found = self.found.get(key)
            if found is None and (prefix := _template.match(key)):
                found = self._unprefixed(key[prefix.end() :], prefix[0])
            if found is not None:
                return found
        return None

    def _unprefixed(self, key: str, prefix: str) -> tuple[Column, int] | None:
        """A word of the licence template (XK_) must not be taken for one of the penalty template (CF_), or the reverse."""
        found = self.found.get(key)
        if found is None:
            return None
        other = "cf_" if prefix.casefold() == "xk_" else "xk_"
        return None if self.found.get(other + key, (None,))[0] is found[0] else found


_words_of: dict[int, tuple[Kind, _Words]] = {}


def _words(kind: Kind) -> _Words:
    """The words of `kind`, worked out once for each kind object."""
    held = _words_of.get(id(kind))
    if held is None or held[0] is not kind:
        held = _words_of[id(kind)] = (kind, _Words(kind))
    return held[1]


def known_cells(cells: Iterable[str], kinds: Mapping[str, Kind] | None = None) -> int:
    """How many of `cells` are headings of the one kind that knows most of them."""
    cells = [cell for cell in cells if cell and len(cell) <= 60]
    known = (kinds if kinds is not None else all_kinds()).values()
    return max(
        (len({found[0].name for cell in cells if (found := _words(kind).find(cell))}) for kind in known),
        default=0,
    )


def match_header(header: Sequence[str], kind: Kind) -> Plan:
    """Maps `header` to the columns of `kind`. Raises `FileRefused` naming the columns that are missing."""
    plan = _plan(header, kind)
    missing = _missing(plan, kind)
    if missing:
        _refuse_headless(header)
        raise FileRefused(
            f"按“{kind.label}”读取时缺少列：{'、'.join(missing)}。{_unknown_zh(plan, kind)}请补上列名后重新提交。",
            f"Columns missing for kind {kind.name}: {', '.join(missing)}.",
        )
    return plan


def detect_kind(header: Sequence[str], kinds: Mapping[str, Kind] | None = None) -> Kind:
    """The kind whose columns `header` has: all required ones, and the most of any kind.

    Raises `FileRefused` when there is no header, nothing fits or a kind that misses a column knows more columns than any that fits
    (naming the unknown columns, the nearest kinds and what they miss), or two fit equally well (asking for `--kind`).
    """
    known = list((kinds if kinds is not None else all_kinds()).values())
    plans = [(_plan(header, kind), kind) for kind in known]
    fitting = [(len(plan.names), kind) for plan, kind in plans if not _missing(plan, kind)]
    if not fitting:
        _refuse_headless(header)
        raise _nothing_fits(header, plans)
    most = max(score for score, _ in fitting)
    if any(len(plan.names) > most for plan, _ in plans):
        # The file is plainly of another kind and lacks a column of it: a looser kind must not swallow it.
        raise _nothing_fits(header, plans)
    best = [kind for score, kind in fitting if score == most]
    if len(best) > 1:
        names = {column for plan, kind in plans if kind in best for column in plan.names}
        told_apart = [kind for kind in best if kind.signature and names.issuperset(kind.signature)]
        if len(told_apart) == 1:
            return told_apart[0]
        raise FileRefused(
            f"这些列同时符合{'、'.join(kind.label for kind in best)}，无法判断种类。请用 --kind 指明："
            f"{'、'.join(kind.name for kind in best)}。",
            f"The columns fit several kinds; give --kind: {', '.join(kind.name for kind in best)}.",
        )
    return best[0]


def is_known(heading: str, kind: Kind) -> bool:
    """Whether a heading means a column of `kind`."""
    return _words(kind).find(heading) is not None


def _plan(header: Sequence[str], kind: Kind) -> Plan:
    words = _words(kind)
    rejects = tuple(header[-2:]) == REJECT_HEADINGS
    found: list[tuple[int, Field]] = []
    unknown: list[tuple[int, str]] = []
    own: dict[str, int] = {}
    for index, heading in enumerate(header[:-2] if rejects else header):
        if (added := heading.strip().strip("\ufeff")) in ADDED:
            own[added] = index
            continue
        match = words.find(heading)
        if match is None:
            unknown.append((index, _distinct(heading.strip() or f"第{index + 1}列", unknown)))
        else:
            column, rank = match
            found.append((rank, Field(index, column, heading, _unit(column, heading))))
    found.sort(key=lambda each: each[0])  # stable: equal ranks keep the order of the file
    return Plan(tuple(header), tuple(field for _, field in found), tuple(unknown), own)


def _distinct(heading: str, others: Sequence[tuple[int, str]]) -> str:
    """`heading`, numbered where an unknown column of that name stands already."""
    count = sum(other == heading or other.startswith(f"{heading}_") for _, other in others)
    return f"{heading}_{count + 1}" if count else heading


def _unit(column: Column, heading: str) -> str:
    """The unit of bare numbers under `heading`: the kind's word for it, else a bracket such as `（万元）`, else 元."""
    if column.type is not Type.AMOUNT:
        return ""
    key = heading_key(heading)
    bare = _template.sub("", key)
    for word, unit in column.units.items():
        if heading_key(word) in (key, bare) or heading_key(_template.sub("", word)) == bare:
            return unit
    inside = next((each[1:-1] for each in _bracket.findall(heading) if is_unit(each[1:-1])), "")
    return inside or "元"


def _missing(plan: Plan, kind: Kind) -> list[str]:
    """Labels of the columns that a file of `kind` must have and this one has not."""
    missing = [
        column.label for column in kind.all_columns() if column.required and column.name not in plan.names
    ]
    if kind.needs_subject and not kind.subject_optional and not plan.names & {"uscc", "name"}:
        missing.insert(0, "统一社会信用代码或主体名称")
    if kind.subject_type in ("enterprise", "institution") and "uscc" not in plan.names:
        missing.append("统一社会信用代码")
    if not plan.fields and not missing:
        missing = [kind.all_columns()[0].label]
    return list(dict.fromkeys(missing))


def _refuse_headless(header: Sequence[str]) -> None:
    """Raises when `header` is visibly a row of data."""
    if not any(cell.strip() for cell in header):
        raise FileRefused("没有找到表头：文件里没有内容。", "No header: the file has no content.")
    if any(_is_data(cell) for cell in header):
        raise FileRefused(
            "没有找到表头：第一行像是数据而不是列名。请在第一行写上列名（如 统一社会信用代码、主体名称）后重新提交。",
            "No header: the first row looks like data. Put column names in the first row.",
        )


def _is_data(cell: str) -> bool:
    cell = cell.strip()
    if len(cell) < 4 or len(cell) > 40 or not any(character.isdigit() for character in cell):
        return False
    for read in (parse_date, parse_codes):
        try:
            read(cell)
        except InvalidCode as error:
            if error.personal:
                return True
        except ValueError:
            continue
        else:
            return True
    return False


def _nothing_fits(header: Sequence[str], plans: list[tuple[Plan, Kind]]) -> FileRefused:
    plans = sorted(plans, key=lambda each: (-len(each[0].names), len(_missing(*each))))
    near = [
        f"“{kind.label}”（认出 {len(plan.names)} 列，缺少：{'、'.join(_missing(plan, kind))}）"
        for plan, kind in plans[:3]
        if plan.names
    ]
    if not near:
        shown = "、".join(cell.strip() for cell in header if cell.strip())[:300]
        return FileRefused(
            f"没有一列是认识的：{shown}。请按模板的列名填写（如 统一社会信用代码、主体名称），或用 --kind 指明种类。",
            f"None of the columns is known: {shown}.",
        )
    return FileRefused(
        f"列名不足以判断种类。最接近的是{'；'.join(near)}。{_unknown_zh(*plans[0])}请补上缺少的列，或用 --kind 指明种类。",
        f"The columns fit no kind; nearest is {plans[0][1].name}, which misses: {', '.join(_missing(*plans[0]))}.",
    )


def _unknown_zh(plan: Plan, kind: Kind) -> str:
    """The unknown columns, each with the heading that was probably meant."""
    if not plan.unknown:
        return ""
    words = list(
        dict.fromkeys(word for column in kind.all_columns() for word in (column.label, *column.aliases))
    )
    shown = []
    for _, heading in plan.unknown[:20]:
        near = process.extractOne(heading, words, scorer=fuzz.ratio, score_cutoff=60)
        shown.append(f"{heading[:30]}（是否指“{near[0]}”？）" if near else heading[:30])
    return f"不认识的列：{'、'.join(shown)}。"
