"""Verifying a certificate (证书验证): is it genuine, valid on that day, this holder's and this paper's?

Rules: domain.md 2.1 (numbers, sub-certificates) and 2.2 (states). An unknown number is no proof of forgery (2.3).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from rapidfuzz.distance import DamerauLevenshtein

from indexer.certificate_numbers import near, normal, parse
from indexer.errors import InvalidParameter, NotFound
from indexer.register.disclosure import PublicRecord
from indexer.register.reading import Register
from indexer.register.versions import RegisterVersion
from indexer.text.normalise import normalise

LONGEST_NUMBER = 100
SUGGESTIONS = 5

CAUTION = (
    "revoked",
    "forfeited",
    "withdrawn",
    "cancelled",
    "invalid",
    "suspended",
    "expired",
    "not_yet_valid",
)
"""Which state is told when one number stands for several certificates: the gravest, so that nobody trusts the wrong one."""

ON_PAPER = ("standard", "scope", "issuer", "valid_until", "product", "model", "category", "issued_on")
"""Columns that a person can copy from the paper to have them compared."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One field of the paper against the register: `matches` is None where either side does not say."""

    column: str
    label: str
    on_paper: str | None
    registered: str | None
    matches: bool | None


@dataclass(frozen=True, slots=True)
class Verification:
    """The answer: `result` is a state's code, `holder_matches` None when no holder was given."""

    number: str
    result: str
    holder_matches: bool | None
    matches: tuple[PublicRecord, ...]
    parent: PublicRecord | None
    as_of: date
    checked_at: datetime
    version: RegisterVersion


def verify(
    register: Register, number: str, holder: str | None = None, as_of: date | None = None
) -> Verification:
    """Verify `number` as of a day (default today). Raises InvalidParameter, or NotFound with near numbers as suggestions."""
    if len(number) > LONGEST_NUMBER:
        raise InvalidParameter(
            "number",
            f"证书编号不会超过 {LONGEST_NUMBER} 个字符。",
            f"has more than {LONGEST_NUMBER} characters",
        )
    wanted = normal(number)
    if not any(character.isalnum() for character in wanted):
        raise InvalidParameter("number", "请输入证书编号。", "is not a certificate number")
    parent_number = parse(wanted).parent
    day = as_of or register.clock.today()
    found, version = register.by_number([wanted, parent_number] if parent_number else [wanted], as_of=day)
    own = [record for record in found if normal(record.number or "") == wanted]
    if not own:
        raise _unknown(register, wanted, parent_number if found else None)
    parent = next((record for record in found if record not in own), None)
    if parent is not None and parent.status != "valid":
        own = [_sharing_fate(record, parent) for record in own]
    holders = [record for record in own if holder and _same_holder(holder, record)]
    return Verification(
        number=own[0].number or wanted,
        result=_gravest(holders or own),
        holder_matches=bool(holders) if holder else None,
        matches=tuple(holders or own),
        parent=parent,
        as_of=day,
        checked_at=register.clock.now(),
        version=version,
    )


def compare(record: PublicRecord, paper: Mapping[str, str]) -> list[Comparison]:
    """What the paper says against the register, field by field, in the order of the kind's columns."""
    return [
        Comparison(
            column.name, column.label, said, str(held) if held is not None else None, _agree(said, held)
        )
        for column in record.kind.columns
        if column.name in ON_PAPER
        for said, held in [(paper.get(column.name), record.values.get(column.name))]
        if said is not None or held is not None
    ]


def _agree(said: str | None, held: object) -> bool | None:
    if said is None or held is None:
        return None
    ours, theirs = _plain(str(held)), _plain(said)
    return ours == theirs or (len(theirs) >= 4 and theirs in ours)


def _plain(text: str) -> str:
    return "".join(character for character in normalise(text) if character.isalnum())


def _same_holder(holder: str, record: PublicRecord) -> bool:
    names = {record.name, record.subject.name if record.subject else None}
    return _plain(holder) in {_plain(name) for name in names if name}


def _sharing_fate(record: PublicRecord, parent: PublicRecord) -> PublicRecord:
    """A sub-certificate is worth no more than its parent (domain.md 2.1)."""
    return replace(record, status=_gravest([record, parent]))


def _gravest(records: Sequence[PublicRecord]) -> str:
    states = {record.status or "valid" for record in records}
    return next((state for state in CAUTION if state in states), next(iter(sorted(states))))


def _unknown(register: Register, number: str, parent: str | None) -> NotFound:
    others = register.numbers_near(number, near(number))
    ranked = sorted(others, key=lambda other: (DamerauLevenshtein.distance(number, other), other))
    close = [o for o in ranked if DamerauLevenshtein.distance(number, o) <= max(2, len(number) // 5)]
    return NotFound(
        f"没有查到编号为 {number} 的证书。这不等于证书是假的：发证机构可以在次月 10 日前才上报当月的证书。"
        "请核对编号，或到全国认证认可信息公共服务平台（cx.cnca.cn）查询，以该平台为准。",
        f"No certificate with number {number} is registered here. That does not prove it forged: bodies may report a month's "
        "certificates until the 10th of the next month. Check the number, or ask the national platform cx.cnca.cn.",
        suggestions=tuple(dict.fromkeys([*([parent] if parent else []), *close]))[:SUGGESTIONS],
    )
