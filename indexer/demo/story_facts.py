"""The records of the story enterprises, counted from today."""

from datetime import date

from indexer.demo.bodies import CCC_CERTIFIER, CERTIFIERS, Certifier, authority
from indexer.demo.facts import (
    Brand,
    Certificate,
    Enterprise,
    Fact,
    Holder,
    Inspection,
    Listing,
    Penalty,
    Rating,
)
from indexer.demo.grounds import GROUNDS, RATING_SCHEME
from indexer.demo.honours import RATING_ISSUER
from indexer.demo.listings import LIST_NAMES
from indexer.demo.names import CITIES, PROVINCE
from indexer.demo.penalties import ORGANISATION, Sanction, sanction
from indexer.demo.schemes import SCHEMES, Scheme
from indexer.demo.stories import (
    BANNED_FOR_LIFE,
    BLACKLISTED,
    CLEAN_AAA,
    EXPIRED_YESTERDAY,
    HEAVY_FINE,
    NOT_YET_VALID,
    OLD_NUMBER,
    ONLY_WARNED,
    RENAMED_TWICE,
    REPAIRED,
    REVOKED,
    STORIES,
    SUSPENDED,
    Story,
)
from indexer.demo.timeline import Timeline, first_day, last_day, months_after
from indexer.demo.trades import GENERAL_SCOPE, TRADE_BY_KEY

FORMER_NAMES = {RENAMED_TWICE: "示例市佳禾茶叶经营部；示例市家和茶业有限公司"}
"""Earlier names (曾用名), oldest first."""

_BODY = CERTIFIERS[0]


def story_enterprises(timeline: Timeline) -> list[Enterprise]:
    """The stories' lines of the enterprise register."""
    return [
        Enterprise(
            holder=_holder(story),
            type="个人独资企业" if story is OLD_NUMBER else "有限责任公司（自然人投资或控股）",
            capital="1,000.0000(万元人民币)",
            registered_on=timeline.ago(4_000 + 211 * at),
            scope=TRADE_BY_KEY[story.trade].scope + GENERAL_SCOPE,
            city=_city(story),
            address=f"{PROVINCE}{_city(story)}{_district(story)}样本大道{at + 1}号",
            representative="欧阳示例" if at % 2 else "张示例",
            former_names=FORMER_NAMES.get(story, ""),
            status="存续",
        )
        for at, story in enumerate(STORIES)
    ]


def story_facts(timeline: Timeline) -> list[Fact]:
    """All records of the stories besides the enterprise register."""
    return [
        *_clean(timeline),
        *_restricted(timeline),
        *_certificates(timeline),
        *_repaired(timeline),
        _warned(timeline),
    ]


def certificates_of(story: Story, today: date) -> list[Certificate]:
    """The story's certificates as generated on `today`: their numbers carry the year of issue."""
    facts = story_facts(Timeline(today))
    return [fact for fact in facts if isinstance(fact, Certificate) and fact.holder.code == story.code]


def _clean(timeline: Timeline) -> list[Fact]:
    issued = timeline.ago(400)
    product = TRADE_BY_KEY[CLEAN_AAA.trade].products[0]
    scope = f"{product.name}的设计、生产和销售"
    ccc = Scheme("强制性产品认证（CCC）", f"CNCA-C03-01；{product.standard}", "", "B01")
    number = f"{issued:%Y}990301000001"
    rated = timeline.ago(200)
    awarded = timeline.ago(500)
    city = _city(CLEAN_AAA)
    office = authority(city, "市场监督管理局").name
    inspected = timeline.office_day(90)
    return [
        *(
            _certificate(CLEAN_AAA, SCHEMES[letter], at, issued, last_day(issued, 3), renewed=1, scope=scope)
            for at, letter in enumerate("QES", 1)
        ),
        _product_certificate(CLEAN_AAA, ccc, number, issued, last_day(issued, 5)),
        Rating(_holder(CLEAN_AAA), "AAA", RATING_SCHEME, RATING_ISSUER, rated, last_day(rated, 3)),
        Brand(
            _holder(CLEAN_AAA),
            "江苏精品",
            "省级",
            product.name,
            "江苏示例品牌促进会",
            awarded,
            last_day(awarded, 3),
        ),
        _listing(CLEAN_AAA, "质量信用红名单", timeline.office_day(180), 1),
        Inspection(
            _holder(CLEAN_AAA),
            f"{inspected:%Y}年{city}产品质量监督抽查计划",
            "监督抽查",
            f"{product.name}（GGD-100）",
            "合格",
            office,
            inspected,
            "",
        ),
    ]


