"""Declarations (自我声明): what an enterprise publishes of itself — its standards, promises, reports and its
chief quality officer.

They say what the enterprise said, not that it is so. A chief quality officer (首席质量官) is a person and
masked (domain.md part 6).
"""

import re
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
    Tone,
    Type,
    Value,
    Vocabulary,
    text_in,
)

_digest = re.compile(r"[0-9a-f]{64}").fullmatch

KINDS = Vocabulary(
    Term(
        "standard",
        "企业标准自我声明",
        "Declared standard",
        ("企业标准", "标准自我声明", "企业产品标准自我声明公开"),
    ),
    Term(
        "promise",
        "质量承诺",
        "Quality promise",
        ("信用承诺", "质量信用承诺", "质量安全承诺"),
    ),
    Term(
        "annual_report",
        "企业年度报告",
        "Annual report",
        ("年度报告", "年报", "企业年报"),
    ),
    Term(
        "responsibility_report",
        "社会责任报告",
        "Social responsibility report",
        ("质量信用报告", "企业社会责任报告"),
    ),
    Term("quality_officer", "首席质量官", "Chief quality officer", ("首席质量官任命",)),
)

STATUSES = Vocabulary(
    Term("valid", "现行", "Current", ("有效", "现行有效", "正常"), Tone.GOOD),
    Term("withdrawn", "废止", "Withdrawn", ("已废止", "撤回", "失效"), Tone.NEUTRAL),
)


class Declaration(Kind):
    """自我声明, one row per document or appointment declared."""

    name = "declaration"
    label = "自我声明"
    label_en = "Declarations"
    aliases = ("企业声明", "质量承诺", "企业标准", "年度报告", "首席质量官")
    columns = (
        Column(
            "kind",
            "声明类型",
            required=True,
            aliases=("声明类别", "公开类型", "声明种类"),
            maximum=100,
        ),
        Column(
            "title",
            "声明名称",
            aliases=("标准名称", "报告名称", "承诺名称", "标题"),
            find=Find.TITLE,
        ),
        Column(
            "number",
            "声明编号",
            aliases=("标准编号", "企业标准编号", "编号"),
            find=Find.CODE,
            maximum=200,
        ),
        Column(
            "declared_on",
            "声明日期",
            Type.DATE,
            aliases=("公开日期", "公开时间", "声明公开日期", "任命日期"),
        ),
        Column("person", "首席质量官姓名", aliases=("姓名",), show=Show.PERSON, maximum=100),
        Column(
            "product",
            "产品",
            aliases=("产品名称", "适用产品"),
            find=Find.TEXT,
            maximum=2000,
        ),
        Column(
            "document",
            "声明文件",
            aliases=("文件", "公开文件", "文件地址"),
            show=Show.SCANNED,
            maximum=2000,
        ),
        Column("file", "声明附件校验值", aliases=("附件校验值",), maximum=64),
        Column(
            "status",
            "声明状态",
            Type.CHOICE,
            aliases=("状态", "标准状态"),
            choices=STATUSES,
        ),
        Column("status_changed_on", "状态变更日期", Type.DATE, aliases=("废止日期",)),
    )
    key = ("kind", "number", "title", "declared_on")
    section = Section(
        55,
        ("kind", "title", "number", "declared_on", "product", "status"),
        "没有自我声明记录。",
    )
    title = "title"
    number = "number"
    category = "kind"
    dated = "declared_on"
    status_since = "status_changed_on"
    statuses = STATUSES

    def check(self, values: dict[str, Value], today: date) -> Iterator[Problem]:
        """A declaration was made already; it is called by its kind where it has no title. `file` is a SHA-256 (`portal` gives the file out)."""
        if "file" in values and not _digest(text_in(values, "file")):
            yield Problem("声明附件校验值", "应为 SHA-256，64 位小写十六进制数字。")
        day = text_in(values, "declared_on")
        if day > today.isoformat():
            yield Problem("声明日期", f"声明日期{day}还没有到，请核对。")
        if term := KINDS.find(text_in(values, "kind")):
            values["kind"] = term.zh
        if "title" not in values and "kind" in values:
            values["title"] = values["kind"]


KIND = Declaration()
