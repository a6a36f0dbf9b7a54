"""Invented licences (许可) and practitioners' qualifications (从业人员资格)."""

from collections.abc import Sequence
from random import Random

from indexer.demo.bodies import authority
from indexer.demo.codes import food_licence_number
from indexer.demo.facts import Institution, Licence, Practitioner
from indexer.demo.firms import Conduct, Firm, Form, person
from indexer.demo.grounds import QUALIFICATIONS
from indexer.demo.timeline import Timeline, first_day

PROVINCIAL = "江苏示例市场监督管理局"
BUILDING_OFFICE = "江苏示例住房和城乡建设厅"
"""The invented provincial offices."""


def make_licences(firms: Sequence[Firm], count: int, timeline: Timeline, rng: Random) -> list[Licence]:
    """`count` licences of food, products, special equipment, measuring instruments, catering."""
    without = ("software", "care", "shop")
    holders = [firm for firm in firms if firm.form is not Form.BRANCH and firm.trade.key not in without]
    holders = holders or list(firms)
    return [_licence(rng.choice(holders), 1_000 + serial, timeline, rng) for serial in range(count)]


def _licence(firm: Firm, serial: int, timeline: Timeline, rng: Random) -> Licence:
    trade = firm.trade
    product = trade.products[0]  # the one that the class of the licence means
    city = authority(firm.city, "市场监督管理局").name
    years = 5
    until = timeline.ago(
        -rng.choices((rng.randrange(31, 1_750), rng.randrange(0, 31), -rng.randrange(1, 500)), (80, 6, 14))[0]
    )
    issued = first_day(until, years)
    status = _status(firm, rng)
    if trade.food_class and firm.form is not Form.SOLE_TRADER:
        number = food_licence_number(trade.food_class, serial % 10_000)
        return Licence(
            firm.holder, number, "食品生产许可证", f"食品类别：{product.name}", city, issued, until, status
        )
    if trade.licence[0]:
        trade_part, product_part = trade.licence
        number = f"(苏)XK{trade_part}-{product_part}-9{serial % 10_000:04d}"
        name = "全国工业产品生产许可证"
        return Licence(
            firm.holder, number, name, f"产品名称：{product.name}", PROVINCIAL, issued, until, status
        )
    if trade.special[0]:
        number = f"TS{trade.special[0]}32{serial % 1_000:03d}-{until:%Y}"
        return Licence(
            firm.holder, number, "特种设备生产许可证", trade.special[1], PROVINCIAL, issued, until, status
        )
    if trade.key == "meters":
        number = f"CPA {issued:%y}-F{100 + serial % 900}"
        content = f"{product.name}型式批准"
        return Licence(firm.holder, number, "计量器具型式批准证书", content, PROVINCIAL, issued, None, status)
    if trade.key in ("retail", "catering"):
        number = f"JY{rng.choice('12')}329900{serial:07d}"
        content = "预包装食品销售；散装食品销售" if trade.key == "retail" else "热食类食品制售"
        return Licence(firm.holder, number, "食品经营许可证", content, city, issued, until, status)
    if trade.key == "construction":
        number = f"D332990{serial:04d}"
        content = "建筑工程施工总承包二级；市政公用工程施工总承包三级"
        return Licence(
            firm.holder, number, "建筑业企业资质证书", content, BUILDING_OFFICE, issued, until, status
        )
    if trade.key == "petrol":
        number = f"油零售证书第32X{serial:05d}号"
        content = "汽油、柴油零售"
        return Licence(
            firm.holder,
            number,
            "成品油零售经营批准证书",
            content,
            f"{firm.city}商务局",
            issued,
            until,
            status,
        )
    number = f"示环许{issued:%Y}第{serial:05d}号"
    content = f"{product.name}项目排污许可"
    return Licence(
        firm.holder, number, "排污许可证", content, f"{firm.city}生态环境局", issued, until, status
    )


def _status(firm: Firm, rng: Random) -> str:
    """撤销, 吊销 and 注销 are three different acts (行政许可法 69, 70)."""
    if not firm.active:
        return "注销"
    if firm.conduct is Conduct.OFFENDER:
        return rng.choices(("有效", "吊销", "撤销", "注销", "暂停"), (60, 16, 6, 8, 10))[0]
    return rng.choices(("有效", "注销", "暂停", "撤销"), (94, 4, 1, 1))[0]


def make_practitioners(
    institutions: Sequence[Institution], count: int, timeline: Timeline, rng: Random
) -> list[Practitioner]:
    """`count` qualifications of persons who work at the institutions. Numbers are the registry's own, never
    of a person.
    """
    found = []
    for serial in range(1, count + 1):
        institution = rng.choice(institutions)
        until = timeline.ago(-rng.choices((rng.randrange(1, 1_000), -rng.randrange(1, 300)), (88, 12))[0])
        issued = first_day(until, 3)
        qualification = rng.choice(QUALIFICATIONS[institution.category])
        number = f"SLZG-{issued:%Y}-{serial:06d}"
        found.append(Practitioner(institution.holder, person(rng), qualification, number, issued, until))
    return found
