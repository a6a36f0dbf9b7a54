"""Story enterprises (故事企业): invented firms with fixed codes, each showing one thing. Point at them in
documents and tests.

Codes and names never change; the dates of their records move with the day of generation.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Story:
    """One story: unified code (or 15-digit registration number), name, trade, and what it shows."""

    code: str
    name: str
    trade: str
    shows: str


CLEAN_AAA = Story(
    "91329900PDY0010126",
    "示例市恒润电气有限公司",
    "electric",
    "AAA 级企业：证书全部有效，列入红名单，没有不良记录",
)
BLACKLISTED = Story(
    "91329900PDY0010201", "示例港市华晟玩具有限公司", "toys", "在严重违法失信名单上，一处违法、处处受限"
)
HEAVY_FINE = Story(
    "91329900PDY001039X", "示例湖市宏远化工有限公司", "chemicals", "被罚款 320 万元，三年内不得参加政府采购"
)
BANNED_FOR_LIFE = Story(
    "91329900PDY001047Q", "示例山市瑞丰肉制品有限公司", "meat", "终身禁止从事食品生产经营"
)
SUSPENDED = Story("91329900PDY001055K", "示例桥市金鑫电线电缆有限公司", "cable", "质量管理体系认证证书被暂停")
REVOKED = Story("91329900PDY001063E", "示例州市力达照明有限公司", "lighting", "强制性产品认证证书被撤销")
EXPIRED_YESTERDAY = Story(
    "91329900PDY0010719", "示例泽市新源机械有限公司", "machinery", "认证证书昨天到期，今天失效"
)
NOT_YET_VALID = Story("91329900PDY00108X1", "示例陵市天成软件有限公司", "software", "认证证书十天后才生效")
RENAMED_TWICE = Story("91329900PDY0010981", "示例市嘉禾茶业有限公司", "tea", "改过两次名称，按旧名也查得到")
REPAIRED = Story(
    "91329900PDY001100L",
    "示例港市康泰医疗器械有限公司",
    "medical",
    "处罚和名单均已修复或期满，不再公示任何不良信息",
)
OLD_NUMBER = Story(
    "329900000000016", "示例市八方仪表厂", "meters", "只有 15 位工商注册号，没有统一社会信用代码"
)
ONLY_WARNED = Story("91329900PDY001127C", "示例湖市晨曦食品有限公司", "bakery", "仅受过警告，警告不公示")

STORIES = (
    CLEAN_AAA,
    BLACKLISTED,
    HEAVY_FINE,
    BANNED_FOR_LIFE,
    SUSPENDED,
    REVOKED,
    EXPIRED_YESTERDAY,
    NOT_YET_VALID,
    RENAMED_TWICE,
    REPAIRED,
    OLD_NUMBER,
    ONLY_WARNED,
)
