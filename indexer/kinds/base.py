"""What a record kind (记录种类) is made of: its columns, vocabulary, checks, publicity, search fields and
page section.

A kind is one module of this package that defines `KIND`, an instance of a `Kind` subclass. Readers, register,
search, pages and API work from what stands here; none of them knows a kind by name.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from typing import ClassVar, TypedDict

from indexer.rules.publicity import Publicity
from indexer.rules.repair import Repair


class Money(TypedDict):
    """An amount: `value` in whole units (元) as a decimal string, `currency` an ISO 4217 code."""

    value: str
    currency: str


Value = str | int | Money
"""One cell after its check: text, ISO date ("2018-03-05"), integer or amount."""

Values = Mapping[str, Value]
"""A row after its check, by column name; an empty cell has no entry."""


class Type(Enum):
    """How a cell is read."""

    TEXT = "text"
    DATE = "date"
    AMOUNT = "amount"
    INTEGER = "integer"
    CHOICE = "choice"


class Show(Enum):
    """How the public sees a column (domain.md parts 5 and 6)."""

    PLAIN = "plain"
    SCANNED = "scanned"  # free text: identity numbers, telephones and bank cards in it are masked
    PERSON = "person"  # a person's name: 张** unless the reader may know it
    ADDRESS = "address"  # shown to street level where the subject is a natural person's trade
    NEVER = "never"


class Find(Enum):
    """What a column gives to search."""

    TITLE = "title"  # what the record is called: weighted high
    TEXT = "text"  # long text: weighted low
    CODE = "code"  # a number found whole, by prefix, or with confusable letters
    ISSUER = "issuer"  # facet and text


class Tone(Enum):
    """How a state is coloured; never the only sign of it."""

    GOOD = "good"
    NEUTRAL = "neutral"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Term:
    """One word of a vocabulary: stable `code`, Chinese and English, other spellings met in files; `caution` is what a reader has to
    know before relying on a record in this state, in a sentence.
    """

    code: str
    zh: str
    en: str
    aliases: tuple[str, ...] = ()
    tone: Tone = Tone.NEUTRAL
    final: bool = False  # no way out of this state (domain.md 2.2)
    caution: str = ""
    caution_en: str = ""


class Vocabulary:
    """A closed list of terms; looked up by code, Chinese, English or alias in any case."""

    def __init__(self, *terms: Term) -> None:
        self.terms = terms
        self._by_code = {term.code: term for term in terms}
        self._by_word = {
            word.casefold(): term for term in terms for word in (term.code, term.zh, term.en, *term.aliases)
        }

    def __iter__(self) -> Iterator[Term]:
        return iter(self.terms)

    def __getitem__(self, code: str) -> Term:
        return self._by_code[code]

    def __contains__(self, code: object) -> bool:
        return code in self._by_code

    def find(self, word: str) -> Term | None:
        """The term that `word` (as a file has it) means, or None."""
        return self._by_word.get(word.strip().casefold())


@dataclass(frozen=True, slots=True)
class Column:
    """One column (字段) of a kind: `name` in JSON and English headers, `label` in Chinese headers and on
    pages.

    `aliases` are further headers that mean the same, national templates among them (`XK_WSH`, `certNumber`).
    `units` gives, for a header whose bare numbers are not in 元, the unit they are in ("万元").
    """

    name: str
    label: str
    type: Type = Type.TEXT
    required: bool = False
    aliases: tuple[str, ...] = ()
    units: Mapping[str, str] = field(default_factory=dict)
    choices: Vocabulary | None = None
    show: Show = Show.PLAIN
    find: Find | None = None
    maximum: int = 500  # characters
    label_en: str = ""

    @property
    def english(self) -> str:
        """The English label: `label_en`, else made from the name ("valid_until" → "Valid until")."""
        return self.label_en or self.name.replace("_", " ").capitalize()


def both_prefixes(*names: str) -> tuple[str, ...]:
    """National template (双公示, 发改办财金〔2018〕424号) names that licences and penalties share: as they
    are, `XK_…` and `CF_…`.
    """
    return tuple(prefix + name for name in names for prefix in ("", "XK_", "CF_"))


SUBJECT_COLUMNS: tuple[Column, ...] = (
    Column(
        "uscc",
        "统一社会信用代码",
        aliases=(
            "社会信用代码",
            "信用代码",
            "统一信用代码",
            "组织机构代码",
            "organisation_code",
            "工商注册号",
            "注册号",
            "registration_number",
            *both_prefixes("XDR_SHXYM", "XDR_ZZJG", "XDR_ZDM", "XDR_GSZC", "XDR_GSDJ", "XDR_SWDJ"),
            "税务登记号",
        ),
        label_en="Unified social credit code",
        find=Find.CODE,
        maximum=64,
    ),
    Column(
        "name",
        "主体名称",
        aliases=(
            "企业名称",
            "单位名称",
            "机构名称",
            "获证组织名称",
            "持证人",
            "行政相对人名称",
            "当事人",
            "orgName",
            *both_prefixes("XDR_MC", "XDR"),
        ),
        maximum=300,
    ),
    Column(
        "source",
        "数据来源",
        aliases=(
            "数据来源单位",
            "SJLY",
            "CF_SJLY",
            "XK_SJLY",
            "LYDW",
            "XK_LYDW",
            "CF_LYDW",
        ),
        maximum=300,
    ),
    Column("source_id", "来源编号", maximum=200),
    Column(
        "region",
        "行政区划",
        aliases=("行政区划代码", "地方编码", *both_prefixes("DFBM")),
        maximum=100,
    ),
)
"""What every kind has (contract.md, "Files that `ingest` takes"). Several code columns may stand in one file:
the first that is filled, strongest first, keys the row."""


PRIVATE_COLUMNS: tuple[Column, ...] = (
    Column(
        "id_number",
        "身份证号",
        aliases=(
            "身份证号码",
            "公民身份号码",
            "居民身份证号",
            "身份证",
            "证件号码",
            *both_prefixes("XDR_ZJHM", "XDR_SFZ"),
        ),
        show=Show.NEVER,
        label_en="Identity number",
    ),
    Column(
        "id_type",
        "证件类型",
        aliases=both_prefixes("XDR_ZJLX"),
        show=Show.NEVER,
        label_en="Identity document",
    ),
    Column(
        "representative_id_number",
        "法定代表人证件号码",
        aliases=("法定代表人身份证号", *both_prefixes("FR_ZJHM", "FR_SFZH")),
        show=Show.NEVER,
        label_en="Representative's identity number",
    ),
    Column(
        "representative_id_type",
        "法定代表人证件类型",
        aliases=both_prefixes("FR_ZJLX"),
        show=Show.NEVER,
        label_en="Representative's identity document",
    ),
    Column(
        "telephone",
        "联系电话",
        aliases=("电话", "手机", "手机号", "手机号码", "phone"),
        show=Show.NEVER,
    ),
    Column("bank_account", "银行账号", aliases=("银行账户", "开户账号"), show=Show.NEVER),
    Column("home_address", "家庭住址", aliases=("家庭地址",), show=Show.NEVER),
    Column("informer", "举报人", aliases=("投诉人",), show=Show.NEVER),
    Column(
        "risk_class",
        "信用风险分类",
        aliases=("企业信用风险分类", "风险分类", "风险等级"),
        show=Show.NEVER,
    ),
)
"""What every kind keeps to itself when a file has it (domain.md part 6; 政府信息公开条例 14, 15;
国市监信发〔2022〕6号 for the internal risk class). They stand here because unknown columns are shown as they
are, and these must not be unknown to any kind."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a row can not be taken: the column's label and the reason with what to do, for the rejects file."""

    column: str
    zh: str


