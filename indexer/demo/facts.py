"""What the demonstration files say, before it is laid out in columns: one frozen class for each kind of
record.
"""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Holder:
    """Whom a record is about: unified code (or 15-digit registration number) and name. A natural person has
    no code.
    """

    code: str
    name: str
    region: str


@dataclass(frozen=True, slots=True)
class Enterprise:
    """A line of the enterprise register (企业登记)."""

    holder: Holder
    type: str
    capital: str
    registered_on: date
    scope: str
    city: str
    address: str
    representative: str
    former_names: str
    status: str


@dataclass(frozen=True, slots=True)
class Institution:
    """A technical body (机构): certification, testing, inspection, verification."""

    holder: Holder
    category: str
    approval_number: str


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate (认证证书). `project` is the national platform's code of its category."""

    holder: Holder
    number: str
    category: str
    project: str
    standard: str
    scope: str
    product: str
    model: str
    issuer: str
    issuer_number: str
    issued_on: date
    valid_until: date | None
    status: str = "有效"
    status_changed_on: date | None = None
    status_reason: str = ""


@dataclass(frozen=True, slots=True)
class Licence:
    """A licence (许可). `content` is what it permits."""

    holder: Holder
    number: str
    category: str
    content: str
    issuer: str
    issued_on: date
    valid_until: date | None
    status: str = "有效"


@dataclass(frozen=True, slots=True)
class Practitioner:
    """A person's professional qualification (从业人员)."""

    employer: Holder
    person: str
    qualification: str
    number: str
    issued_on: date
    valid_until: date


@dataclass(frozen=True, slots=True)
class Rating:
    """A quality credit grade (质量信用等级)."""

    holder: Holder
    grade: str
    scheme: str
    issuer: str
    rated_on: date
    valid_until: date


@dataclass(frozen=True, slots=True)
class Brand:
    """A brand or honour (品牌与荣誉)."""

    holder: Holder
    title: str
    level: str
    product: str
    awarded_by: str
    awarded_on: date
    valid_until: date | None


@dataclass(frozen=True, slots=True)
class Listing:
    """An entry of a list (红黑名单). `until` None: without end (终身) or until corrected."""

    holder: Holder
    list: str
    category: str
    reason: str
    basis: str
    authority: str
    document_number: str
    listed_on: date
    until: date | None
    removed_on: date | None = None
    removal_reason: str = ""


@dataclass(frozen=True, slots=True)
class Penalty:
    """A penalty (行政处罚). `fine` and `confiscated` in 元; `party` is 法人及非法人组织, 个体工商户 or
    自然人.
    """

    holder: Holder
    party: str
    document_number: str
    cause: str
    fact: str
    basis: str
    kinds: str
    content: str
    fine: int
    confiscated: int
    seized: str
    authority: str
    authority_code: str
    decided_on: date
    public_until: date
    repaired_on: date | None = None


@dataclass(frozen=True, slots=True)
class Inspection:
    """An inspection or a product check (监督检查)."""

    holder: Holder
    plan: str
    kind: str
    item: str
    result: str
    authority: str
    inspected_on: date
    follow_up: str


@dataclass(frozen=True, slots=True)
class Declaration:
    """What a firm declares of itself (自我声明)."""

    holder: Holder
    kind: str
    title: str
    number: str
    declared_on: date
    document: str
    person: str = ""


@dataclass(frozen=True, slots=True)
class Alert:
    """A risk warning or a recall (风险与召回)."""

    holder: Holder
    kind: str
    product: str
    hazard: str
    measure: str
    issued_on: date
    authority: str


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy document (政策文件), sent as text."""

    file_name: str
    text: str


Fact = (
    Enterprise
    | Institution
    | Certificate
    | Licence
    | Practitioner
    | Rating
    | Brand
    | Listing
    | Penalty
    | Inspection
    | Declaration
    | Alert
)
