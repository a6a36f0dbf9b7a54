"""When two writings are one name (名称同一), and how like other names are, in words of both languages.

A name alone may be taken for an enterprise only where the difference can not make another one: brackets, blanks, width, case, quotes, dots,
and a Traditional character that is no Simplified one too. 乾 and 著 are both, so 乾元 and 干元 may be two enterprises.
"""

import unicodedata
from functools import lru_cache

from indexer.register.exact import writings
from indexer.register.reading import CreditFile
from indexer.search.question import read
from indexer.search.ranking import Likeness, Wanted
from indexer.text.normalise import bare, normalise
from indexer.text.sounds import syllables
from portal.checks.model import Candidate

LONGEST_NAME = 300
"""Characters of a name; the register holds none that is longer (indexer/kinds/base.py)."""

MOST_CHANGES = 5

ALMOST = 0.99
"""The score of a name that search takes for the same, where the difference can make another enterprise."""

_UNHEARD = frozenset("()[]{}<>【】〔〕〖〗《》〈〉「」『』\"'“”‘’·•・‧∙⋅●")


@lru_cache(maxsize=4096)
def written(name: str) -> str:
    """What is left of a name to tell whether it is the same one: `written("蘇州（示例）廠") == written("苏州示例厂") == "苏州示例厂"`."""
    return "".join(map(_told_apart, unicodedata.normalize("NFKC", name).casefold()))


@lru_cache(maxsize=30_000)
def _told_apart(character: str) -> str:
    """A character as names are told apart by it, "" where they are not."""
    if character in _UNHEARD or character.isspace() or unicodedata.category(character) in ("Cc", "Cf"):
        return ""
    return _simplified(character)


def usual(name: str) -> str:
    """A name as it is written, but for width and blanks; its brackets count."""
    return "".join(unicodedata.normalize("NFKC", name).split())


def spellings_of(name: str) -> list[str]:
    """The writings under which the register may hold a name: as typed and in Simplified characters, with either sort of brackets."""
    simple = "".join(map(_simplified, name))
    return list(dict.fromkeys((*writings(name), *writings(simple))))


@lru_cache(maxsize=30_000)
def _simplified(character: str) -> str:
    if not "㐀" <= character <= "\ufaff" or _in_simplified_use(character):
        return character
    one = normalise(character)
    return one if len(one) == 1 else character


def _in_simplified_use(character: str) -> bool:
    """GB/T 2312 holds the characters of Simplified writing."""
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


class Sought:
    """A name that somebody gave, to be compared with those of several subjects."""

    def __init__(self, name: str) -> None:
        self._name = written(name)
        self._wanted = Wanted(normalise(read(name).text))

    def candidate(self, file: CreditFile) -> Candidate:
        """A subject as one who may be meant, by its name or by the earlier one that is more like."""
        name = file.subject.name
        likeness, said = max(
            ((self._wanted.likeness(bare(normalise(one))), one) for one in (name, *file.former_names)),
            key=lambda found: found[0].degree,
        )
        degree, (zh, en) = likeness.degree, _told(likeness)
        if likeness.how == "whole" and written(said) != self._name:
            degree, zh, en = (
                ALMOST,
                "除标点或异体字外名称一致",
                "the same name but for punctuation or variant characters",
            )
        if said != name and likeness.how:
            zh, en = f"曾用名“{said}”：{zh}", f"Earlier name {said}: {en}"
        return Candidate(file.subject.code, name, round(degree, 3), zh, en)


def _told(likeness: Likeness) -> tuple[str, str]:
    zh, en = _HOW[likeness.how]
    if likeness.how == "near" and likeness.changes:
        changes = [_change(*change) for change in likeness.changes[:MOST_CHANGES]]
        zh = "名称相近：" + "；".join(change_zh for change_zh, _ in changes)
        en = "a similar name: " + "; ".join(change_en for _, change_en in changes)
    if likeness.elsewhere is not None:
        asked, own = likeness.elsewhere
        zh, en = (
            f"{zh}；地区不同：所填为{asked}，该主体在{own}",
            f"{en}; another place: {asked} given, this one is in {own}",
        )
    return zh, en


_HOW = {
    "whole": ("名称一致", "the same name"),
    "core": ("名称主体相同", "the same name but for place and legal form"),
    "holds": ("名称含所填的全部文字", "holds all that was given"),
    "spelt": ("拼音相符", "spelt so in Latin letters"),
    "initials": ("拼音首字母相符", "has these initials"),
    "near": ("读音相近", "sounds alike"),
    "": ("检索结果之一", "found by search"),
}


def _change(typed: str, stands: str) -> tuple[str, str]:
    if not typed:
        return f"多“{stands}”字", f"has {stands} besides"
    if not stands:
        return f"没有“{typed}”", f"lacks {typed}"
    if syllables(typed) == syllables(stands):
        return f"同音字：{typed}→{stands}", f"another character of the same sound: {typed}→{stands}"
    return f"不同字：{typed}→{stands}", f"another character: {typed}→{stands}"
