"""Which required certificates a bidder validly holds (资格证书核对): for each requirement met by which number, or why not, in words.

A certificate counts on a day as domain.md 2.2 has it: its last day is still valid; suspended, revoked or cancelled it does not count.
Scope is compared by words (`indexer.text.cut`): all of them must stand in the certificate; where only some do a person has to read it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from indexer.kinds import kinds
from indexer.kinds.base import text_in
from indexer.register.disclosure import PublicRecord
from indexer.register.reading import CreditFile
from indexer.text.asking import FILLING
from indexer.text.cut import words
from indexer.text.normalise import key, normalise
from portal.checks.model import Cell, Met, Requirement
from portal.checks.standards import fits

CERTIFICATES = tuple(name for name, kind in kinds().items() if kind.verifiable)
"""The record kinds that prove something by a number: certificates and licences."""

SCOPE_COLUMNS = ("scope", "product", "model", "content", "project")
EXCEPTING = ("除外", "不含", "不包括", "不适用")

SHORT_NAMES = {
    "ccc": "强制性产品认证",
    "3c": "强制性产品认证",
    "3c认证": "强制性产品认证",
    "ccc认证": "强制性产品认证",
    "cma": "资质认定",
}
"""What people write for a category (domain.md 2.1)."""

_ENDINGS = ("认证证书", "许可证书", "证书", "认证", "许可证", "许可")

NOT_IDENTIFIED = Cell(
    "unknown",
    "not_identified",
    "未能确定投标人，没有核对证书。",
    "Nobody was taken, so no certificate was looked at.",
)
NONE_ON_FILE = Cell(
    "not_met",
    "none_on_file",
    "登记库中没有符合要求的证书记录。认证机构可在次月10日前上报当月数据，没有记录不等于没有证书。",
    "No such certificate is on file. Bodies may report a month's data until the 10th of the next, so absence is no proof.",
)

_RANK = ("met", "standard_unsure", "scope_unsure", "suspended", "expired", "not_yet_valid")
_LAST = ("other_holder", "other_scope", "other_standard")


def cells(file: CreditFile, requirements: Sequence[Requirement], as_of: date) -> tuple[Cell, ...]:
    """One cell for each requirement: the certificate that comes nearest to meeting it decides."""
    if not requirements:
        return ()
    held = [record for record in file.records if record.kind.name in CERTIFICATES]
    if not held:
        return (NONE_ON_FILE,) * len(requirements)
    called = {key(file.subject.name), *map(key, file.former_names)}
    return tuple(_cell(held, called, each, each.valid_on or as_of) for each in requirements)


def _cell(held: Iterable[PublicRecord], called: set[str], required: Requirement, day: date) -> Cell:
    judged = [
        (_rank(cell), -(record.valid_until or date.max).toordinal(), record.id, cell)
        for record in held
        if (cell := _judged(record, called, required, day)) is not None
    ]
    return min(judged, key=lambda each: each[:3])[3] if judged else NONE_ON_FILE


def _rank(cell: Cell) -> int:
    if cell.reason in _RANK:
        return _RANK.index(cell.reason)
    return len(_RANK) + (1 + _LAST.index(cell.reason) if cell.reason in _LAST else 0)


def _judged(record: PublicRecord, called: set[str], required: Requirement, day: date) -> Cell | None:
    """What one certificate is worth for a requirement; None where it is about something else."""
    category = f"{text_in(record.values, 'category')} {text_in(record.values, 'document_title')}"
    if required.certificate_kind and not _of_kind(required.certificate_kind, category):
        return None
    standard = (
        fits(required.standard, text_in(record.values, "standard"), category) if required.standard else True
    )
    if standard is False:
        return _other_standard(record) if required.certificate_kind else None
    scope = _covers(required.scope, record, category) if required.scope else Covered(True)
    if scope.all is False:
        return (
            _other_scope(record, required.scope) if required.certificate_kind or required.standard else None
        )
    if record.name and key(record.name) not in called:
        return _said(
            record,
            "not_met",
            "other_holder",
            f"证书载明的持证人是“{record.name}”，不是该投标人",
            f"the certificate names another holder, {record.name}",
        )
    return _by_state(record, day) or _by_content(record, standard, scope)


def _by_state(record: PublicRecord, day: date) -> Cell | None:
    """Why a certificate does not count on `day`; None where it is valid."""
    status = record.status_on(day)
    if status == "valid":
        return None
    if status == "expired" and record.valid_until is not None:
        days = (day - record.valid_until).days
        zh = f"证书已于 {days} 天前到期（有效期至 {record.valid_until}，要求 {day} 有效）"
        en = f"expired {days} day{'' if days == 1 else 's'} before ({record.valid_until}; it must be valid on {day})"
    elif status == "not_yet_valid" and record.valid_from is not None:
        zh = f"证书自 {record.valid_from} 起才生效（要求 {day} 有效）"
        en = f"valid only from {record.valid_from} (it must be valid on {day})"
    else:
        term = record.kind.statuses[status] if status else None
        began = [
            each.since for each in record.states if each.status == status and each.since and each.since <= day
        ]
        zh = f"证书{f'自 {began[-1]} 起' if began else ''}处于“{term.zh if term else '状态不明'}”状态"
        en = f"{term.en.lower() if term else 'of unknown state'}{f' since {began[-1]}' if began else ''}"
    return _said(record, "not_met", status or "state_unknown", zh, en)


@dataclass(frozen=True, slots=True)
class Covered:
    """Whether a scope holds all that is required, none of it (False) or it is not sure (None), and what is missing."""

    all: bool | None
    missing: tuple[str, ...] = ()
    excepting: bool = False


def _by_content(record: PublicRecord, standard: bool | None, scope: Covered) -> Cell:
    if standard is None:
        return _said(
            record,
            "unknown",
            "standard_unsure",
            "证书有效，但登记信息不足以判断认证依据或版本是否符合，请核对证书原件",
            "valid, but the register does not tell whether the standard or its edition is the required one: read the certificate",
        )
    if scope.all is None:
        if scope.excepting:
            zh, en = "范围中写有除外内容", "its scope excepts something"
        elif scope.missing:
            zh, en = (
                f"范围中没有“{'、'.join(scope.missing)}”",
                f"its scope does not say {', '.join(scope.missing)}",
            )
        else:
            zh, en = "登记信息没有写明范围", "the register does not state its scope"
        return _said(
            record,
            "unknown",
            "scope_unsure",
            f"证书有效，但{zh}，请核对证书原件",
            f"valid, but {en}: read the certificate",
        )
    until = f"有效期至 {record.valid_until}" if record.valid_until else "没有载明有效期止"
    return _said(
        record,
        "met",
        "met",
        f"有效，{until}",
        f"valid, until {record.valid_until}" if record.valid_until else "valid, without a stated end",
    )


def _other_standard(record: PublicRecord) -> Cell:
    stated = text_in(record.values, "standard") or "—"
    return _said(
        record,
        "not_met",
        "other_standard",
        f"证书的认证依据是“{stated}”，与要求不同",
        f"the certificate is for another standard: {stated}",
    )


def _other_scope(record: PublicRecord, required: str) -> Cell:
    return _said(
        record, "not_met", "other_scope", f"证书的范围不含“{required}”", f"its scope does not hold {required}"
    )


def _said(record: PublicRecord, met: Met, reason: str, zh: str, en: str) -> Cell:
    number = record.number or ""
    return Cell(
        met,
        reason,
        f"{number}：{zh}。".lstrip("："),
        f"{number}: {en}.".lstrip(": "),
        record.number,
        record.id,
    )


def _of_kind(required: str, category: str) -> bool:
    """Whether a certificate of `category` is of the required kind: its words, or the standard that they stand for."""
    wanted = _stem(required)
    return wanted in key(category) or fits(required, "", category) is True


@lru_cache(maxsize=256)
def _stem(kind: str) -> str:
    """A kind of certificate as others write it too: `质量管理体系认证证书` and `质量管理体系认证` are one."""
    name = key(kind)
    name = SHORT_NAMES.get(name, name)
    ending = next((end for end in _ENDINGS if name.endswith(end) and len(name) > len(end) + 1), "")
    return name.removesuffix(ending)


def _covers(required: str, record: PublicRecord, category: str) -> Covered:
    stated = "；".join(filter(None, (text_in(record.values, column) for column in SCOPE_COLUMNS)))
    if not stated:
        return Covered(True) if key(required) in key(category) else Covered(None)
    if any(word in stated for word in EXCEPTING):
        return Covered(None, excepting=True)
    wanted = _words(required)
    if key(required) in key(stated):
        return Covered(True)
    held = frozenset(words(normalise(f"{stated}；{category}")))
    missing = tuple(word for word in wanted if word not in held)
    if not missing:
        return Covered(True)
    return Covered(False if len(missing) == len(wanted) else None, missing)


@lru_cache(maxsize=256)
def _words(required: str) -> tuple[str, ...]:
    found = dict.fromkeys(words(normalise(required)))
    return tuple(word for word in found if word not in FILLING) or tuple(found)
