"""Invented penalties (行政处罚) of every class: only a warning, minor, general, serious; some repaired, some
past publicity.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from indexer.demo.bodies import authority
from indexer.demo.facts import Holder, Penalty
from indexer.demo.firms import Conduct, Firm, Form, person, product_of
from indexer.demo.offences import MINOR_ANYWHERE, OFFENCES, WARNED, Offence
from indexer.demo.timeline import Timeline, months_after

HEAVY_FINE = 2_000_000
"""A fine from which government procurement is closed (财库〔2022〕3号), in 元."""

HIGHEST_MINOR_FINE = 5_000
"""The fine of a minor (轻微) case here, in 元."""

ORGANISATION, SOLE_TRADER, PERSON = "法人及非法人组织", "个体工商户", "自然人"

_CLASSES = ("warning", "minor", "general", "serious")
_CHANCES = {
    Conduct.ORDINARY: (45, 45, 10, 0),
    Conduct.CARELESS: (18, 34, 45, 3),
    Conduct.OFFENDER: (4, 16, 45, 35),
}
_MONTHS_SHOWN = {"warning": 3, "minor": 3, "general": 12, "serious": 36}
_REPAIR_AFTER = {"minor": 30, "general": 100, "serious": 370}  # days; 信用修复管理办法 (发改委令36)


def make_penalties(firms: Sequence[Firm], count: int, timeline: Timeline, rng: Random) -> list[Penalty]:
    """`count` penalties; one in twenty-five is a natural person's, without any code."""
    pools = {conduct: [firm for firm in firms if firm.conduct is conduct] for conduct in _CHANCES}
    pools = {conduct: pool for conduct, pool in pools.items() if pool} or {Conduct.ORDINARY: list(firms)}
    weights = [
        {Conduct.ORDINARY: 25, Conduct.CARELESS: 40, Conduct.OFFENDER: 35}[conduct] for conduct in pools
    ]
    found = []
    for serial in range(1, count + 1):
        conduct = rng.choices(tuple(pools), weights)[0]
        found.append(_penalty(rng.choice(pools[conduct]), conduct, serial, timeline, rng))
    return found


@dataclass(frozen=True, slots=True)
class Sanction:
    """What is imposed: kinds (处罚种类), wording, amounts in 元 and what licence is taken."""

    kinds: str
    content: str
    fine: int = 0
    confiscated: int = 0
    seized: str = ""


def sanction(
    *, fine: int = 0, confiscated: int = 0, stop: bool = False, seized: str = "", ban: str = ""
) -> Sanction:
    """A sanction put into the words of a decision; nothing at all is a warning (警告)."""
    parts = []
    if confiscated:
        parts.append(("没收违法所得", f"没收违法所得人民币{confiscated:,}元"))
    if fine:
        parts.append(("罚款", f"罚款人民币{fine:,}元"))
    if stop:
        parts.append(("责令停产停业", "责令停产停业整顿"))
    if seized:
        parts.append(("吊销许可证件", f"吊销{seized}"))
    if ban:
        parts.append(("限制从业", ban))
    parts = parts or [("警告", "警告")]
    content = (
        "；".join(f"{at}．{text}" for at, (_, text) in enumerate(parts, 1)) if len(parts) > 1 else parts[0][1]
    )
    return Sanction("、".join(kind for kind, _ in parts), content + "。", fine, confiscated, seized)


def _penalty(firm: Firm, conduct: Conduct, serial: int, timeline: Timeline, rng: Random) -> Penalty:
    grade = rng.choices(_CLASSES, _CHANCES[conduct])[0]
    offence = OFFENCES[rng.choice(firm.trade.hazards)]
    if grade == "serious":
        graves = [OFFENCES[key] for key in firm.trade.hazards if OFFENCES[key].grave]
        offence = rng.choice(graves) if graves else offence
    if grade == "minor" and offence.fine[0] > HIGHEST_MINOR_FINE:
        minors = [OFFENCES[key] for key in firm.trade.hazards if OFFENCES[key].fine[0] <= HIGHEST_MINOR_FINE]
        offence = rng.choice(minors) if minors else OFFENCES[MINOR_ANYWHERE]
    worth, petty = rng.randrange(2_000, 90_000), rng.randrange(40, 900)
    gains = petty if "{petty}" in offence.fact else worth * rng.randrange(10, 40) // 100
    imposed = _sanction(grade, offence, gains if offence.confiscates else 0, rng)
    cause, fact, basis = offence.cause, offence.fact, offence.basis
    if grade == "warning":
        warned = rng.choice([each for each in WARNED if not each.trades or firm.trade.key in each.trades])
        cause, fact, basis = warned.cause, warned.fact, warned.basis
    product, model = product_of(firm.trade, rng)
    holder, party = firm.holder, SOLE_TRADER if firm.form is Form.SOLE_TRADER else ORGANISATION
    if rng.random() < 0.04:
        holder, party = Holder("", person(rng), firm.holder.region), PERSON
    days = rng.randrange(4, 1_400)
    decided = timeline.office_day(days)
    repaired = None
    least = _REPAIR_AFTER.get(grade, days)
    if days > least + 10 and rng.random() < 0.22:
        repaired = timeline.ago(rng.randrange(1, days - least))
    office = authority(firm.city, "市场监督管理局")
    return Penalty(
        holder=holder,
        party=party,
        document_number=f"{office.short}市监处罚〔{decided:%Y}〕{serial:05d}号",
        cause=cause,
        fact=fact.format(
            product=product.name,
            model=model,
            standard=product.standard,
            count=rng.randrange(20, 2_000),
            small=rng.randrange(2, 12),
            worth=f"{worth:,}",
            petty=str(petty),
        ),
        basis=basis,
        kinds=imposed.kinds,
        content=imposed.content,
        fine=imposed.fine,
        confiscated=imposed.confiscated,
        seized=imposed.seized,
        authority=office.name,
        authority_code=office.code,
        decided_on=decided,
        public_until=months_after(decided, _MONTHS_SHOWN[grade]),
        repaired_on=repaired,
    )


def _sanction(grade: str, offence: Offence, gains: int, rng: Random) -> Sanction:
    lowest, highest = offence.fine
    if grade == "warning":
        return sanction()
    if grade == "minor":
        return sanction(fine=_rounded(rng.randrange(lowest, min(highest, HIGHEST_MINOR_FINE) + 1)))
    fine = _rounded(rng.randrange(lowest, highest + 1))
    if grade == "general" or not offence.grave:
        return sanction(fine=fine, confiscated=gains)
    if rng.random() < 0.1:
        fine = _rounded(rng.randrange(HEAVY_FINE, 2 * HEAVY_FINE))
    takes = rng.random() < 0.45
    return sanction(fine=fine, confiscated=gains, stop=not takes, seized=offence.licence if takes else "")


def _rounded(amount: int) -> int:
    """Fines are round: to 100 元 below 10,000, else to 1,000."""
    step = 100 if amount < 10_000 else 1_000
    return max(step, amount // step * step)
