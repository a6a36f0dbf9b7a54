"""Invented ratings (质量信用等级), brands and honours (品牌与荣誉), declarations (自我声明)."""

from collections.abc import Sequence
from random import Random

from indexer.demo.facts import Brand, Declaration, Rating
from indexer.demo.firms import Conduct, Firm, Form, person, product_of
from indexer.demo.grounds import HONOURS, RATING_SCHEME, Honour
from indexer.demo.timeline import Timeline, last_day

RATING_ISSUER = "江苏示例质量信用评价中心"

_GRADES = ("AAA", "AA", "A", "B", "C", "D")
_CHANCES = {
    Conduct.EXEMPLARY: (55, 35, 10, 0, 0, 0),
    Conduct.ORDINARY: (2, 14, 56, 26, 2, 0),
    Conduct.CARELESS: (0, 1, 18, 55, 24, 2),
    Conduct.OFFENDER: (0, 0, 2, 18, 48, 32),
}


def make_ratings(firms: Sequence[Firm], count: int, timeline: Timeline, rng: Random) -> list[Rating]:
    """`count` grades, good for three years; about a quarter have lapsed."""
    rated = [
        firm for firm in firms if firm.form is Form.COMPANY and firm.active and firm.trade.industrial
    ] or list(firms)
    seen: set[tuple[str, int]] = set()
    found: list[Rating] = []
    while len(found) < count:
        firm = rng.choice(rated)
        days = rng.randrange(5, 1_450)
        if (firm.holder.code, days) in seen:
            continue
        seen.add((firm.holder.code, days))
        grade = rng.choices(_GRADES, _CHANCES[firm.conduct])[0]
        day = timeline.ago(days)
        found.append(Rating(firm.holder, grade, RATING_SCHEME, RATING_ISSUER, day, last_day(day, 3)))
    return found


def make_brands(firms: Sequence[Firm], count: int, timeline: Timeline, rng: Random) -> list[Brand]:
    """`count` honours of firms that behave; some over, so that they show as former titles (历史称号)."""
    honoured = [
        firm for firm in firms if firm.active and firm.conduct in (Conduct.EXEMPLARY, Conduct.ORDINARY)
    ]
    honoured = [firm for firm in honoured if firm.form is Form.COMPANY] or list(firms)
    weights = [3 if firm.conduct is Conduct.EXEMPLARY else 1 for firm in honoured]
    seen: set[tuple[str, str, int]] = set()
    found: list[Brand] = []
    while len(found) < count:
        firm = rng.choices(honoured, weights)[0]
        honours = [each for each in HONOURS if _fits(each, firm)]
        honour = rng.choices(honours, [each.weight for each in honours])[0]
        days = rng.randrange(10, 2_200)
        if (firm.holder.code, honour.title, days) in seen:
            continue
        seen.add((firm.holder.code, honour.title, days))
        day = timeline.ago(days)
        product, _ = product_of(firm.trade, rng)
        found.append(
            Brand(
                holder=firm.holder,
                title=honour.title.format(city=firm.city),
                level=honour.level,
                product="" if "质量奖" in honour.title else product.name,
                awarded_by=honour.awarded_by.format(city=firm.city),
                awarded_on=day,
                valid_until=last_day(day, honour.years) if honour.years else None,
            )
        )
    return found


def _fits(honour: Honour, firm: Firm) -> bool:
    """Geographical indications are of farm goods, prizes anybody's, the rest industry's."""
    if "地理标志" in honour.title:
        return firm.trade.organic
    return firm.trade.industrial or "质量奖" in honour.title


def make_declarations(
    firms: Sequence[Firm], count: int, timeline: Timeline, rng: Random
) -> list[Declaration]:
    """`count` declarations: standards, promises, reports, chief quality officers."""
    companies = [firm for firm in firms if firm.form is Form.COMPANY] or list(firms)
    kinds = ("企业标准自我声明", "质量承诺", "企业年度报告", "社会责任报告", "首席质量官")
    return [
        _declaration(rng.choice(companies), rng.choices(kinds, (40, 22, 22, 8, 8))[0], serial, timeline, rng)
        for serial in range(1, count + 1)
    ]


def _declaration(firm: Firm, kind: str, serial: int, timeline: Timeline, rng: Random) -> Declaration:
    if kind == "企业标准自我声明" and not firm.trade.industrial:
        kind = "质量承诺"
    day = timeline.ago(rng.randrange(1, 1_500))
    product, _ = product_of(firm.trade, rng)
    number, who = f"SLSM-{day:%Y}-{serial:05d}", ""
    match kind:
        case "企业标准自我声明":
            title, number = product.name, f"Q/SL{serial % 1_000:03d} {serial:03d}-{day:%Y}"
        case "质量承诺":
            title = "产品质量安全承诺书"
        case "企业年度报告":
            title = f"{day.year - 1}年度报告"
        case "社会责任报告":
            title = f"{day.year - 1}年度企业社会责任报告"
        case _:
            title, who = "首席质量官任命公告", person(rng)
    return Declaration(firm.holder, kind, title, number, day, f"{title}（示例文件，无原件）", who)
