"""Words that invented names are made of: cities, streets, trade names, persons. None is a real place or
person.
"""

from dataclasses import dataclass

PROVINCE = "江苏省"


@dataclass(frozen=True, slots=True)
class City:
    """An invented city (示例市) with its districts and how often a firm sits there."""

    name: str
    districts: tuple[str, ...]
    weight: int


CITIES = (
    City("示例市", ("城中区", "东湖区", "高新区", "开发区"), 30),
    City("示例港市", ("港城区", "临港区", "海塘区"), 18),
    City("示例湖市", ("湖滨区", "东湖区", "新城区"), 14),
    City("示例山市", ("山前区", "云岭区"), 10),
    City("示例桥市", ("桥东区", "桥西区"), 9),
    City("示例州市", ("城北区", "城南区"), 8),
    City("示例泽市", ("泽东区", "泽西区"), 6),
    City("示例陵市", ("陵北区", "陵南区"), 5),
)

STREETS = (
    "样本大道",
    "范例路",
    "例证街",
    "试样路",
    "样例巷",
    "示范园路",
    "例题街",
    "模本路",
)
PARKS = ("样本工业园", "范例科技园", "试样产业园", "模本创业园")

HOMOPHONES = (
    ("恒润", "恒闰", "衡润"),
    ("华晟", "华盛", "华胜", "桦晟"),
    ("金鑫", "金欣", "锦鑫", "今昕"),
    ("嘉禾", "佳禾", "家和", "嘉和"),
    ("宏远", "鸿远", "弘远", "泓远"),
    ("瑞丰", "瑞峰", "锐锋", "睿丰"),
    ("天成", "添成", "天诚", "天澄"),
    ("力达", "利达", "立达", "励达"),
    ("新源", "鑫源", "欣源", "馨园"),
    ("康泰", "康太", "亢泰"),
)
"""Trade names (字号) that sound the same: whoever hears one types another."""

_MORE_TRADE_NAMES = (
    "晨曦 云岭 东篱 清溪 长风 远帆 青禾 白鹭 朗月 星河 沐阳 春晖 松涛 竹韵 梧桐 紫荆 海棠 银杏 "
    "博雅 致远 明德 厚朴 勤勉 知行 同舟 共济 安澜 静波 汇川台 融通 聚能 启明 启航 领航 扬帆 "
    "凯旋 百川 千帆 万象 九鼎 三江 五洲 四海 七星 六合 八方 双龙 双赢 众合 众诚 诚信达 信义 "
    "永固 永兴 长城岭 磐石 金石 玉泉 甘泉 龙泉湾 凤栖 鹤鸣 麒麟阁 飞鸿 腾飞 跃进桥 卓越 精工 精诚 "
    "匠心 匠造 巧手 天工 智造 智联 云图 云帆 数景 光年 量子湾 微纳 极光 蓝海 蓝鲸 绿洲 绿源 碧水 "
    "丰收 稻香 麦田 谷雨 小满 芒种 立秋 白露 寒梅 暖阳 好味道 百味 香满园 老灶 品鲜 鲜之源"
)

TRADE_NAMES = (*(name for group in HOMOPHONES for name in group), *_MORE_TRADE_NAMES.split())

SURNAMES: tuple[str, ...] = (
    *"赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜",
    *("欧阳", "上官", "司马", "诸葛", "皇甫", "令狐"),
)
GIVEN_NAMES = ("示例", "例", "样本", "试例", "范例", "示")
"""Given names nobody bears; one and two characters, so that masking (张*、张**、欧阳**) has both to show."""

STANDS = {
    "retail": ("食品经营部", "水果店", "粮油店", "便利店"),
    "catering": ("小吃店", "餐馆"),
    "shop": ("五金店", "日用品商行", "玩具店", "电动车行", "百货店"),
}
"""What a sole trader's (个体工商户) business is called by, for each trade."""
