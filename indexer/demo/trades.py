"""Trades (行业): what firms are called, may do, make, and by which standard. The words hang together within
one trade.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Product:
    """Something made or sold: name, standard (产品标准) and a pattern for its models."""

    name: str
    standard: str
    model: str


@dataclass(frozen=True, slots=True)
class Trade:
    """One trade. `hazards` are the keys of `offences.OFFENCES` that happen in it; `ccc` the class and group
    of 强制性产品认证; `food_class` the two digits of a food licence; `licence` the first digits of an
    industrial product licence; `special` the kind of a special equipment licence with its two digits.
    """

    key: str
    words: tuple[str, ...]
    scope: str
    products: tuple[Product, ...]
    hazards: tuple[str, ...]
    systems: str = "QES"
    ccc: str = ""
    food_class: str = ""
    licence: tuple[str, str] = ("", "")
    special: tuple[str, str] = ("", "")
    organic: bool = False
    weight: int = 4

    @property
    def industrial(self) -> bool:
        """Whether it makes goods (工业企业)."""
        return self.key not in (*SERVICES, *SELLERS)


SERVICES = ("construction", "software", "care", "catering")
SELLERS = ("retail", "petrol", "shop")

GENERAL_SCOPE = "（依法须经批准的项目，经相关部门批准后方可开展经营活动）"

TRADES = (
    Trade(
        "cable",
        ("电线电缆", "电缆", "线缆科技"),
        "电线电缆、电缆附件、绝缘材料制造、销售；铜材加工；货物及技术进出口",
        (
            Product("聚氯乙烯绝缘电缆", "GB/T 5023.3-2008", "60227 IEC 01 {n}mm²"),
            Product("交联聚乙烯绝缘电力电缆", "GB/T 12706.1-2020", "YJV-0.6/1kV 3×{n}"),
        ),
        ("no_ccc", "below_standard", "fake_mark", "false_advertising"),
        ccc="0105",
        licence=("06", "001"),
        weight=6,
    ),
    Trade(
        "electric",
        ("电气", "电气设备", "开关设备"),
        "高低压成套开关设备、配电箱、断路器、电力自动化设备研发、制造、销售及技术服务",
        (
            Product("低压成套开关设备", "GB/T 7251.12-2013", "GGD-{n}"),
            Product("塑料外壳式断路器", "GB/T 14048.2-2020", "SLM1-{n}"),
        ),
        ("no_ccc", "below_standard", "false_advertising"),
        ccc="0301",
        weight=6,
    ),
    Trade(
        "appliance",
        ("电器", "家用电器", "智能家电"),
        "家用电器、厨房电器、小家电及零配件研发、制造、销售；模具加工",
        (
            Product("电风扇", "GB/T 4706.27-2024", "FS-{n}"),
            Product("电热水壶", "GB/T 4706.19-2024", "SL-K{n}"),
            Product("室内加热器", "GB/T 4706.23-2024", "NQ-{n}"),
        ),
        ("no_ccc", "below_standard", "fake_mark", "false_advertising"),
        ccc="0702",
        weight=6,
    ),
    Trade(
        "lighting",
        ("照明", "光电科技", "灯饰"),
        "照明灯具、LED 光源、景观亮化设备设计、制造、销售、安装",
        (
            Product("固定式通用灯具", "GB/T 7000.201-2023", "LED-XD{n}"),
            Product("道路与街路照明灯具", "GB/T 7000.203-2023", "LD-{n}"),
        ),
        ("no_ccc", "below_standard", "false_advertising"),
        ccc="1001",
    ),
    Trade(
        "toys",
        ("玩具", "婴童用品", "童车"),
        "玩具、童车、婴童用品设计、制造、销售；塑料制品加工",
        (
            Product("塑胶玩具", "GB 6675.2-2014", "WJ-{n}"),
            Product("婴儿推车", "GB 14748-2020", "TC-{n}"),
        ),
        ("no_ccc", "below_standard", "label"),
        ccc="2202",
    ),
    Trade(
        "ebike",
        ("电动车", "车业", "车辆科技"),
        "电动自行车、电动自行车零部件制造、销售、维修",
        (Product("电动自行车", "GB 17761-2024", "TDT{n}Z"),),
        ("no_ccc", "below_standard", "false_advertising"),
        ccc="1119",
    ),
    Trade(
        "bakery",
        ("食品", "糕点食品", "烘焙食品"),
        "糕点、饼干、方便食品生产；预包装食品销售",
        (
            Product("糕点", "GB 7099-2015", "{n}g/袋"),
            Product("饼干", "GB 7100-2015", "{n}g/盒"),
        ),
        ("food_limit", "food_label", "food_records", "food_additive"),
        systems="QFH",
        food_class="24",
        weight=7,
    ),
    Trade(
        "meat",
        ("肉制品", "肉类食品", "食品科技"),
        "肉制品、速冻食品生产、销售；生鲜肉冷链配送",
        (
            Product("酱卤肉制品", "GB/T 23586-2022", "{n}g/袋"),
            Product("速冻调制肉制品", "GB 19295-2021", "{n}g/袋"),
        ),
        ("food_limit", "food_expired", "food_records", "food_unlicensed"),
        systems="QFH",
        food_class="04",
        weight=5,
    ),
    Trade(
        "grain",
        ("粮油", "米业", "粮油工贸"),
        "粮食收购、加工、仓储、销售；食用植物油生产",
        (
            Product("大米", "GB/T 1354-2018", "{n}kg/袋"),
            Product("菜籽油", "GB/T 1536-2021", "{n}L/桶"),
        ),
        ("food_label", "food_limit", "short_weight"),
        systems="QF",
        food_class="01",
        organic=True,
        weight=5,
    ),
    Trade(
        "drinks",
        ("饮料", "饮品", "酒业"),
        "饮料、包装饮用水、果酒生产、销售；食品用包装材料销售",
        (
            Product("包装饮用水", "GB 19298-2014", "{n}mL/瓶"),
            Product("果蔬汁饮料", "GB/T 31121-2014", "{n}mL/瓶"),
        ),
        ("food_limit", "food_label", "false_advertising"),
        systems="QFH",
        food_class="06",
    ),
    Trade(
        "tea",
        ("茶业", "生态农业", "茶叶"),
        "茶叶种植、加工、销售；农业观光；农产品初加工",
        (
            Product("绿茶", "GB/T 14456.1-2017", "{n}g/罐"),
            Product("红茶", "GB/T 13738.2-2017", "{n}g/罐"),
        ),
        ("organic_mark", "food_label", "excess_packaging"),
        systems="QF",
        food_class="14",
        organic=True,
    ),
    Trade(
        "aquatic",
        ("水产", "水产养殖", "渔业科技"),
        "水产养殖、捕捞、销售；水产制品生产",
        (
            Product("冷冻虾仁", "GB 2733-2015", "{n}g/袋"),
            Product("清水大闸蟹", "GB/T 19957-2005", "{n}g/只"),
        ),
        ("food_limit", "short_weight", "false_advertising"),
        systems="QF",
        food_class="22",
        organic=True,
        weight=3,
    ),
    Trade(
        "machinery",
        ("机械", "精密机械", "数控装备", "机械制造"),
        "数控机床、机械零部件、自动化设备研发、制造、销售、维修",
        (
            Product("数控车床", "GB/T 16462.1-2023", "CK61{n}"),
            Product("齿轮减速机", "JB/T 8853-2015", "ZLY{n}"),
        ),
        ("below_standard", "equipment_use", "false_advertising"),
        weight=8,
    ),
    Trade(
        "hoisting",
        ("起重机械", "重工", "电梯工程"),
        "起重机械、电梯制造、安装、改造、修理；钢结构件加工",
        (
            Product("通用桥式起重机", "GB/T 14405-2011", "QD{n}t"),
            Product("乘客电梯", "GB/T 7588.1-2020", "SLK-{n}"),
        ),
        ("equipment_make", "equipment_use", "lift_service"),
        special=("24", "起重机械制造（含安装、修理、改造）"),
        weight=4,
    ),
    Trade(
        "vessel",
        ("压力容器", "锅炉", "化工装备"),
        "压力容器、锅炉、换热设备设计、制造、安装、销售",
        (
            Product("钢制压力容器", "GB/T 150.1-2024", "D{n}"),
            Product("蒸汽锅炉", "GB/T 16508.1-2022", "WNS{n}-1.25-Q"),
        ),
        ("equipment_make", "equipment_use", "below_standard"),
        special=("22", "压力容器制造（含安装、修理、改造）"),
        weight=3,
    ),
    Trade(
        "valve",
        ("阀门", "流体控制", "管件"),
        "阀门、管件、法兰、流体控制设备制造、销售",
        (
            Product("钢制闸阀", "GB/T 12234-2019", "Z41H-{n}C"),
            Product("金属管件", "GB/T 12459-2017", "DN{n}"),
        ),
        ("equipment_make", "below_standard", "fake_mark"),
        special=("27", "压力管道元件制造"),
        weight=4,
    ),
    Trade(
        "construction",
        ("建设工程", "建筑工程", "市政工程"),
        "房屋建筑、市政公用、装饰装修、钢结构工程施工；工程管理服务",
        (Product("房屋建筑工程施工", "GB/T 50430-2017", "第{n}标段"),),
        ("equipment_use", "bid_rigging", "false_report"),
        systems="QESJ",
        weight=7,
    ),
    Trade(
        "materials",
        ("新型建材", "建材", "防水材料", "水泥"),
        "水泥制品、防水材料、建筑涂料、保温材料制造、销售",
        (
            Product("弹性体改性沥青防水卷材", "GB 18242-2008", "SBS-{n}"),
            Product("通用硅酸盐水泥", "GB 175-2023", "P·O {n}"),
        ),
        ("no_licence", "below_standard", "fake_mark"),
        licence=("08", "005"),
        weight=5,
    ),
    Trade(
        "chemicals",
        ("化工", "精细化工", "涂料"),
        "化工产品、涂料、胶粘剂、危险化学品（按许可证所列范围）生产、销售",
        (
            Product("溶剂型木器涂料", "GB 18581-2020", "PU-{n}"),
            Product("工业氢氧化钠", "GB/T 209-2018", "IL-{n}"),
        ),
        ("no_licence", "below_standard", "label"),
        licence=("13", "014"),
        weight=4,
    ),
    Trade(
        "medical",
        ("医疗器械", "医疗科技", "生物医药"),
        "医疗器械研发、生产、销售；医用卫生材料制造",
        (
            Product("医用外科口罩", "YY 0469-2023", "平面型{n}"),
            Product("一次性使用输液器", "GB 8368-2018", "SY-{n}"),
        ),
        ("below_standard", "label", "false_advertising"),
        systems="QM",
        weight=4,
    ),
    Trade(
        "textile",
        ("纺织", "服饰", "服装", "家纺"),
        "纺织品、服装、家用纺织品设计、制造、销售；自营和代理货物进出口",
        (
            Product("儿童服装", "GB 31701-2015", "身高{n}cm"),
            Product("床上用品", "GB/T 22844-2022", "{n}cm"),
        ),
        ("below_standard", "label", "fake_mark", "online_sales"),
        weight=6,
    ),
    Trade(
        "software",
        ("软件", "信息技术", "网络科技", "大数据"),
        "软件开发、信息系统集成、数据处理服务、互联网信息服务",
        (Product("信息系统集成服务", "GB/T 22080-2025", "V{n}.0"),),
        ("false_advertising", "online_sales", "bid_rigging"),
        systems="QIT",
        weight=6,
    ),
    Trade(
        "meters",
        ("仪表", "计量仪器", "测控技术"),
        "流量计、衡器、水表、燃气表等计量器具研发、制造、销售、维修",
        (
            Product("电子计价秤", "GB/T 7722-2020", "ACS-{n}"),
            Product("超声水表", "GB/T 778.1-2018", "DN{n}"),
        ),
        ("measuring_make", "below_standard", "false_advertising"),
        weight=4,
    ),
    Trade(
        "packaging",
        ("包装", "塑料制品", "塑业"),
        "食品用塑料包装、容器、工具等制品生产；包装材料销售",
        (
            Product("食品接触用塑料袋", "GB 4806.7-2023", "{n}mm"),
            Product("PET 饮料瓶", "GB 4806.7-2023", "{n}mL"),
        ),
        ("no_licence", "below_standard", "label"),
        licence=("16", "204"),
    ),
    Trade(
        "retail",
        ("商贸", "超市", "百货", "贸易"),
        "日用百货、预包装食品、家用电器、儿童用品批发、零售",
        (
            Product("儿童用品", "GB 31701-2015", "{n}型"),
            Product("插座", "GB/T 2099.3-2022", "SL-{n}"),
        ),
        (
            "food_expired",
            "sells_below_standard",
            "price",
            "online_sales",
            "short_weight",
        ),
        systems="QV",
        weight=7,
    ),
    Trade(
        "catering",
        ("餐饮管理", "餐饮服务"),
        "餐饮服务、集体用餐配送、食堂承包经营",
        (Product("集体用餐配送膳食", "GB 31654-2021", "{n}人份"),),
        ("food_records", "food_unlicensed", "food_expired", "food_hygiene"),
        systems="QFV",
        weight=4,
    ),
    Trade(
        "petrol",
        ("石油销售", "能源"),
        "成品油零售（限分支机构经营）；润滑油、日用百货销售",
        (
            Product("车用汽油", "GB 17930-2016", "{n}号"),
            Product("车用柴油", "GB 19147-2016", "{n}号"),
        ),
        ("measuring_cheat", "below_standard", "price"),
        systems="QES",
        weight=3,
    ),
    Trade(
        "care",
        ("养老服务", "物业服务", "家政服务"),
        "养老服务、物业管理、保洁服务、家政服务",
        (Product("养老机构服务", "GB/T 35796-2017", "{n}床位"),),
        ("price", "lift_service", "false_advertising"),
        systems="QESV",
        weight=4,
    ),
    Trade(
        "shop",
        ("商行",),
        "日用百货、五金交电、玩具、电动自行车零售",
        (
            Product("儿童用品", "GB 31701-2015", "{n}型"),
            Product("插座", "GB/T 2099.3-2022", "SL-{n}"),
        ),
        ("sells_below_standard", "price", "online_sales"),
        weight=0,  # sole traders only
    ),
)

TRADE_BY_KEY = {trade.key: trade for trade in TRADES}
