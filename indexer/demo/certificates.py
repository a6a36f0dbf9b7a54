"""Invented certificates (认证证书) in every state, with numbers in the forms of domain.md 2.1."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from random import Random

from indexer.demo.bodies import CCC_BODY, CCC_CERTIFIER, CERTIFIERS, Certifier
from indexer.demo.facts import Certificate
from indexer.demo.firms import Conduct, Firm, Form, product_of
from indexer.demo.schemes import SCHEMES, Scheme
from indexer.demo.timeline import Timeline, first_day, last_day
from indexer.demo.trades import SELLERS, SERVICES

REASONS = {
    "暂停": (
        "未按期接受监督审核",
        "监督抽查产品不合格，限期整改",
        "违规使用认证标志",
        "未按规定缴纳认证费用",
    ),
    "撤销": ("暂停期满未完成整改", "发生重大质量事故", "监督审核发现体系严重失效", "提供虚假材料"),
    "注销": ("获证组织申请注销", "不再生产获证产品", "认证依据换版，未在期限内完成转换"),
}
"""Why a state changed (变更原因), by the new state."""

_STATES = ("valid", "expiring", "expired", "not_yet", "暂停", "撤销", "注销")
_CHANCES = {
    Conduct.EXEMPLARY: (88, 6, 5, 1, 0, 0, 0),
    Conduct.ORDINARY: (71, 6, 13, 2, 2, 1, 5),
    Conduct.CARELESS: (55, 6, 18, 1, 9, 4, 7),
    Conduct.OFFENDER: (34, 3, 20, 1, 18, 17, 7),
}


@dataclass(frozen=True, slots=True)
class _Period:
    issued_on: date
    valid_until: date
    status: str
    changed_on: date | None


def make_certificates(
    firms: Sequence[Firm], count: int, timeline: Timeline, rng: Random
) -> list[Certificate]:
    """`count` certificates, or one or two more: a certificate brings its sub-certificates (分证书) along."""
    holders = [firm for firm in firms if firm.form is not Form.SOLE_TRADER] or list(firms)
    found: list[Certificate] = []
    serial = 10_000
    while len(found) < count:
        serial += 1
        firm = rng.choice(holders)
        certificate = _certificate(firm, serial, timeline, rng)
        found.append(certificate)
        if "R" in certificate.number and rng.random() < 0.06:
            found += _sub_certificates(certificate, firm, rng)
    return found


def _certificate(firm: Firm, serial: int, timeline: Timeline, rng: Random) -> Certificate:
    style = rng.random()
    trade = firm.trade
    if trade.organic and style < 0.35:
        return _organic(firm, serial, timeline, rng)
    if trade.ccc and style < 0.45:
        return _ccc(firm, serial, timeline, rng)
    if trade.food_class and style > 0.92:
        return _green_food(firm, serial, timeline, rng)
    if style > 0.86 and trade.industrial:
        return _voluntary(firm, serial, timeline, rng)
    return _system(firm, serial, timeline, rng)


def _system(firm: Firm, serial: int, timeline: Timeline, rng: Random) -> Certificate:
    """Body, year of (re)certification, scheme, serial, R with how often it was renewed, size of the firm."""
    letter = rng.choice(firm.trade.systems)
    scheme = SCHEMES[letter]
    certifier = rng.choice([body for body in CERTIFIERS if letter in body.fields])
    period = _period(firm, 3, timeline, rng)
    renewed = rng.choices((0, 1, 2, 3), (45, 30, 18, 7))[0]
    tail = f"{scheme.letters}{serial:05d}R{renewed}{rng.choices('SML', (70, 25, 5))[0]}"
    number = f"{certifier.code}{period.issued_on:%y}{tail}"
    if letter in "FH":  # food schemes put their name before the year and do not count renewals
        number = f"{certifier.code}{scheme.letters}{period.issued_on:%y}{serial:05d}"
    product, _ = product_of(firm.trade, rng)
    activity = rng.choice(("的设计、生产和销售", "的生产和售后服务", "的生产", "的销售和服务"))
    if firm.trade.key in SERVICES:
        activity = "及相关管理活动"
    elif firm.trade.key in SELLERS:
        activity = "的销售"
    return _filled(firm, number, scheme, certifier, period, rng, scope=product.name + activity)


def _ccc(firm: Firm, serial: int, timeline: Timeline, rng: Random) -> Certificate:
    """强制性产品认证: 16 digits — year of first issue, body, class and group, serial."""
    product, model = product_of(firm.trade, rng)
    period = _period(firm, 5, timeline, rng)
    number = f"{period.issued_on:%Y}{CCC_BODY}{firm.trade.ccc}{serial:06d}"
    scheme = Scheme("强制性产品认证（CCC）", f"CNCA-C{firm.trade.ccc[:2]}-01；{product.standard}", "", "B01")
    return _filled(firm, number, scheme, CCC_CERTIFIER, period, rng, product=product.name, model=model)


def _organic(firm: Firm, serial: int, timeline: Timeline, rng: Random) -> Certificate:
    """有机产品: body, OP, year, serial; the number is kept on renewal, so its year may be older than the
    period's.
    """
    certifier = next(body for body in CERTIFIERS if "O" in body.fields)
    product, _ = product_of(firm.trade, rng)
    period = _period(firm, 1, timeline, rng)
    year = (period.issued_on.year - rng.choice((0, 0, 1, 2, 3))) % 100
    number = f"{certifier.code}OP{year:02d}{serial:05d}"
    scheme = Scheme("有机产品认证", "GB/T 19630-2019《有机产品 生产、加工、标识与管理体系要求》", "", "B03")
    scope = f"{product.name}的种植（养殖）、加工"
    return _filled(firm, number, scheme, certifier, period, rng, scope=scope, product=product.name)


def _green_food(firm: Firm, serial: int, timeline: Timeline, rng: Random) -> Certificate:
    """绿色食品: LB, class of product, ten digits, grade A."""
    product, _ = product_of(firm.trade, rng)
    period = _period(firm, 3, timeline, rng)
    number = f"LB-{firm.trade.food_class}-{period.issued_on:%y}{period.issued_on:%m}99{serial % 10_000:04d}A"
    scheme = Scheme("绿色食品标志使用许可", "NY/T 绿色食品产品标准", "", "")
    food = next(body for body in CERTIFIERS if "O" in body.fields)
    return _filled(firm, number, scheme, food, period, rng, product=product.name)


def _voluntary(firm: Firm, serial: int, timeline: Timeline, rng: Random) -> Certificate:
    """自愿性产品认证: the body's own number."""
    product, model = product_of(firm.trade, rng)
    period = _period(firm, 5, timeline, rng)
    certifier = rng.choice([body for body in CERTIFIERS if "P" in body.fields])
    number = f"SLCP{certifier.code[2:]}{period.issued_on:%y}{serial:06d}"
    kind = rng.choice(("节能产品认证", "绿色产品认证", "一般工业产品自愿性认证"))
    scheme = Scheme(kind, product.standard, "", "B02")
    return _filled(firm, number, scheme, certifier, period, rng, product=product.name, model=model)


