"""Parting a Chinese document into passages (分段) along its articles, paragraphs and sentences, each with the heading above it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from indexer.text.normalise import bare, normalise

SHORTEST, LONGEST = 60, 160
"""Characters of a passage, where the text allows: shorter ones are joined to what follows, longer sentences are cut at a comma."""

LONGEST_HEADING = 40

_ITEM = 4
"""The level from which short items (（一） 1.) may share a passage; articles and chapters never do."""

_number = "[一二三四五六七八九十百千零〇两兩0-9０-９]{1,7}"
_markers = (
    re.compile(rf"第{_number}[编編篇]|附[件表录錄][0-9一二三四五六七八九十]{{0,3}}(?=[:：\s]|$)"),
    re.compile(rf"第{_number}章"),
    re.compile(rf"第{_number}[节節]"),
    re.compile(rf"第{_number}[条條]|[一二三四五六七八九十]{{1,3}}[、.．]"),
    re.compile(r"[(（][一二三四五六七八九十]{1,3}[)）]"),
    re.compile(r"[0-9０-９]{1,3}(?:[、．]|[.](?![0-9]))|[(（][0-9０-９]{1,3}[)）]|[①-⑳]"),
)
"""How each level of a document is numbered, highest first."""

_line = re.compile(r"[^\r\n\u2028\u2029]+")
_stop = re.compile(r"(?P<quoted>“[^”\n]{0,60}”)|[。！？；!?;]+[”’」』）)\"]*")
_clause = re.compile(r"[，,、：:]")
_closed = re.compile(r"[。！？；!?;：:）)」』”》]\s*$")


@dataclass(frozen=True, slots=True)
class Section:
    """A passage `text[start:end]`: its comparison key, the heading before it, the key of all headings above it, and whether a sentence
    was cut at either end.
    """

    start: int
    end: int
    key: str
    heading: str
    above: str
    cut_before: bool
    cut_after: bool


@dataclass(frozen=True, slots=True)
class _Block:
    """A paragraph: the level of the number it begins with (None: it has none), the heading that it is to what follows ("": to
    nothing), whether it is nothing but a heading, and whether it leads in what follows ("有下列情形之一的：").
    """

    start: int
    end: int
    level: int | None
    title: str = ""
    only_title: bool = False
    leads_in: bool = False


def sections(text: str) -> tuple[Section, ...]:
    """The passages of `text` in order, without overlap; headings that stand alone are in none. Any text will do."""
    found: list[Section] = []
    headings: dict[int, str] = {}
    keys: dict[str, str] = {"": ""}
    for blocks in _groups(list(_blocks(text))):
        first = blocks[0]
        headings = _below(headings, first)
        above = list(headings.values())
        if not first.only_title:
            for start, end in _parts(text, blocks):
                if start > first.start and first.title and above[-1:] != [first.title]:
                    above.append(first.title)
                heading = above[-1] if above else ""
                keys |= {title: bare(normalise(title)) for title in above if title not in keys}
                found.append(
                    Section(
                        start,
                        end,
                        bare(normalise(text[start:end])),
                        heading,
                        "\n".join(keys[title] for title in above),
                        start > first.start and not _ended(text, start),
                        end < blocks[-1].end and not _ended(text, end),
                    )
                )
        for block in blocks:
            headings = _below(headings, block)
            if block.level is not None and block.title:
                headings[block.level] = block.title
    return tuple(found)


def _below(headings: dict[int, str], block: _Block) -> dict[int, str]:
    """Of the headings so far those that are above a paragraph, highest first."""
    level = block.level
    return headings if level is None else {other: title for other, title in headings.items() if other < level}


def _blocks(text: str) -> Iterator[_Block]:
    """The paragraphs. A line that was broken in the middle of a sentence (as in texts taken from a scan) goes on in the next one."""
    start = end = -1
    for line in _line.finditer(text):
        stripped = line[0].strip()
        if not stripped:
            continue
        begins = line.start() + line[0].index(stripped[0])
        ends = begins + len(stripped)
        goes_on = start >= 0 and _broken(text, start, end)
        if goes_on and _level(text, begins) is None:
            end = ends
            continue
        if start >= 0:
            yield _block(text, start, end)
        start, end = begins, ends
    if start >= 0:
        yield _block(text, start, end)


def _broken(text: str, start: int, end: int) -> bool:
    """Whether a paragraph so far is too much of a sentence to be a heading, and lacks its end."""
    if _closed.search(text[end - 3 : end]):
        return False
    return end - start > LONGEST_HEADING or any(_sentences(text, start, end))


def _block(text: str, start: int, end: int) -> _Block:
    leads_in = text[end - 1] in ":："
    level = _level(text, start)
    if level is None:
        return _Block(start, end, None, leads_in=leads_in)
    marker = _markers[level].match(text, start)
    after = marker.end() if marker else start
    stop, _ = next(_sentences(text, after, end), (end, end))
    named = stop - start <= LONGEST_HEADING
    if named and stop == end:
        return _Block(start, end, level, text[start:end].rstrip(":： "), not leads_in, leads_in)
    if named and text[stop] == "。" and not _clause.search(text, after, stop):
        return _Block(start, end, level, text[start:stop], leads_in=leads_in)
    number = text[start:after] if level < _ITEM else ""  # 第十二条 says where one is, （二） does not
    return _Block(start, end, level, number.rstrip("、.．"), leads_in=leads_in)


def _level(text: str, at: int) -> int | None:
    return next((level for level, marker in enumerate(_markers) if marker.match(text, at)), None)


def _groups(blocks: list[_Block]) -> Iterator[list[_Block]]:
    """Paragraphs that may share passages: short ones with their short neighbours, but nothing across an article or section."""
    group: list[_Block] = []
    for block in blocks:
        if group and not _joins(group, block):
            yield group
            group = []
        group.append(block)
    if group:
        yield group


def _joins(group: list[_Block], block: _Block) -> bool:
    first = group[0]
    if first.only_title or block.only_title:
        return False
    if block.end - first.start > LONGEST or group[-1].end - first.start >= SHORTEST:
        return False
    if block.level is None or first.level is None:
        return block.level is None
    return block.level >= _ITEM and (
        block.level == first.level or (block.level > first.level and first.leads_in)
    )


def _parts(text: str, blocks: list[_Block]) -> Iterator[tuple[int, int]]:
    """Where the passages of a group begin and end: as few sentences each as give them their length."""
    start, end = blocks[0].start, blocks[-1].end
    cuts = _cuts(text, start, end)
    begun = start
    for at, following in zip(cuts, [*cuts[1:], end], strict=True):
        if at == end:
            break
        long_enough = at - begun >= SHORTEST and end - at >= SHORTEST // 2
        if at > begun and (long_enough or following - begun > LONGEST):
            yield from _stripped(text, begun, at)
            begun = at
    yield from _stripped(text, begun, end)


def _cuts(text: str, start: int, end: int) -> list[int]:
    """Where a passage may end: after sentences, within those that are too long after clauses, and at last anywhere."""
    cuts: list[int] = []
    begun = start
    for sentence in [*(after for _, after in _sentences(text, start, end)), end]:
        if sentence <= begun or (sentence - begun < SHORTEST // 2 and sentence < end):
            continue  # a title or exclamation goes with what it introduces
        if sentence - begun > LONGEST:
            cuts.extend(_within(text, begun, sentence))
        cuts.append(sentence)
        begun = sentence
    return cuts


def _sentences(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Where sentences stop: their closing marks (from, to). What is quoted inside a sentence does not end it."""
    for match in _stop.finditer(text, start, end):
        quoted = match["quoted"]
        if quoted is None:
            yield match.span()
        elif quoted[-2] in "。！？!?":
            yield match.end() - 2, match.end()


def _within(text: str, start: int, end: int) -> Iterator[int]:
    """The cuts inside a long sentence."""
    while end - start > LONGEST:
        clauses = [match.end() for match in _clause.finditer(text, start + SHORTEST, start + LONGEST)]
        start = clauses[-1] if clauses else start + LONGEST
        yield start


def _stripped(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    part = text[start:end]
    if kept := part.strip():
        begins = start + len(part) - len(part.lstrip())
        yield begins, begins + len(kept)


def _ended(text: str, at: int) -> bool:
    """Whether a sentence or line ends shortly before `at`."""
    return _closed.search(text[max(0, at - 3) : at]) is not None or text[at : at + 1] in ("\n", "\r")