@dataclass(frozen=True, slots=True)
class State:
    """A stored state and the day from which it holds (None: from the start)."""

    since: date | None
    status: str


@dataclass(frozen=True, slots=True)
class Section:
    """A kind's part of the credit file: where it stands and which columns its table shows."""

    order: int
    columns: tuple[str, ...]
    empty: str = "没有公示的记录。"


class Kind:
    """A record kind. Subclass it, set the class attributes, override what differs; see
    docs/adding-a-kind.md.
    """

    name: ClassVar[str]  # singular English: `certificate`
    label: ClassVar[str]  # Chinese: 认证证书
    label_en: ClassVar[str]  # English, plural: Certificates
    columns: ClassVar[tuple[Column, ...]]
    key: ClassVar[tuple[str, ...]]  # columns that make a record one and the same across files
    section: ClassVar[Section]
    title: ClassVar[str]  # column a record is called by
    number: ClassVar[str | None] = None  # column with the number people look up
    category: ClassVar[str | None] = None  # column to group by
    dated: ClassVar[str | None] = None  # the day that orders records, newest first
    valid_from: ClassVar[str | None] = None
    valid_until: ClassVar[str | None] = None
    status_since: ClassVar[str | None] = None  # column: the day on which `status` began
    statuses: ClassVar[Vocabulary] = Vocabulary()
    subject_type: ClassVar[str | None] = None  # kinds that describe a subject itself: enterprise, institution
    of_persons: ClassVar[bool] = (
        False  # about single persons: in no list and no bulk export (domain.md part 6)
    )
    verifiable: ClassVar[bool] = False  # can be verified by its number with /verify
    needs_subject: ClassVar[bool] = True  # False: a record of nobody in particular (policy)
    subject_optional: ClassVar[bool] = False  # True: a row may name a subject but need not (alert)
    lasting: ClassVar[
        tuple[str, ...]
    ] = ()  # columns that a file's silence does not empty once they are filled
    aliases: ClassVar[tuple[str, ...]] = ()  # other words for the kind, in Chinese
    signature: ClassVar[
        tuple[str, ...]
    ] = ()  # a file that fits several kinds is of the one whose all these it has

    _all_columns: ClassVar[tuple[Column, ...]]

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        about = SUBJECT_COLUMNS if cls.needs_subject else SUBJECT_COLUMNS[2:]
        own = {column.name for column in cls.columns}
        private = (column for column in PRIVATE_COLUMNS if column.name not in own)
        cls._all_columns = (*about, *cls.columns, *private)

    def all_columns(self) -> tuple[Column, ...]:
        """The kind's columns with those that every kind has (no code and name for a kind without subject)."""
        return self._all_columns

    def check(self, values: dict[str, Value], today: date) -> Iterator[Problem]:
        """What is wrong with a whole row, beyond its single cells. May fill in derived values. Default:
        nothing.

        `values` holds `uscc` (as the row has it) and `name` here, but no longer when it is stored: what
        `publicity` needs to know of them is settled here.

        The common check, that an end does not precede its start, is made for every kind.
        """
        return iter(())

    def publicity(self, values: Values, today: date) -> Publicity:
        """When the public may see the record. Default: always."""
        return Publicity()

    def repair(self, values: Values, today: date) -> Repair | None:
        """What the rules say of the record's repair (信用修复). Default: nothing, it is of no adverse kind."""
        return None

    def first_status(self, values: Values) -> str | None:
        """The state that the file states (a code of `statuses`). Default: column `status`, else the
        vocabulary's first.
        """
        status = values.get("status")
        if isinstance(status, str):
            return status
        return self.statuses.terms[0].code if self.statuses.terms else None

    def status_on(
        self,
        states: Sequence[State],
        valid_from: date | None,
        valid_until: date | None,
        day: date,
    ) -> str | None:
        """The effective state on `day` (Asia/Shanghai). `states` are in order of `since`.

        Default for kinds without a period: the stored state of that day.
        """
        return stored_status(self.statuses, states, day)