def _filled(
    firm: Firm,
    number: str,
    scheme: Scheme,
    certifier: Certifier,
    period: _Period,
    rng: Random,
    *,
    scope: str = "",
    product: str = "",
    model: str = "",
) -> Certificate:
    reason = rng.choice(REASONS[period.status]) if period.status in REASONS else ""
    if period.status == "注销" and not firm.active:
        reason = "获证组织已注销登记"
    return Certificate(
        holder=firm.holder,
        number=number,
        category=scheme.category,
        project=scheme.project,
        standard=scheme.standard,
        scope=scope,
        product=product,
        model=model,
        issuer=certifier.name,
        issuer_number=certifier.approval_number,
        issued_on=period.issued_on,
        valid_until=period.valid_until,
        status=period.status,
        status_changed_on=period.changed_on,
        status_reason=reason,
    )


def _period(firm: Firm, years: int, timeline: Timeline, rng: Random) -> _Period:
    """Days and state of a certificate good for `years`. Expired and not yet valid are left to the calendar,
    as bodies do.
    """
    state = rng.choices(_STATES, _CHANCES[firm.conduct])[0]
    if not firm.active and state in ("valid", "expiring", "not_yet"):
        state = "注销"
    span = years * 365
    if state == "not_yet":
        issued = timeline.ago(-rng.randrange(1, 25))
        return _Period(issued, last_day(issued, years), "有效", None)
    left = {
        "valid": rng.randrange(31, span - 5),
        "expiring": rng.randrange(0, 31),
        "expired": -rng.choice((1, 1, *(rng.randrange(2, 700) for _ in range(8)))),
    }.get(state, rng.randrange(20, span - 250))
    until = timeline.ago(-left)
    issued = first_day(until, years)
    if state in REASONS:
        longest = 150 if state == "暂停" else min(span - left - 10, 600)
        return _Period(issued, until, state, timeline.ago(rng.randrange(3, longest)))
    return _Period(issued, until, "有效", None)


def _sub_certificates(certificate: Certificate, firm: Firm, rng: Random) -> list[Certificate]:
    """Sub-certificates for further sites: `-1`, `-2` or `/nnnn`; they share the parent's fate (domain.md
    2.1).
    """
    tails = (
        [f"-{at}" for at in range(1, rng.choice((2, 3)))]
        if rng.random() < 0.6
        else [f"/{rng.randrange(3200, 3300)}"]
    )
    return [
        replace(
            certificate, number=certificate.number + tail, scope=f"{certificate.scope}（{firm.city}分场所）"
        )
        for tail in tails
    ]
