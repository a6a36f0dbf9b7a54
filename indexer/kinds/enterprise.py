"""Enterprises (企业): the register of who there is. Other kinds hang their records on these subjects.

企业信息公示暂行条例 makes type, capital, day of registration, scope, address and state public; the name of
the legal representative is register data too, while the operator of a natural person's trade (个体工商户,
codes that begin with 92) is masked (domain.md part 6).
"""

import re
from collections.abc import Iterator
from datetime import date

from indexer.identifiers import clean, valid_uscc
from indexer.kinds.base import (
    Column,
    Find,
    Kind,
    Problem,
    Section,
    Show,
    Term,
    Tone,
    Type,
    Value,
    Vocabulary,
    both_prefixes,
    text_in,
)

STATUSES = Vocabulary(
    Term(
        "active",
        "存续",
        "In business",
        ("在业", "开业", "在营", "存续（在营、开业、在册）", "正常", "登记成立"),
        Tone.GOOD,
    ),
    Term("cancelled", "注销", "Deregistered", ("已注销",), Tone.BAD, final=True),
    Term(
        "revoked",
        "吊销",
        "Licence revoked",
        ("吊销未注销", "吊销，未注销", "已吊销"),
        Tone.BAD,
    ),
    Term(
        "annulled",
        "撤销",
        "Registration annulled",
        ("撤销登记", "已撤销", "撤销设立"),
        Tone.BAD,
        final=True,
    ),
    Term("moved_out", "迁出", "Moved out", ("已迁出", "迁移异地"), Tone.NEUTRAL),
    Term("closed", "停业", "Closed", ("歇业", "停业（歇业）"), Tone.WARN),
    Term("liquidating", "清算", "In liquidation", ("清算中",), Tone.WARN),
)


SUCCESSION = {
    "predecessor_codes": "合并、分立前主体统一社会信用代码",
    "successor_codes": "承继主体统一社会信用代码",
}
"""The columns that say which subjects one came from, or became, by merger or division (合并、分立)."""


class Enterprise(Kind):
    """企业: one record per enterprise, keyed by its code alone."""

    name = "enterprise"
    label = "企业"
    label_en = "Enterprises"
    aliases = ("企业登记", "企业基本信息", "市场主体", "经营主体")
    columns = (
        Column(
            "type",
            "企业类型",
            aliases=("主体类型", "市场主体类型", "类型"),
            find=Find.TEXT,
            maximum=200,
        ),
        Column(
            "capital",
            "注册资本",
            Type.AMOUNT,
            aliases=("注册资金", "注册资本（金）", "开办资金"),
        ),
        Column(
            "registered_on",
            "成立日期",
            Type.DATE,
            aliases=("注册日期", "登记日期", "设立日期"),
        ),
        Column(
            "scope",
            "经营范围",
            aliases=("业务范围",),
            show=Show.SCANNED,
            find=Find.TEXT,
            maximum=20_000,
        ),
        Column("province", "省份", aliases=("省", "所在省份", "所属省份"), maximum=50),
        Column(
            "city",
            "地区",
            aliases=("城市", "所属地区", "所属城市", "所在城市"),
            maximum=100,
        ),
        Column(
            "address",
            "住所",
            aliases=("地址", "注册地址", "企业地址", "经营场所", "住所（经营场所）"),
            show=Show.ADDRESS,
            find=Find.TEXT,
            maximum=1000,
        ),
        Column(
            "former_names",
            "曾用名",
            aliases=("历史名称", "原名称"),
            find=Find.TITLE,
            maximum=2000,
        ),
        Column(
            "legal_representative",
            "法定代表人",
            aliases=("法人代表", "法人", "法定代表人姓名", *both_prefixes("FRDB")),
            maximum=100,
        ),
        Column(
            "parent_code",
            "隶属企业统一社会信用代码",
            aliases=(
                "隶属企业代码",
                "所属企业统一社会信用代码",
                "总公司统一社会信用代码",
                "上级企业统一社会信用代码",
            ),
            find=Find.CODE,
            maximum=64,
            label_en="Parent's unified social credit code",
        ),
        Column(
            "predecessor_codes",
            "合并、分立前主体统一社会信用代码",
            aliases=(
                "被合并主体统一社会信用代码",
                "被吸收主体统一社会信用代码",
                "分立前主体统一社会信用代码",
            ),
            find=Find.CODE,
            maximum=400,
            label_en="Codes of those it was merged or divided from",
        ),
        Column(
            "successor_codes",
            "承继主体统一社会信用代码",
            aliases=("承继主体代码", "存续主体统一社会信用代码"),
            find=Find.CODE,
            maximum=400,
            label_en="Codes of its successors",
        ),
        Column("operator", "经营者", aliases=("经营者姓名",), show=Show.PERSON, maximum=100),
        Column("registration_office", "登记机关", find=Find.ISSUER, maximum=200),
        Column(
            "status",
            "登记状态",
            Type.CHOICE,
            aliases=("经营状态", "企业状态", "状态"),
            choices=STATUSES,
        ),
        Column(
            "status_changed_on",
            "登记状态日期",
            Type.DATE,
            aliases=("注销日期", "吊销日期", "注吊销日期"),
        ),
    )
    key = ()
    section = Section(
        0,
        (
            "type",
            "capital",
            "registered_on",
            "scope",
            "address",
            "former_names",
            "status",
        ),
    )
    title = "name"
    category = "type"
    dated = "registered_on"
    status_since = "status_changed_on"
    statuses = STATUSES
    subject_type = "enterprise"

    def check(self, values: dict[str, Value], today: date) -> Iterator[Problem]:
        """A natural person's trade has an operator, not a legal representative: the name moves to where it is
        masked. A branch (分公司) is of another enterprise than itself, and nobody succeeds itself (合并、分立, 公司法 220–222).
        """
        if parent := text_in(values, "parent_code"):
            values["parent_code"] = clean(parent)
            if not valid_uscc(clean(parent)):
                yield Problem("隶属企业统一社会信用代码", "不是正确的 18 位统一社会信用代码，请核对。")
            elif clean(parent) == clean(text_in(values, "uscc")):
                yield Problem("隶属企业统一社会信用代码", "与本企业的代码相同，请填写所隶属企业的代码。")
        for name, label in SUCCESSION.items():
            if stated := text_in(values, name):
                yield from self._succession(values, name, label, stated)
        if "legal_representative" in values and text_in(values, "uscc").startswith("92"):
            values["operator"] = values.pop("legal_representative")

    def _succession(self, values: dict[str, Value], name: str, label: str, stated: str) -> Iterator[Problem]:
        """One code or several, of others than itself."""
        codes = [clean(code) for code in re.split(r"[、；;，,\s]+", stated) if code]
        values[name] = "、".join(dict.fromkeys(codes))
        if not codes or not all(map(valid_uscc, codes)):
            yield Problem(label, "应当是一个或几个正确的 18 位统一社会信用代码，用顿号隔开，请核对。")
        elif clean(text_in(values, "uscc")) in codes:
            yield Problem(label, "与本企业的代码相同，请填写另一主体的代码。")


KIND = Enterprise()
