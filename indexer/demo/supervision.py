"""Invented inspections (监督检查) and alerts (风险与召回)."""

from collections.abc import Sequence
from random import Random

from indexer.demo.bodies import authority
from indexer.demo.facts import Alert, Inspection
from indexer.demo.firms import Conduct, Firm, product_of
from indexer.demo.grounds import INSPECTION_ITEMS
from indexer.demo.timeline import Timeline
from indexer.demo.trades import SERVICES

_FAILS = {Conduct.EXEMPLARY: 0.0, Conduct.ORDINARY: 0.05, Conduct.CARELESS: 0.25, Conduct.OFFENDER: 0.5}

_HAZARDS = {
    "ccc": ("绝缘结构不符合要求，可能导致触电", "连接部位发热，存在起火隐患", "小零件易脱落，存在窒息危险"),
    "food": ("菌落总数超标，可能引起肠胃不适", "致敏物质未标示，过敏人群误食有风险", "包装密封不严，易变质"),
    "other": (
        "结构强度不足，使用中可能断裂",
        "警示标识缺失，误用有受伤风险",
        "有害物质含量偏高，长期接触有健康风险",
    ),
}


def make_inspections(firms: Sequence[Firm], count: int, timeline: Timeline, rng: Random) -> list[Inspection]:
    """`count` results of 双随机检查 and 监督抽查; of a failure the after-treatment is shown as well
    (相市管〔2018〕45号 §10).
    """
    seen: set[tuple[str, int]] = set()
    found: list[Inspection] = []
    while len(found) < count:
        firm = rng.choice(firms)
        days = rng.randrange(3, 1_400)
        if any((firm.holder.code, near) in seen for near in range(days - 2, days + 3)):
            continue  # a weekend would make one day of them
        seen.add((firm.holder.code, days))
        make = _sampling if rng.random() < 0.5 and firm.trade.key not in SERVICES else _random_inspection
        found.append(make(firm, days, timeline, rng))
    return found


def _sampling(firm: Firm, days: int, timeline: Timeline, rng: Random) -> Inspection:
    day = timeline.office_day(days)
    product, model = product_of(firm.trade, rng)
    result, follow_up = "合格", ""
    if rng.random() < _FAILS[firm.conduct]:
        result = "不合格"
        follow_up = (
            "已立案查处，责令改正"
            if days < 60
            else rng.choice(("复查合格", "复查合格，已行政处罚", "复查仍不合格，列为重点监管"))
        )
    return Inspection(
        holder=firm.holder,
        plan=f"{day:%Y}年{firm.city}产品质量监督抽查计划",
        kind="监督抽查",
        item=f"{product.name}（{model}）",
        result=result,
        authority=authority(firm.city, "市场监督管理局").name,
        inspected_on=day,
        follow_up=follow_up,
    )


def _random_inspection(firm: Firm, days: int, timeline: Timeline, rng: Random) -> Inspection:
    day = timeline.office_day(days)
    result, follow_up = "未发现问题", ""
    if rng.random() < _FAILS[firm.conduct]:
        result = "发现问题已责令改正"
        follow_up = "整改中" if days < 30 else "已完成整改"
    elif not firm.active:
        result = "未发现开展本次抽查涉及的经营活动"
    return Inspection(
        holder=firm.holder,
        plan=f"{day:%Y}年{firm.city}“双随机、一公开”抽查计划",
        kind="双随机检查",
        item=rng.choice(INSPECTION_ITEMS),
        result=result,
        authority=authority(firm.city, "市场监督管理局").name,
        inspected_on=day,
        follow_up=follow_up,
    )


def make_alerts(firms: Sequence[Firm], count: int, timeline: Timeline, rng: Random) -> list[Alert]:
    """`count` warnings, recalls and notices about products."""
    makers = [firm for firm in firms if firm.trade.ccc or firm.trade.food_class] or list(firms)
    seen: set[tuple[str, int]] = set()
    found: list[Alert] = []
    while len(found) < count:
        firm = rng.choice(makers)
        days = rng.randrange(2, 1_100)
        if (firm.holder.code, days) in seen:
            continue
        seen.add((firm.holder.code, days))
        found.append(_alert(firm, days, timeline, rng))
    return found


def _alert(firm: Firm, days: int, timeline: Timeline, rng: Random) -> Alert:
    product, model = product_of(firm.trade, rng)
    kind = rng.choices(("风险预警", "缺陷产品召回", "信息通报"), (35, 45, 20))[0]
    hazards = _HAZARDS["ccc" if firm.trade.ccc else "food" if firm.trade.food_class else "other"]
    amount = rng.randrange(50, 5_000)
    measure = {
        "风险预警": "提醒消费者停止使用并联系销售者退货",
        "缺陷产品召回": f"召回{amount}件，免费退货或更换",
        "信息通报": "通报各地加强排查，督促生产者改进",
    }[kind]
    office = authority(firm.city, "市场监督管理局").name
    return Alert(
        firm.holder,
        kind,
        f"{product.name}（{model}）",
        rng.choice(hazards),
        measure,
        timeline.ago(days),
        office,
    )
