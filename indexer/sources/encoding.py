"""Bytes to text (编码识别): UTF-8 with or without BOM, UTF-16 in both orders, GB18030.

A byte that the file's encoding can not have becomes a lone surrogate: the row it stands in is still cut at the right places (neither
comma, quote nor line end is ever part of a longer character in these encodings) and is rejected by the check, the others are taken.
"""

import codecs
from collections.abc import Iterator

from indexer.errors import FileRefused
from indexer.sources.unpack import Source

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_HEAD = 1 << 20  # bytes looked at from the first that is not ASCII


def detect(source: Source) -> str:
    """The codec name of a text. The first text that is not ASCII decides; a file without any is UTF-8.

    Where lines of two encodings are mixed, the one in which fewer lines fail. Raises `FileRefused` when it is no text in any.
    """
    head = b""
    for chunk in source.chunks():
        if not head:
            for mark, name in _BOMS:
                if chunk.startswith(mark):
                    return name
            if (guess := _utf16_without_mark(chunk[:4096])) is not None:
                return guess
        if head or not chunk.isascii():
            head += chunk
            if len(head) >= _HEAD:
                break
    if not head:
        return "utf-8"
    lines = head[: head.rfind(b"\n") + 1 or len(head)].splitlines()
    failing = {name: sum(not _decodes(line, name) for line in lines) for name in ("utf-8", "gb18030")}
    best = min(failing, key=lambda name: failing[name])
    if failing[best] * 2 > sum(not line.isascii() for line in lines):
        raise FileRefused(
            f"{source.name}：无法识别文字编码。请另存为 UTF-8 编码的 CSV 后重新提交。",
            f"{source.name}: the text encoding is not known; save it as UTF-8.",
        )
    return best


def _decodes(line: bytes, name: str) -> bool:
    try:
        line.decode(name)
    except UnicodeDecodeError:
        return False
    return name == "utf-8" or not _looks_utf8(line)


def _utf16_without_mark(head: bytes) -> str | None:
    """By the zero bytes that ASCII characters (commas, digits, line ends) have in UTF-16."""
    head = head[: len(head) & ~1]
    even, odd = head[::2].count(0), head[1::2].count(0)
    if odd > max(len(head) // 40, 4 * even):  # 一 (U+4E00) and its like have a zero byte on the other side
        return "utf-16-le"
    if even > max(len(head) // 40, 4 * odd):
        return "utf-16-be"
    return None


def text_chunks(source: Source, encoding: str) -> Iterator[str]:
    """The text of `source` in pieces of no particular length."""
    if encoding == "gb18030":
        yield from _gb18030_chunks(source)
        return
    # A lone half of a UTF-16 pair stays what it is, a surrogate; undecodable bytes of UTF-8 become surrogates.
    errors = "surrogatepass" if encoding.startswith("utf-16") else "surrogateescape"
    decoder = codecs.getincrementaldecoder(encoding)(errors)
    begun = False
    for chunk in source.chunks():
        text = decoder.decode(chunk)
        if text and not begun:
            begun = True
            text = text.removeprefix("\ufeff")
        if text:
            yield text
    try:
        rest = decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise FileRefused(
            f"{source.name}：文件在一个字符的中间断开，可能没有传完。请重新传输后再提交。",
            f"{source.name} ends within a character; it may be truncated.",
        ) from None
    if rest:
        yield rest


def _gb18030_chunks(source: Source) -> Iterator[str]:
    """Line by line, as a UTF-8 line read as GB18030 seldom fails but turns into other characters."""
    rest = b""
    for chunk in source.chunks():
        cut = chunk.rfind(b"\n") + 1
        if not cut:
            rest += chunk
            if (
                len(rest) > 4 * source.limits.line
            ):  # no line end for that long: leave the complaint to who counts lines
                yield rest.decode("gb18030", "surrogateescape")
                rest = b""
            continue
        block, rest = rest + chunk[:cut], chunk[cut:]
        yield "".join(map(_gb18030_line, block.splitlines(keepends=True)))
    if rest:
        yield _gb18030_line(rest)


def _gb18030_line(line: bytes) -> str:
    if line.isascii():
        return line.decode("ascii")
    if _looks_utf8(line):
        return line.decode("ascii", "surrogateescape")
    return line.decode("gb18030", "surrogateescape")


def _looks_utf8(line: bytes) -> bool:
    """Whether a line in a GB18030 file is UTF-8 in truth: it decodes, to at least three East Asian characters and no others.

    GB18030 text that decodes as UTF-8 by chance gives two-byte characters (Latin, Greek, Arabic), the case of “联通”.
    """
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    wide = [character for character in text if character > "\x7f"]
    return len(wide) >= 3 and min(wide) >= "\u2000"