def _restricted(timeline: Timeline) -> list[Fact]:
    lifelong = Listing(
        holder=_holder(BANNED_FOR_LIFE),
        list=LIST_NAMES["black"],
        category="市场禁入和从业禁止",
        reason="因食品安全犯罪被追究刑事责任，终身禁止从事食品生产经营",
        basis="《中华人民共和国食品安全法》第一百三十五条",
        authority=authority(_city(BANNED_FOR_LIFE), "市场监督管理局").name,
        document_number=f"示山市监禁〔{timeline.office_day(420):%Y}〕0001号",
        listed_on=timeline.office_day(420),
        until=None,
    )
    return [
        _penalty(
            BLACKLISTED,
            "生产不符合保障人体健康和人身、财产安全标准的产品",
            "经监督抽查检验，当事人生产的塑胶玩具（型号WJ-50）邻苯二甲酸酯含量"
            "不符合 GB 6675.2-2014 的安全要求，"
            "该批次共1,860件，货值金额86,400元，产品已流入市场。",
            "《中华人民共和国产品质量法》第四十九条",
            sanction(fine=259_200, confiscated=31_500, stop=True),
            timeline.office_day(160),
            36,
        ),
        _listing(BLACKLISTED, "严重违法失信名单", timeline.office_day(150), 2),
        _penalty(
            HEAVY_FINE,
            "未取得工业产品生产许可证擅自生产列入目录的产品",
            "当事人在未取得工业产品生产许可证的情况下长期生产、销售列入目录的危险化学品，货值金额1,600,000元。",
            "《中华人民共和国工业产品生产许可证管理条例》第四十五条",
            sanction(fine=3_200_000, confiscated=412_000),
            timeline.office_day(200),
            36,
        ),
        _penalty(
            BANNED_FOR_LIFE,
            "用非食品原料生产食品",
            "当事人在酱卤肉制品生产中添加食品添加剂以外的化学物质，涉案产品4,300袋，货值金额129,000元，已依法移送司法机关。",
            "《中华人民共和国食品安全法》第一百二十三条第一款第一项、第一百三十五条",
            sanction(
                fine=1_935_000,
                confiscated=64_500,
                seized="食品生产许可证",
                ban="终身不得从事食品生产经营管理工作",
            ),
            timeline.office_day(430),
            36,
        ),
        lifelong,
    ]


def _certificates(timeline: Timeline) -> list[Fact]:
    quality = SCHEMES["Q"]
    expired, starts = timeline.ago(1), timeline.ago(-10)
    issued = timeline.ago(500)
    lamp = TRADE_BY_KEY[REVOKED.trade].products[0]
    ccc = Scheme("强制性产品认证（CCC）", f"CNCA-C10-01；{lamp.standard}", "", "B01")
    tea = timeline.ago(120)
    return [
        _certificate(
            SUSPENDED,
            quality,
            11,
            issued,
            last_day(issued, 3),
            changed=("暂停", timeline.ago(40), "未按期接受监督审核"),
        ),
        _product_certificate(
            REVOKED,
            ccc,
            f"{issued:%Y}991001000002",
            issued,
            last_day(issued, 5),
            changed=("撤销", timeline.ago(25), "监督抽查产品不合格，暂停期满未完成整改"),
        ),
        _certificate(EXPIRED_YESTERDAY, quality, 13, first_day(expired, 3), expired, renewed=2),
        _certificate(NOT_YET_VALID, SCHEMES["I"], 14, starts, last_day(starts, 3)),
        _certificate(
            RENAMED_TWICE, quality, 15, tea, last_day(tea, 3), renewed=1, scope="绿茶的种植、加工和销售"
        ),
        _certificate(OLD_NUMBER, quality, 16, tea, last_day(tea, 3), scope="电子计价秤的生产"),
    ]


def _repaired(timeline: Timeline) -> list[Fact]:
    """A general penalty repaired, one whose publicity is over, and a list entry removed early: nothing of it
    is public.
    """
    removed = _listing(
        REPAIRED, "严重违法失信名单", timeline.office_day(700), 3, (timeline.ago(60), "信用修复，提前移出")
    )
    return [
        removed,
        _penalty(
            REPAIRED,
            "生产不符合强制性标准的产品",
            "经监督抽查检验，当事人生产的医用外科口罩（平面型100）过滤效率不符合 YY 0469-2023 的要求，"
            "共900件，货值金额18,000元。",
            "《中华人民共和国产品质量法》第四十九条",
            sanction(fine=54_000, confiscated=6_200),
            timeline.office_day(300),
            12,
            timeline.ago(60),
        ),
        _penalty(
            REPAIRED,
            "产品标识不符合规定",
            "当事人生产的医用外科口罩未按规定标明生产日期，共300件，货值金额2,400元。",
            "《中华人民共和国产品质量法》第五十四条",
            sanction(fine=2_000),
            timeline.office_day(1_300),
            3,
        ),
    ]


