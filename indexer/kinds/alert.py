"""Risk alerts and recalls (风险与召回): warnings to the public about a product, with or without an enterprise
that made it.
"""

from collections.abc import Iterator
from datetime import date

from indexer.kinds.base import (
    Column,
    Find,
    Kind,
    Problem,
    Section,
    Show,
    Term,
    Type,
    Value,
    Vocabulary,
    text_in,
)

KINDS = Vocabulary(
    Term(
        "warning",
        "风险预警",
        "Risk warning",
        ("风险警示", "消费提示", "消费警示", "质量安全风险预警"),
    ),
    Term(
        "recall",
        "缺陷产品召回",
        "Product recall",
        ("召回", "产品召回", "召回公告", "缺陷召回"),
    ),
    Term("notice", "信息通报", "Notice", ("通报", "情况通报", "质量通报")),
)


class Alert(Kind):
    """风险与召回, one row per product warned about; the enterprise may be missing, since some alerts are
    about a class of products.
    """

    name = "alert"
    label = "风险与召回"
    label_en = "Alerts and recalls"
    aliases = ("风险预警", "召回", "缺陷产品召回", "质量安全风险")
    columns = (
        Column(
            "kind",
            "预警类型",
            aliases=("风险类型", "通报类型", "信息类型"),
            maximum=100,
        ),
        Column(
            "product",
            "产品",
            required=True,
            aliases=("产品名称", "召回产品"),
            find=Find.TITLE,
            maximum=1000,
        ),
        Column(
            "model",
            "型号",
            aliases=("规格型号", "涉及型号", "型号及批次"),
            find=Find.TEXT,
            maximum=4000,
        ),
        Column(
            "number",
            "公告编号",
            aliases=("召回编号", "预警编号", "文号"),
            find=Find.CODE,
            maximum=200,
        ),
        Column(
            "hazard",
            "危害",
            aliases=("缺陷描述", "可能后果", "危害描述", "风险描述", "可能导致的后果"),
            show=Show.SCANNED,
            find=Find.TEXT,
            maximum=4000,
        ),
        Column(
            "measure",
            "处置",
            aliases=("处置措施", "召回措施", "应对措施", "补救措施"),
            show=Show.SCANNED,
            maximum=4000,
        ),
        Column(
            "issued_on",
            "发布日期",
            Type.DATE,
            aliases=("公告日期", "通报日期", "召回日期"),
        ),
        Column(
            "authority",
            "发布机关",
            aliases=("发布机构", "发布单位", "通报机关"),
            find=Find.ISSUER,
            maximum=300,
        ),
    )
    key = ("kind", "number", "product", "issued_on")
    section = Section(
        48,
        ("kind", "product", "model", "hazard", "measure", "issued_on", "authority"),
        "没有风险与召回记录。",
    )
    title = "product"
    number = "number"
    category = "kind"
    dated = "issued_on"
    subject_optional = True

    def check(self, values: dict[str, Value], today: date) -> Iterator[Problem]:
        """The usual words for the kind of alert become one."""
        if term := KINDS.find(text_in(values, "kind")):
            values["kind"] = term.zh
        return iter(())


KIND = Alert()
