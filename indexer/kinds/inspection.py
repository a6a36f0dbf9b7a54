"""Supervision inspections (监督检查): 双随机检查 of firms and 监督抽查 of products.

Result and after-treatment of a failure are both shown ("两公开", 相市管〔2018〕45号 §10; domain.md 3.5).
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
        "random",
        "双随机检查",
        "Random inspection",
        ("双随机", "双随机、一公开", "双随机一公开", "双随机抽查"),
    ),
    Term(
        "sampling",
        "监督抽查",
        "Product sampling",
        ("产品质量监督抽查", "抽检", "监督抽检", "质量抽查"),
    ),
    Term("routine", "日常检查", "Routine inspection", ("日常监督检查", "日常巡查")),
    Term("special", "专项检查", "Special inspection", ("专项监督检查", "专项整治")),
)


class Inspection(Kind):
    """监督检查, one row per firm (and item) inspected."""

    name = "inspection"
    label = "监督检查"
    label_en = "Inspections"
    aliases = ("抽查", "监督抽查", "双随机", "检查结果")
    columns = (
        Column(
            "plan",
            "抽查计划",
            aliases=("抽查计划名称", "检查计划", "抽查任务", "任务名称"),
            find=Find.TITLE,
        ),
        Column(
            "kind",
            "检查类型",
            aliases=("检查方式", "抽查类型", "检查类别"),
            maximum=100,
        ),
        Column(
            "item",
            "检查事项或产品",
            aliases=("检查事项", "抽查事项", "抽查产品", "产品名称", "受检产品"),
            find=Find.TITLE,
            maximum=1000,
        ),
        Column("model", "规格型号", aliases=("型号规格",), maximum=500),
        Column(
            "lot",
            "生产日期或批号",
            aliases=("生产日期/批号", "批号", "产品批次"),
            maximum=200,
        ),
        Column(
            "result",
            "检查结果",
            required=True,
            aliases=("抽查结果", "检验结果", "判定结果", "结果"),
            show=Show.SCANNED,
            maximum=2000,
        ),
        Column(
            "failed_items",
            "不合格项目",
            aliases=("主要不合格项目", "不合格项"),
            find=Find.TEXT,
            maximum=2000,
        ),
        Column(
            "authority",
            "检查机关",
            aliases=("实施机关", "组织单位", "抽查机关"),
            find=Find.ISSUER,
            maximum=300,
        ),
        Column(
            "inspected_on",
            "检查日期",
            Type.DATE,
            aliases=("抽查日期", "检验日期", "抽样日期"),
        ),
        Column(
            "follow_up",
            "后处理结果",
            aliases=("后处理情况", "处理结果", "整改情况"),
            show=Show.SCANNED,
            maximum=2000,
        ),
    )
    key = ("plan", "kind", "item", "model", "lot", "inspected_on")
    section = Section(
        50,
        ("plan", "kind", "item", "result", "authority", "inspected_on", "follow_up"),
        "没有监督检查记录。",
    )
    title = "item"
    category = "kind"
    dated = "inspected_on"

    def check(self, values: dict[str, Value], today: date) -> Iterator[Problem]:
        """What has not happened yet has no result; the usual words for the kind of inspection become one."""
        day = text_in(values, "inspected_on")
        if day > today.isoformat():
            yield Problem("检查日期", f"检查日期{day}还没有到，不会已有结果，请核对。")
        if term := KINDS.find(text_in(values, "kind")):
            values["kind"] = term.zh


KIND = Inspection()