def _warned(timeline: Timeline) -> Fact:
    return _penalty(
        ONLY_WARNED,
        "未建立并遵守食品进货查验记录制度",
        "当事人采购原料时未如实记录进货信息，当场改正。",
        "《中华人民共和国食品安全法》第一百二十六条第一款第三项",
        sanction(),
        timeline.office_day(45),
        3,
    )


def _city(story: Story) -> str:
    return max((city.name for city in CITIES if story.name.startswith(city.name)), key=len)


def _district(story: Story) -> str:
    return next(city.districts[0] for city in CITIES if city.name == _city(story))


def _holder(story: Story) -> Holder:
    return Holder(story.code, story.name, PROVINCE + _city(story))


def _certificate(
    story: Story,
    scheme: Scheme,
    serial: int,
    issued: date,
    until: date,
    *,
    renewed: int = 0,
    scope: str = "",
    changed: tuple[str, date, str] | None = None,
) -> Certificate:
    number = f"{_BODY.code}{issued:%y}{scheme.letters}{serial:05d}R{renewed}S"
    scope = scope or f"{TRADE_BY_KEY[story.trade].products[0].name}的设计、生产和销售"
    return _any_certificate(story, scheme, number, issued, until, _BODY, scope, "", "", changed)


def _product_certificate(
    story: Story,
    scheme: Scheme,
    number: str,
    issued: date,
    until: date,
    changed: tuple[str, date, str] | None = None,
) -> Certificate:
    product = TRADE_BY_KEY[story.trade].products[0]
    model = product.model.format(n=100)
    return _any_certificate(
        story, scheme, number, issued, until, CCC_CERTIFIER, "", product.name, model, changed
    )


def _any_certificate(
    story: Story,
    scheme: Scheme,
    number: str,
    issued: date,
    until: date,
    body: Certifier,
    scope: str,
    product: str,
    model: str,
    changed: tuple[str, date, str] | None,
) -> Certificate:
    status, day, reason = changed or ("有效", None, "")
    return Certificate(
        holder=_holder(story),
        number=number,
        category=scheme.category,
        project=scheme.project,
        standard=scheme.standard,
        scope=scope,
        product=product,
        model=model,
        issuer=body.name,
        issuer_number=body.approval_number,
        issued_on=issued,
        valid_until=until,
        status=status,
        status_changed_on=day,
        status_reason=reason,
    )


def _listing(
    story: Story, category: str, listed: date, serial: int, removed: tuple[date, str] | None = None
) -> Listing:
    ground = next(each for each in GROUNDS if each.category == category)
    office = authority(_city(story), ground.office)
    return Listing(
        holder=_holder(story),
        list=LIST_NAMES[ground.list],
        category=category,
        reason=ground.reason,
        basis=ground.basis,
        authority=office.name,
        document_number=f"{office.short}{ground.mark}〔{listed:%Y}〕9{serial:03d}号",
        listed_on=listed,
        until=months_after(listed, ground.months) if ground.months else None,
        removed_on=removed[0] if removed else None,
        removal_reason=removed[1] if removed else "",
    )


def _penalty(
    story: Story,
    cause: str,
    fact: str,
    basis: str,
    imposed: Sanction,
    decided: date,
    months_shown: int,
    repaired: date | None = None,
) -> Penalty:
    office = authority(_city(story), "市场监督管理局")
    serial = 90_000 + STORIES.index(story) * 10 + months_shown % 10
    return Penalty(
        holder=_holder(story),
        party=ORGANISATION,
        document_number=f"{office.short}市监处罚〔{decided:%Y}〕{serial}号",
        cause=cause,
        fact=fact,
        basis=basis,
        kinds=imposed.kinds,
        content=imposed.content,
        fine=imposed.fine,
        confiscated=imposed.confiscated,
        seized=imposed.seized,
        authority=office.name,
        authority_code=office.code,
        decided_on=decided,
        public_until=months_after(decided, months_shown),
        repaired_on=repaired,
    )
