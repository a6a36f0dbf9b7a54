"""What records look like on their way out (交换模板): the national 双公示 templates for licences and penalties, and for the other kinds the
kind's own columns under their Chinese names, as `ingest` reads them.

发改办财金〔2018〕424号, as domain.md part 4 gives it: lengths, what is required (R) and what under a condition (C), amounts in 万元, the words of
处罚类别. A record that does not meet it is neither sent nor cut short: `render` says what is wrong.

What goes out comes from the door alone. Numbers of identity documents have no column here, and neither has 法定代表人: of persons the door
gives masked names, which are none. `FORMAT` is raised when what is written changes, so that partners get everything anew.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cache

from indexer.kinds import kinds
from indexer.kinds.base import Column, Kind, Money, Show, Type, Value
from indexer.kinds.penalty import PENALTY_KINDS
from indexer.kinds.persons import SUBJECT_KINDS
from indexer.register.disclosure import PublicRecord

FORMAT = 1
NOT_EXCHANGED = ("FRDB", "FR_ZJLX", "FR_ZJHM", "XDR_ZJLX", "XDR_ZJHM")
"""Columns of the national templates that are about persons: not in our files."""

WAN = Decimal(10_000)


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a record can not be sent: the template's column and a sentence in Chinese."""

    column: str
    zh: str


@dataclass(frozen=True, slots=True)
class Out:
    """One column of a template: its heading, its longest text, what a record says there, and when that must not be empty."""

    heading: str
    longest: int
    said: Callable[[PublicRecord], str]
    required: Callable[[PublicRecord], bool] = lambda record: False


@dataclass(frozen=True, slots=True)
class Template:
    """The file of one kind. `check` finds what is wrong beyond single columns."""

    kind: str
    columns: Sequence[Out]
    check: Callable[[PublicRecord], list[Fault]] = lambda record: []

    @property
    def header(self) -> tuple[str, ...]:
        """The headings."""
        return tuple(column.heading for column in self.columns)

    def render(self, record: PublicRecord) -> list[str] | list[Fault]:
        """The cells of a record, or all that keeps it from being sent."""
        cells: list[str] = []
        faults = self.check(record)
        for column in self.columns:
            try:
                text = column.said(record)
            except ValueError as error:
                faults.append(Fault(column.heading, str(error)))
                continue
            if not text and column.required(record):
                faults.append(Fault(column.heading, "模板要求必填，记录中没有。"))
            if len(text) > column.longest:
                faults.append(
                    Fault(column.heading, f"有 {len(text)} 个字符，模板最多 {column.longest} 个，没有截短。")
                )
            cells.append(text)
        return faults or cells


def faults_in(rendered: list[str] | list[Fault]) -> list[Fault]:
    """What keeps a rendered record from being sent; empty where nothing does."""
    return [each for each in rendered if isinstance(each, Fault)]


def template(kind: str) -> Template:
    """The template of a kind."""
    return {"licence": LICENCE, "penalty": PENALTY}.get(kind) or _own(kind)


def _text(column: str) -> Callable[[PublicRecord], str]:
    def said(record: PublicRecord) -> str:
        value = record.values.get(column, "")
        return value if isinstance(value, str) else str(value)

    return said


def _of_subject(part: str) -> Callable[[PublicRecord], str]:
    return lambda record: (getattr(record.subject, part) or "") if record.subject is not None else ""


def _wan(column: str) -> Callable[[PublicRecord], str]:
    """An amount in 万元, at most 18 digits, six of them behind the point; exactly or not at all."""

    def said(record: PublicRecord) -> str:
        value = record.values.get(column)
        return in_wan(value) if isinstance(value, dict) else ""

    return said


def in_wan(value: Money) -> str:
    """An amount in 万元 with six decimals at most. Raises ValueError in Chinese where that would not be exact."""
    if value["currency"] != "CNY":
        raise ValueError("不是人民币，模板只收万元。")
    try:
        wan = Decimal(value["value"]) / WAN
    except InvalidOperation:
        raise ValueError("不是金额。") from None
    if wan != round(wan, 6) or abs(wan) >= 10**12:
        raise ValueError("换算成万元后超出模板的位数（18，6）。")
    text = f"{wan:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _always(record: PublicRecord) -> bool:
    return True


def _organisation(record: PublicRecord) -> bool:
    return record.values.get("subject_kind", "organisation") == "organisation"


def _kinds_named(*codes: str) -> Callable[[PublicRecord], bool]:
    words = {PENALTY_KINDS[code].zh for code in codes}
    return lambda record: not words.isdisjoint(str(record.values.get("kinds", "")).split("、"))


def _subject_kind(record: PublicRecord) -> str:
    code = record.values.get("subject_kind")
    return SUBJECT_KINDS[code].zh if isinstance(code, str) else SUBJECT_KINDS["organisation"].zh


def _state(record: PublicRecord) -> str:
    """ZT: 1 valid, 2 not. What the file said counts; that the period is over shows by its last day."""
    return "1" if record.values.get("status", "valid") == "valid" else "2"


