"""The invented enterprises (企业): names, codes, and how each behaves, so that its records fit together."""

from collections.abc import Set
from dataclasses import dataclass, replace
from enum import Enum
from random import Random

from indexer.demo.codes import FIRMS_FROM, unified_code
from indexer.demo.facts import Enterprise, Holder
from indexer.demo.names import (
    CITIES,
    GIVEN_NAMES,
    HOMOPHONES,
    PARKS,
    PROVINCE,
    STANDS,
    STREETS,
    SURNAMES,
    TRADE_NAMES,
    City,
)
from indexer.demo.timeline import Timeline
from indexer.demo.trades import GENERAL_SCOPE, TRADE_BY_KEY, TRADES, Product, Trade


class Conduct(Enum):
    """How a firm behaves (一贯表现). Its ratings, lists and penalties follow from it."""

    EXEMPLARY = "exemplary"
    ORDINARY = "ordinary"
    CARELESS = "careless"
    OFFENDER = "offender"


CONDUCTS = ((Conduct.EXEMPLARY, 16), (Conduct.ORDINARY, 60), (Conduct.CARELESS, 17), (Conduct.OFFENDER, 7))


class Form(Enum):
    """Legal form (组织形式) with its position 1–2 of the unified code."""

    COMPANY = "91"
    SOLE_TRADER = "92"
    COOPERATIVE = "93"
    BRANCH = "91 branch"


@dataclass(frozen=True, slots=True)
class Firm:
    """An enterprise with what decides its records."""

    enterprise: Enterprise
    trade: Trade
    conduct: Conduct
    form: Form

    @property
    def holder(self) -> Holder:
        return self.enterprise.holder

    @property
    def city(self) -> str:
        return self.enterprise.city

    @property
    def active(self) -> bool:
        return self.enterprise.status in ("存续", "在业")


def person(rng: Random) -> str:
    """An invented person's name."""
    return rng.choice(SURNAMES) + rng.choice(GIVEN_NAMES)


def product_of(trade: Trade, rng: Random) -> tuple[Product, str]:
    """One product of the trade and a model of it."""
    product = rng.choice(trade.products)
    return product, product.model.format(n=rng.choice((10, 16, 25, 32, 50, 63, 80, 100, 125, 160, 250, 500)))


def make_firms(count: int, timeline: Timeline, rng: Random, taken: Set[str] = frozenset()) -> list[Firm]:
    """`count` invented firms with names that are all different, from each other and from those `taken`."""
    maker = _Maker(timeline, rng, taken)
    for _ in range(count):
        maker.add()
    return maker.firms


