"""A policy document (政策文件) as plain text: one row with what the text itself shows of title, number, issuer and dates."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise, zip_longest

from indexer.errors import FileRefused
from indexer.sources.encoding import detect, text_chunks
from indexer.sources.table import Row
from indexer.sources.unpack import Source

HEADER = ("title", "document_number", "issuer", "issued_on", "effect", "index_number", "text")

_HEAD = 60  # lines in which the particulars of a document stand
_number = re.compile(
    r"[\u4e00-\u9fff]{2,14}[〔\[［(（【]\s*(?:19|20)\d{2}\s*[〕\]］)）】]\s*第?\s*\d{1,5}\s*号|"
    r"[\u4e00-\u9fff]{2,14}[〔\[［(（【]\s*(?:19|20)\d{2}\s*[〕\]］)）】]\s*第?\s*\d{1,5}\s*號"
)
_day = re.compile(r"(?:19|20)\d{2}\s*年\s*\d{1,2}\s*月\s*\d{1,2}\s*日")
_title_end = re.compile(
    r"(?:的?(?:通知|意见|決定|决定|公告|通告|办法|辦法|规定|規定|條例|条例|方案|细则|細則|批复|批復|意見|实施意见|实施方案|计划|规划|纲要|报告|函))(?:[(（].{1,8}[)）])?$"
)
_issuer = re.compile(
    r"[\u4e00-\u9fff]{2,30}?(?:人民政府办公厅|人民政府辦公廳|人民政府办公室|人民政府|办公厅|办公室|委员会|委員會|总局|總局|管理局|监督局|监督管理局|局|厅|廳|委|部)"
)
_void = re.compile(r"(?:已|宣布|宣佈)\s*(失效|废止|廢止)|^(失效|废止|廢止)$")
_labels = {
    "title": ("标题", "標題", "名称", "名稱", "文件名称"),
    "document_number": ("文号", "文號", "发文字号", "發文字號"),
    "issuer": ("发布机构", "發布機構", "发文机关", "发文机构", "制发机关"),
    "issued_on": ("发文日期", "發文日期", "成文日期", "印发日期", "发布日期"),
    "effect": ("时效", "時效", "有效性", "效力状态"),
    "index_number": ("索引号", "索引號"),
}
_by_label = {label: name for name, labels in _labels.items() for label in labels}
_label_words = (
    *sorted(_by_label, key=len, reverse=True),
    "分类", "主题词", "主题分类", "内容概述", "来源", "发布时间", "累计次数", "字体",
)  # fmt: skip
# The words of a label are spread with blanks to one width: `文          号:`.
_label = re.compile("|".join(r"\s*".join(map(re.escape, word)) for word in _label_words) + "").pattern
_labelled = re.compile(rf"(?:(?<=\s)|^)({_label})\s*[:：]")


@dataclass(frozen=True, slots=True)
class PolicyTable:
    """A `.txt` file: a table of one row. The first line on which the text stands is its line."""

    path: str
    header: tuple[str, ...]
    row: Row

    def __iter__(self) -> Iterator[Row]:
        yield self.row


def policy_table(source: Source) -> PolicyTable:
    """The document in `source`. Raises `FileRefused` when it is empty or longer than any document is."""
    pieces: list[str] = []
    length = 0
    for piece in text_chunks(source, detect(source)):
        pieces.append(piece)
        length += len(piece)
        if length > source.limits.policy:
            raise FileRefused(
                f"{source.name}：文本超过 {source.limits.policy >> 20} MB，不像是一份政策文件。请拆分或提交表格文件。",
                f"{source.name}: longer than any policy document.",
            )
    text = "".join(pieces).replace("\r\n", "\n").replace("\r", "\n").strip()
    if not text:
        raise FileRefused(f"{source.name}：文件是空的。", f"{source.name} is empty.")
    values = particulars(text)
    return PolicyTable(source.name, HEADER, Row(1, [values.get(name, "") for name in HEADER]))


def particulars(text: str) -> dict[str, str]:
    """What `text` says of itself. A labelled line (`文  号：…`) is believed before what is found by its form."""
    lines = [line.strip() for line in text.split("\n")]
    head = [line for line in lines if line][:_HEAD]
    found = {"text": text}
    for line in head:
        for name, value in _labelled_values(line):
            found.setdefault(name, value)
    if "effect" in found:
        found["effect"] = _effect(found["effect"])
    if "issued_on" in found:
        found["issued_on"] = found["issued_on"].split(" ")[0]
    body = [line for line in head if not _labelled.search(line)]
    opening = body[:12]
    if "document_number" not in found and (
        match := _first(_number, [line for line in opening if len(line) <= 60])
    ):
        found["document_number"] = match
    if "title" not in found:
        found["title"] = _title(body) or _opening(body)
    if "issued_on" not in found and (match := _first(_day, [line for line in head if len(line) <= 60])):
        found["issued_on"] = re.sub(r"\s", "", match)
    if "issuer" not in found:
        found["issuer"] = _signed(body)
    return {name: value for name, value in found.items() if value}


def _labelled_values(line: str) -> Iterator[tuple[str, str]]:
    """The labels of a line with what follows each; several may share a line."""
    marks = list(_labelled.finditer(line))
    for mark, following in zip_longest(marks, marks[1:]):
        name = _by_label.get(re.sub(r"\s", "", mark[1]))
        value = line[mark.end() : following.start() if following else None].strip()
        if name and value:
            yield name, value


def _effect(words: str) -> str:
    """`有效`, `失效`, `废止` from a sentence about it."""
    match = _void.search(words)
    if match:
        return "失效" if "失效" in match[0] else "废止"
    return words if len(words) <= 8 else ""


def _first(pattern: re.Pattern[str], lines: list[str]) -> str:
    return next((match[0] for line in lines if (match := pattern.search(line))), "")


def _title(body: list[str]) -> str:
    """The first line or two that read like the name of a document; a sentence with 。or a salutation is none."""
    for index, line in enumerate(body[:12]):
        if line.endswith((":", "：", "。")) or len(line) > 150:
            continue
        if _title_end.search(line):
            above = body[index - 1] if index else ""
            if line.startswith(("关于", "關于", "關於", "印发")) or not above or len(above) > 60:
                return line
            joined = _joined(body, index)
            return joined if _title_end.search(joined) else line
    return ""


def _opening(body: list[str]) -> str:
    """What a document without a title is called by: how its text begins, the salutation left out."""
    line = next((line for line in body if not line.endswith((":", "："))), body[0] if body else "")
    return re.split("[,，。；]", line)[0][:100]


def _joined(body: list[str], index: int) -> str:
    """A title broken over lines: back to the line that has 关于 or an issuer's name before it."""
    for start in range(index, max(index - 3, -1), -1):
        if re.search("关于|關于|關於|转发|轉發", body[start]):
            return "".join(body[start : index + 1])
    return body[index]


def _signed(body: list[str]) -> str:
    """Who signed: the short line above a day, else the body's name on the first line."""
    for above, below in pairwise(body):
        if len(above) <= 40 and _day.fullmatch(below.replace(" ", "")) and _issuer.fullmatch(above):
            return above
    match = _issuer.match(body[0]) if body else None
    return match[0] if match and body[0].endswith("文件") else ""
