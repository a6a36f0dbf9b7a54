"""Invented entries of lists (红黑名单): current, ended, removed after correction or repair (信用修复)."""

from collections.abc import Sequence
from random import Random

from indexer.demo.bodies import authority
from indexer.demo.facts import Holder, Listing
from indexer.demo.firms import Conduct, Firm, person
from indexer.demo.grounds import GROUNDS, Ground
from indexer.demo.timeline import Timeline, months_after

LIST_NAMES = {"red": "红名单", "black": "黑名单", "watch": "重点关注", "abnormal": "经营异常"}

_CONDUCTS = {
    "red": (Conduct.EXEMPLARY,),
    "black": (Conduct.OFFENDER,),
    "watch": (Conduct.CARELESS, Conduct.OFFENDER),
    "abnormal": (Conduct.CARELESS, Conduct.ORDINARY, Conduct.OFFENDER),
}
_CORRECTED = {
    "未依照规定期限公示年度报告": "已补报并公示年度报告，申请移出",
    "通过登记的住所或者经营场所无法联系": "已办理住所变更登记，申请移出",
    "公示企业信息隐瞒真实情况、弄虚作假": "已更正公示信息，申请移出",
}


def make_listings(firms: Sequence[Firm], count: int, timeline: Timeline, rng: Random) -> list[Listing]:
    """`count` entries; a few judgment debtors (失信被执行人) are natural persons without any code."""
    weights = [ground.weight for ground in GROUNDS]
    pools = {ground: _pool(ground, firms) for ground in GROUNDS}
    found = []
    for serial in range(1, count + 1):
        ground = rng.choices(GROUNDS, weights)[0]
        found.append(_listing(rng.choice(pools[ground]), ground, serial, timeline, rng))
    return found


def _pool(ground: Ground, firms: Sequence[Firm]) -> list[Firm]:
    """Firms that the ground fits, by conduct and by trade."""
    pool = [firm for firm in firms if firm.conduct in _CONDUCTS[ground.list]]
    if "食品" in ground.reason:
        fitting = [firm for firm in pool if firm.trade.food_class]
    elif "认证标志" in ground.reason:
        fitting = [firm for firm in pool if firm.trade.ccc]
    else:
        fitting = [firm for firm in pool if firm.active or ground.list != "red"]
    return fitting or pool or list(firms)


def _listing(firm: Firm, ground: Ground, serial: int, timeline: Timeline, rng: Random) -> Listing:
    office = authority(firm.city, ground.office)
    state = rng.choices(("current", "ended", "removed"), (58, 18, 24))[0]
    months = ground.months or 30
    if state == "ended" and ground.months:
        days = rng.randrange(months * 31 + 1, months * 31 + 600)
    elif state == "removed" or (state == "ended" and not ground.months):
        days = rng.randrange(months * 15, months * 29)
    else:
        days = rng.randrange(3, months * 29)
    listed = timeline.office_day(days)
    removed, why = None, ""
    if state == "removed" or (state == "ended" and not ground.months):
        removed = timeline.ago(rng.randrange(1, max(2, days - min(months * 14, 366))))
        why = _CORRECTED.get(
            ground.reason, "信用修复，提前移出" if ground.list != "red" else "不再符合列入条件"
        )
    holder = firm.holder
    if ground.category == "失信被执行人" and rng.random() < 0.3:
        holder = Holder("", person(rng), holder.region)
    return Listing(
        holder=holder,
        list=LIST_NAMES[ground.list],
        category=ground.category,
        reason=ground.reason,
        basis=ground.basis,
        authority=office.name,
        document_number=f"{office.short}{ground.mark}〔{listed:%Y}〕{serial:04d}号",
        listed_on=listed,
        until=months_after(listed, ground.months) if ground.months else None,
        removed_on=removed,
        removal_reason=why,
    )