def day_in(values: Values, column: str) -> date | None:
    """The day in a date column of a checked row, None where it is empty."""
    value = values.get(column)
    return date.fromisoformat(value) if isinstance(value, str) else None


def text_in(values: Values, column: str) -> str:
    """The text in a column of a checked row, "" where it is empty."""
    value = values.get(column)
    return value if isinstance(value, str) else ""


def stored_status(statuses: Vocabulary, states: Sequence[State], day: date) -> str | None:
    """The last state that began on or before `day`; before all of them the ordinary state, the vocabulary's
    first.
    """
    current = statuses.terms[0].code if statuses.terms else None
    for state in states:
        if state.since is None or state.since <= day:
            current = state.status
    return current


def effective_status(
    statuses: Vocabulary,
    states: Sequence[State],
    valid_from: date | None,
    valid_until: date | None,
    day: date,
) -> str | None:
    """Effective state of something with a period of validity, on `day` (domain.md 2.2).

    A final state (撤销, 注销) wins from the day it began; else after `valid_until` it is `expired` (the day
    itself is still valid); else before `valid_from` it is `not_yet_valid`; else the stored state.
    """
    for state in states:
        if statuses[state.status].final and (state.since is None or state.since <= day):
            return state.status
    if valid_until is not None and day > valid_until:
        return "expired"
    if valid_from is not None and day < valid_from:
        return "not_yet_valid"
    return stored_status(statuses, states, day)
