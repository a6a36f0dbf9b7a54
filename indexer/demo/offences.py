"""Offences (违法行为): cause, facts, legal basis and what is imposed. Facts fit cause and basis; `{…}` is
filled in for each case.

Articles are given where they are sure; where a law was renumbered lately, the law alone is named.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Offence:
    """One kind of offence. `fine` is the usual span in 元; `confiscates` whether gains are taken; `grave`
    whether stopping the business, or taking the licence, may follow.
    """

    cause: str
    fact: str
    basis: str
    fine: tuple[int, int]
    confiscates: bool = True
    grave: bool = False
    licence: str = ""


OFFENCES = {
    "no_ccc": Offence(
        "未经认证擅自出厂、销售列入强制性产品认证目录的产品",
        "当事人生产的{product}（型号{model}）属于强制性产品认证目录内产品，未取得认证证书即出厂销售{count}件，货值金额{worth}元。",
        "《中华人民共和国认证认可条例》有关列入目录的产品未经认证擅自出厂、销售的规定",
        (50_000, 200_000),
    ),
    "below_standard": Offence(
        "生产不符合保障人体健康和人身、财产安全标准的产品",
        "经监督抽查检验，当事人生产的{product}（型号{model}）不符合{standard}的安全要求，该批次共{count}件，货值金额{worth}元。",
        "《中华人民共和国产品质量法》第四十九条",
        (20_000, 300_000),
        grave=True,
        licence="营业执照",
    ),
    "sells_below_standard": Offence(
        "销售不合格产品",
        "当事人销售的{product}（型号{model}）经抽样检验不符合{standard}，共销售{count}件，货值金额{worth}元，"
        "当事人能够说明进货来源。",
        "《中华人民共和国产品质量法》第四十九条、第五十五条",
        (3_000, 30_000),
    ),
    "fake_mark": Offence(
        "伪造、冒用认证标志等质量标志",
        "当事人在其生产的{product}外包装上标注未获得的认证标志，涉案产品{count}件，货值金额{worth}元。",
        "《中华人民共和国产品质量法》第五十三条",
        (10_000, 120_000),
    ),
    "label": Offence(
        "产品标识不符合规定",
        "当事人生产的{product}未按规定标明生产日期、规格和警示说明，涉案产品{count}件，货值金额{worth}元。",
        "《中华人民共和国产品质量法》第五十四条",
        (2_000, 20_000),
        confiscates=False,
    ),
    "no_licence": Offence(
        "未取得工业产品生产许可证擅自生产列入目录的产品",
        "当事人在未取得工业产品生产许可证的情况下生产{product}{count}件，货值金额{worth}元。",
        "《中华人民共和国工业产品生产许可证管理条例》第四十五条",
        (50_000, 250_000),
        grave=True,
        licence="营业执照",
    ),
    "food_limit": Offence(
        "生产经营污染物质或微生物含量超过食品安全标准限量的食品",
        "经食品安全监督抽检，当事人生产的{product}（规格{model}）菌落总数不符合{standard}要求，该批次共{count}袋，货值金额{worth}元。",
        "《中华人民共和国食品安全法》第一百二十四条第一款",
        (50_000, 300_000),
        grave=True,
        licence="食品生产许可证",
    ),
    "food_additive": Offence(
        "生产经营超限量使用食品添加剂的食品",
        "当事人生产的{product}（规格{model}）中脱氢乙酸及其钠盐含量超过 GB 2760-2024 限量，"
        "该批次共{count}袋，货值金额{worth}元。",
        "《中华人民共和国食品安全法》第一百二十四条第一款第三项",
        (50_000, 200_000),
    ),
    "food_label": Offence(
        "生产经营标签不符合规定的预包装食品",
        "当事人生产的{product}（规格{model}）标签未按 GB 7718 要求标示配料表和致敏物质信息，"
        "共{count}件，货值金额{worth}元。",
        "《中华人民共和国食品安全法》第一百二十五条第一款第二项",
        (5_000, 50_000),
    ),
    "food_expired": Offence(
        "经营超过保质期的食品",
        "执法人员检查时在当事人经营场所发现超过保质期的预包装食品{small}件待售，货值金额{petty}元。",
        "《中华人民共和国食品安全法》第一百二十四条第一款第五项",
        (3_000, 50_000),
    ),
    "food_records": Offence(
        "未建立并遵守食品进货查验记录制度",
        "当事人采购原料时未查验供货者的许可证和产品合格证明文件，未如实记录进货信息，经责令改正后逾期未改正。",
        "《中华人民共和国食品安全法》第一百二十六条第一款第三项",
        (5_000, 30_000),
        confiscates=False,
    ),
    "food_hygiene": Offence(
        "餐饮服务提供者未按规定清洗、消毒餐具",
        "当事人现场使用的餐具经检测大肠菌群不符合要求，消毒设施未正常运转。",
        "《中华人民共和国食品安全法》第一百二十六条第一款第五项",
        (5_000, 20_000),
        confiscates=False,
    ),
    "food_unlicensed": Offence(
        "未取得食品生产经营许可从事食品生产经营活动",
        "当事人在未取得食品经营许可的情况下从事{product}的加工、销售，货值金额{worth}元。",
        "《中华人民共和国食品安全法》第一百二十二条第一款",
        (50_000, 200_000),
    ),
    "organic_mark": Offence(
        "未获有机产品认证而使用有机产品认证标志",
        "当事人销售的{product}未获得有机产品认证，包装上标注“有机”字样及有机产品认证标志，共{count}件，货值金额{worth}元。",
        "《有机产品认证管理办法》有关误导公众使用“有机”文字表述的规定",
        (10_000, 30_000),
        confiscates=False,
    ),
    "excess_packaging": Offence(
        "商品包装不符合限制过度包装强制性标准",
        "当事人销售的礼盒装{product}包装空隙率和包装层数不符合 GB 23350-2021 要求，经责令改正后逾期未改正。",
        "《中华人民共和国固体废物污染环境防治法》第一百零五条",
        (2_000, 20_000),
        confiscates=False,
    ),
    "equipment_make": Offence(
        "未经许可从事特种设备生产活动",
        "当事人超出许可范围制造{product}{small}台（件），货值金额{worth}元。",
        "《中华人民共和国特种设备安全法》第七十四条",
        (100_000, 500_000),
        grave=True,
        licence="特种设备生产许可证",
    ),
    "equipment_use": Offence(
        "使用未经检验的特种设备",
        "当事人厂区内使用的{small}台叉车未办理使用登记，未经定期检验仍在使用。",
        "《中华人民共和国特种设备安全法》第八十四条第一项",
        (30_000, 100_000),
        confiscates=False,
    ),
    "lift_service": Offence(
        "未按安全技术规范要求进行电梯维护保养",
        "当事人未按期维护保养所负责的电梯{small}台，维护保养记录与实际不符。",
        "《中华人民共和国特种设备安全法》第八十八条第二款",
        (10_000, 100_000),
        confiscates=False,
    ),
    "measuring_cheat": Offence(
        "使用不合格计量器具、破坏计量器具准确度",
        "经计量检定，当事人在用的{small}条加油枪示值误差超过最大允许误差，铅封有破损痕迹，违法所得{petty}元。",
        "《中华人民共和国计量法》第二十六条",
        (500, 2_000),
    ),
    "measuring_make": Offence(
        "制造、销售未经型式批准的计量器具",
        "当事人制造的{product}（型号{model}）未取得型式批准，已销售{count}台，货值金额{worth}元。",
        "《中华人民共和国计量法实施细则》有关制造未经型式批准的计量器具新产品的规定",
        (5_000, 30_000),
    ),
    "short_weight": Offence(
        "销售定量包装商品净含量短缺",
        "经抽样检验，当事人销售的{product}（规格{model}）平均实际含量小于标注净含量，共{count}件，货值金额{worth}元。",
        "《定量包装商品计量监督管理办法》有关净含量的规定",
        (1_000, 30_000),
        confiscates=False,
    ),
    "false_advertising": Offence(
        "发布虚假广告",
        "当事人在其网站宣传{product}“销量全国第一”“获得国家权威机构推荐”，经查与事实不符，广告费用{petty}元。",
        "《中华人民共和国广告法》第五十五条第一款",
        (10_000, 200_000),
        confiscates=False,
    ),
    "price": Offence(
        "不按规定明码标价",
        "执法人员检查时发现当事人经营的{small}种商品和服务未标明价格。",
        "《中华人民共和国价格法》第四十二条",
        (500, 5_000),
        confiscates=False,
    ),
    "online_sales": Offence(
        "未在网店首页显著位置公示营业执照信息",
        "当事人在电子商务平台经营，未在首页显著位置持续公示营业执照信息，经责令限期改正后逾期未改正。",
        "《中华人民共和国电子商务法》第七十六条",
        (1_000, 10_000),
        confiscates=False,
    ),
    "bid_rigging": Offence(
        "与其他投标人串通投标",
        "当事人在第{small}标段采购项目中与其他投标人由同一人编制投标文件，报价呈规律性差异。",
        "《中华人民共和国招标投标法》第五十三条",
        (20_000, 150_000),
        confiscates=False,
    ),
    "false_report": Offence(
        "提供虚假材料取得行政许可",
        "当事人在申请许可时提交的人员资格和检验报告与事实不符。",
        "《中华人民共和国行政许可法》第七十九条",
        (10_000, 30_000),
        confiscates=False,
    ),
    "false_test": Offence(
        "出具虚假检验检测报告",
        "当事人未经检验检测即出具{small}份检验检测报告，原始记录系事后编造，违法所得{petty}元。",
        "《检验检测机构监督管理办法》有关出具虚假检验检测报告的规定",
        (10_000, 30_000),
        grave=True,
        licence="资质认定证书",
    ),
}


@dataclass(frozen=True, slots=True)
class Warned:
    """A case that ends with a warning alone (仅警告), which is not published; `trades` are those it happens in (empty: any)."""

    cause: str
    fact: str
    basis: str
    trades: tuple[str, ...] = ()


WARNED = (
    Warned(
        "未按规定公示应当公示的企业信息",
        "当事人变更联系方式后未及时公示，经责令改正后已改正。",
        "《企业信息公示暂行条例》有关信息公示的规定",
    ),
    Warned(
        "从业人员未持有效健康证明上岗",
        "当事人{small}名从业人员健康证明过期仍在岗，当场改正。",
        "《中华人民共和国食品安全法》第一百二十六条第一款第六项",
        ("bakery", "meat", "drinks", "catering"),
    ),
    Warned(
        "未按规定标注能源效率标识",
        "当事人陈列销售的{small}台{product}未粘贴能源效率标识，当场改正。",
        "《能源效率标识管理办法》有关标识使用的规定",
        ("appliance", "lighting"),
    ),
)

MINOR_ANYWHERE = "online_sales"
"""The minor offence (轻微) of a trade whose own offences all cost more."""