def _penalty_words(record: PublicRecord) -> list[Fault]:
    known = {term.zh for term in PENALTY_KINDS}
    unknown = [word for word in str(record.values.get("kinds", "")).split("、") if word and word not in known]
    return [Fault("CF_CFLB", f"“{word}”不在处罚类别的词表里。") for word in unknown]


def _both(prefix: str) -> tuple[Out, ...]:
    """The subject's columns, which both templates have."""
    return (
        Out(f"{prefix}XDR_MC", 200, lambda record: record.name or _of_subject("name")(record), _always),
        Out(f"{prefix}XDR_LB", 16, _subject_kind, _always),
        Out(f"{prefix}XDR_SHXYM", 18, _of_subject("uscc"), _organisation),
        Out(f"{prefix}XDR_GSZC", 50, _of_subject("registration_number")),
        Out(f"{prefix}XDR_ZZJG", 9, _of_subject("organisation_code")),
        Out(f"{prefix}XDR_SYDW", 12, _text("institution_certificate_number")),
        Out(f"{prefix}XDR_SHZZ", 50, _text("social_organisation_number")),
    )


LICENCE = Template(
    "licence",
    (
        *_both("XK_"),
        Out("XK_XKWS", 64, _text("document_title"), _always),
        Out("XK_WSH", 64, _text("document_number"), _always),
        Out("XK_XKLB", 256, _text("permission_type"), _always),
        Out("XK_XKZS", 64, _text("category")),
        Out("XK_XKBH", 64, _text("number")),
        Out("XK_NR", 4000, _text("content"), _always),
        Out("XK_JDRQ", 10, _text("issued_on"), _always),
        Out("XK_YXQZ", 10, _text("valid_from"), _always),
        Out("XK_YXQZI", 10, _text("valid_until"), _always),
        Out("XK_XKJG", 200, _text("issuer"), _always),
        Out("XK_XKJGDM", 18, _text("issuer_code"), _always),
        Out("XK_ZT", 1, _state, _always),
        Out("XK_LYDW", 200, lambda record: record.source or "", _always),
        Out("XK_LYDWDM", 18, _text("source_code"), _always),
        Out("BZ", 4000, _text("remark")),
    ),
)
"""XK_*: administrative licences."""

PENALTY = Template(
    "penalty",
    (
        *_both("CF_"),
        Out("CF_WSH", 128, _text("document_number"), _always),
        Out("CF_WFXW", 2000, _text("cause"), _always),
        Out("CF_SY", 5000, _text("fact"), _always),
        Out("CF_YJ", 2000, _text("basis"), _always),
        Out("CF_CFLB", 64, _text("kinds"), _always),
        Out("CF_NR", 4000, _text("content"), _always),
        Out("CF_NR_FK", 19, _wan("fine"), _kinds_named("fine")),
        Out("CF_NR_WFFF", 19, _wan("confiscated"), _kinds_named("confiscation_gains", "confiscation_goods")),
        Out(
            "CF_NR_ZKDX",
            200,
            _text("licence_affected"),
            _kinds_named("licence_suspension", "licence_revocation"),
        ),
        Out("CF_JDRQ", 10, _text("decided_on"), _always),
        Out("CF_YXQ", 10, _text("effective_until")),
        Out(
            "CF_GSJZQ",
            10,
            lambda record: record.public_until.isoformat() if record.public_until else "",
            _always,
        ),
        Out("CF_CFJG", 200, _text("authority"), _always),
        Out("CF_CFJGDM", 18, _text("authority_code"), _always),
        Out("CF_SJLY", 200, lambda record: record.source or "", _always),
        Out("CF_SJLYDM", 18, _text("source_code"), _always),
        Out("BZ", 4000, _text("remark")),
    ),
    _penalty_words,
)
"""CF_*: administrative penalties. GSJZQ is the day on which publication ends here: the earliest of what is stated and what the rules give."""


@cache
def _own(name: str) -> Template:
    """The columns of a kind that anybody may see as they are, under their Chinese names."""
    kind = kinds()[name]
    shown = [column for column in kind.all_columns() if column.show in (Show.PLAIN, Show.SCANNED)]
    return Template(name, tuple(_own_column(kind, column) for column in shown))


def _name(record: PublicRecord) -> str:
    return record.name or ""


def _source(record: PublicRecord) -> str:
    return record.source or ""


def _own_column(kind: Kind, column: Column) -> Out:
    said: Callable[[PublicRecord], str]
    if kind.needs_subject and column.name == "uscc":
        said = _of_subject("code")
    elif kind.needs_subject and column.name == "name":
        said = _name
    elif column.name == "source":
        said = _source
    else:
        said = _written(column)
    return Out(column.label, column.maximum, said, lambda record: column.required)


def _written(column: Column) -> Callable[[PublicRecord], str]:
    def said(record: PublicRecord) -> str:
        value: Value | None = record.values.get(column.name)
        if value is None:
            return ""
        if isinstance(value, dict):
            return value["value"] + ("" if value["currency"] == "CNY" else f" {value['currency']}")
        if column.type is Type.CHOICE and column.choices is not None and str(value) in column.choices:
            return column.choices[str(value)].zh
        return str(value)

    return said