class _Maker:
    def __init__(self, timeline: Timeline, rng: Random, taken: Set[str]) -> None:
        self.firms: list[Firm] = []
        self._names = set(taken)
        self._stems: list[tuple[str, str, Trade]] = []  # trade name, word, trade: for twins in other cities
        self._companies: list[Firm] = []
        self._timeline = timeline
        self._rng = rng

    def add(self) -> None:
        rng = self._rng
        form = rng.choices(tuple(Form), (82, 10, 3, 5))[0]
        if form is Form.BRANCH and not self._companies:
            form = Form.COMPANY
        while True:
            city = rng.choices(CITIES, [city.weight for city in CITIES])[0]
            district = rng.choice(city.districts)
            name, trade = self._name(form, city, district)
            if name not in self._names:
                break
        self._names.add(name)
        code = unified_code(form.value[:2], FIRMS_FROM + len(self.firms))
        holder = Holder(code, name, PROVINCE + city.name)
        firm = Firm(self._enterprise(holder, city, district, trade, form), trade, self._conduct(), form)
        if not firm.active and firm.conduct is Conduct.EXEMPLARY:
            firm = replace(firm, conduct=Conduct.ORDINARY)
        self.firms.append(firm)
        if form is Form.COMPANY:
            self._companies.append(firm)

    def _conduct(self) -> Conduct:
        return self._rng.choices([each for each, _ in CONDUCTS], [weight for _, weight in CONDUCTS])[0]

    def _name(self, form: Form, city: City, district: str) -> tuple[str, Trade]:
        rng = self._rng
        if form is Form.BRANCH:
            parent = rng.choice(self._companies)
            return f"{parent.holder.name}{city.name}{district[:-1]}分公司", parent.trade
        if form is Form.SOLE_TRADER:
            trade = TRADE_BY_KEY[rng.choice(tuple(STANDS))]
            stand = rng.choice(STANDS[trade.key])
            return f"{city.name}{district}{rng.choice(TRADE_NAMES)}{stand}", trade
        if form is Form.COOPERATIVE:
            trade = TRADE_BY_KEY[rng.choice(("tea", "aquatic", "grain"))]
            goods = {"tea": "茶叶", "aquatic": "水产养殖", "grain": "稻米"}[trade.key]
            return f"{city.name}{rng.choice(TRADE_NAMES)}{goods}专业合作社", trade
        stem, word, trade = self._stem()
        self._stems.append((stem, word, trade))
        style = rng.random()
        if style < 0.08:
            return f"江苏示例{stem}{word}{rng.choice(('股份有限公司', '集团有限公司'))}", trade
        if style < 0.12:
            return f"{stem}{word}（{city.name}）有限公司", trade
        if style < 0.16 and trade.industrial:
            return f"{city.name}{stem}{word}厂", trade
        return f"{city.name}{stem}{word}有限公司", trade

    def _stem(self) -> tuple[str, str, Trade]:
        """Trade name, word of the trade, trade. Some repeat an earlier firm's in another city, some only
        sound like it.
        """
        rng = self._rng
        style = rng.random()
        if self._stems and style < 0.12:
            stem, word, trade = rng.choice(self._stems)
            alike = next((group for group in HOMOPHONES if stem in group), None)
            return (rng.choice(alike) if alike and style < 0.08 else stem), word, trade
        trade = rng.choices(TRADES, [trade.weight for trade in TRADES])[0]
        return rng.choice(TRADE_NAMES), rng.choice(trade.words), trade

    def _enterprise(self, holder: Holder, city: City, district: str, trade: Trade, form: Form) -> Enterprise:
        rng = self._rng
        registered = self._timeline.ago(rng.randrange(1_200, 9_500))
        return Enterprise(
            holder=holder,
            type=_type(form, holder.name, rng),
            capital=_capital(form, rng),
            registered_on=registered,
            scope=trade.scope + GENERAL_SCOPE,
            city=city.name,
            address=_address(city, district, rng),
            representative=person(rng),
            former_names=self._former(holder.name, form, city, trade),
            status=rng.choices(("存续", "在业", "注销", "吊销", "迁出"), (70, 23, 4, 2, 1))[0],
        )

    def _former(self, name: str, form: Form, city: City, trade: Trade) -> str:
        rng = self._rng
        if form is not Form.COMPANY or rng.random() > 0.07:
            return ""
        former = []
        for _ in range(rng.choice((1, 1, 1, 2))):
            ending = rng.choice(("厂" if trade.industrial else "商行", "有限公司", "经营部"))
            former.append(f"{city.name}{rng.choice(TRADE_NAMES)}{rng.choice(trade.words)}{ending}")
        return "；".join(each for each in dict.fromkeys(former) if each != name)


def _type(form: Form, name: str, rng: Random) -> str:
    if form is Form.SOLE_TRADER:
        return "个体工商户"
    if form is Form.COOPERATIVE:
        return "农民专业合作社"
    if form is Form.BRANCH:
        return "有限责任公司分公司"
    if name.endswith("股份有限公司"):
        return "股份有限公司（非上市）"
    if name.endswith("厂"):
        return "个人独资企业"
    kinds = (
        "有限责任公司（自然人投资或控股）",
        "有限责任公司（自然人独资）",
        "有限责任公司（港澳台法人独资）",
    )
    return rng.choices(kinds, (70, 25, 5))[0]


def _capital(form: Form, rng: Random) -> str:
    """Capital as registers write it; a branch has none."""
    if form is Form.BRANCH:
        return ""
    if form is Form.SOLE_TRADER:
        return f"{rng.choice((2, 3, 5, 8, 10))}万元"
    amount = rng.choice((50, 100, 200, 300, 500, 500, 800, 1000, 1000, 2000, 3000, 5000, 10000))
    style = rng.random()
    if style < 0.04:
        return f"{min(amount, 1000)}万美元"
    if style < 0.3:
        return f"{amount:,}.0000(万元人民币)"
    return f"{amount}万元人民币"


def _address(city: City, district: str, rng: Random) -> str:
    where = f"{PROVINCE}{city.name}{district}"
    number = rng.randrange(1, 400)
    if rng.random() < 0.4:
        return f"{where}{rng.choice(PARKS)}{rng.randrange(1, 20)}幢"
    return f"{where}{rng.choice(STREETS)}{number}号"
