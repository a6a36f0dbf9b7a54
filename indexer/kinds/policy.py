"""Policy documents (政策文件): laws, rules and notices on quality and credit, always public.

公文 carry whether they are in force (有效, 失效, 废止), and search must say so (domain.md 3.5).
"""

from collections.abc import Iterator, Sequence
from datetime import date

from indexer.kinds.base import (
    Column,
    Find,
    Kind,
    Problem,
    Section,
    State,
    Term,
    Tone,
    Type,
    Value,
    Values,
    Vocabulary,
    stored_status,
    text_in,
)

EFFECTS = Vocabulary(
    Term("in_force", "有效", "In force", ("现行有效", "继续有效", "现行"), Tone.GOOD),
    Term(
        "lapsed",
        "失效",
        "Lapsed",
        ("已失效", "过期失效", "全文失效"),
        Tone.WARN,
        caution="这份文件已经失效，不能再作为依据，仅供查阅。",
        caution_en="This document has lapsed: it can be read here but is no longer a basis for anything.",
    ),
    Term(
        "repealed",
        "废止",
        "Repealed",
        ("已废止", "全文废止"),
        Tone.WARN,
        caution="这份文件已经废止，不能再作为依据，仅供查阅。",
        caution_en="This document was repealed: it can be read here but is no longer a basis for anything.",
    ),
    Term(
        "not_yet_in_force",
        "尚未施行",
        "Not yet in force",
        ("未施行", "尚未生效"),
        Tone.NEUTRAL,
        caution="这份文件尚未施行，施行之前不能作为依据。",
        caution_en="This document is not yet in force and is no basis for anything before it is.",
    ),
)


class Policy(Kind):
    """政策文件, one row (or one .txt file) per document. It is about nobody, so it has no subject."""

    name = "policy"
    label = "政策文件"
    label_en = "Policy documents"
    aliases = ("政策", "法规", "规范性文件", "文件")
    columns = (
        Column(
            "title",
            "标题",
            required=True,
            aliases=("文件名称", "文件标题", "名称", "政策名称"),
            find=Find.TITLE,
        ),
        Column(
            "document_number",
            "文号",
            aliases=("发文字号", "文件编号", "发文文号"),
            find=Find.CODE,
            maximum=200,
        ),
        Column(
            "issuer",
            "发文机关",
            aliases=("发布机构", "发文机构", "制定机关", "发布机关"),
            find=Find.ISSUER,
            maximum=500,
        ),
        Column(
            "issued_on",
            "发文日期",
            Type.DATE,
            aliases=("发布日期", "成文日期", "印发日期"),
        ),
        Column("effective_on", "施行日期", Type.DATE, aliases=("生效日期", "实施日期")),
        Column("lapsed_on", "失效日期", Type.DATE, aliases=("废止日期",)),
        Column(
            "effect",
            "有效性",
            Type.CHOICE,
            aliases=("效力", "时效性", "效力状态", "有效状态"),
            choices=EFFECTS,
        ),
        Column(
            "category",
            "文件分类",
            aliases=("分类", "文件类别", "主题分类"),
            maximum=200,
        ),
        Column("keywords", "主题词", aliases=("关键词",), find=Find.TEXT, maximum=500),
        Column("index_number", "索引号", aliases=("信息索引号",), maximum=100),
        Column(
            "url",
            "原文链接",
            aliases=("链接", "网址"),
            maximum=1000,
            label_en="Original",
        ),
        Column(
            "text",
            "正文",
            aliases=("内容", "文件正文", "全文"),
            find=Find.TEXT,
            maximum=1_000_000,
        ),
    )
    key = ("title", "document_number")
    section = Section(90, ("title", "document_number", "issuer", "issued_on", "effect"))
    title = "title"
    number = "document_number"
    category = "category"
    dated = "issued_on"
    valid_from = "effective_on"
    valid_until = "lapsed_on"
    status_since = "lapsed_on"
    statuses = EFFECTS
    needs_subject = False

    def check(self, values: dict[str, Value], today: date) -> Iterator[Problem]:
        """A document that is said to be in force can not have lapsed already."""
        lapsed = text_in(values, "lapsed_on")
        if lapsed and lapsed < today.isoformat() and values.get("effect") == "in_force":
            yield Problem("有效性", f"有效性写的是有效，但失效日期{lapsed}已过，请核对。")

    def first_status(self, values: Values) -> str | None:
        """What the column `effect` says; a document that says nothing is taken to be in force."""
        return text_in(values, "effect") or "in_force"

    def status_on(
        self,
        states: Sequence[State],
        valid_from: date | None,
        valid_until: date | None,
        day: date,
    ) -> str | None:
        """Before the day it takes effect 尚未施行; the day of lapse itself is its last day in force."""
        if valid_from is not None and day < valid_from:
            return "not_yet_in_force"
        stored = stored_status(self.statuses, states, day)
        ended = next(
            (state.status for state in states if state.status in ("lapsed", "repealed")),
            "lapsed",
        )
        if valid_until is not None and day > valid_until:
            return ended
        return "in_force" if valid_until is not None and stored == ended else stored


KIND = Policy()
