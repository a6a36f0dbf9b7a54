"""What can be followed (关注对象): a subject, one's own enterprise, a list, a search; how each is written, and where it stands in the portal."""

from dataclasses import dataclass
from typing import Literal, cast, get_args
from urllib.parse import parse_qsl, quote, urlencode

from indexer.accounts.records_told import name_of, name_place
from indexer.errors import InvalidParameter
from indexer.kinds import kinds
from indexer.kinds.base import Vocabulary
from indexer.register.reading import Register
from indexer.search.query import Filters

What = Literal["subject", "own", "list", "search"]

ASKED = ("q", "kind", "region", "status", "issuer", "year")
"""What of a search is followed."""

LONGEST = 4000  # characters of a target


@dataclass(frozen=True, slots=True)
class Target:
    """Something that is followed. `key` is the code of a subject, `red` or `red 江苏省` for a list, `q=…&kind=…` for a search."""

    what: What
    key: str

    @property
    def path(self) -> str:
        """The page of the portal that shows it."""
        match self.what:
            case "list":
                name, _, region = self.key.partition(" ")
                return f"/lists/{name}" + (f"?{urlencode({'region': region})}" if region else "")
            case "search":
                return f"/search?{self.key}"
            case _:
                return f"/subjects/{quote(self.key)}"

    @property
    def text(self) -> str:
        """The words of a search."""
        return dict(parse_qsl(self.key)).get("q", "")

    @property
    def filters(self) -> Filters:
        """The filters of a search."""
        asked = dict(parse_qsl(self.key))
        chosen = {name: (asked[name],) for name in ASKED[1:5] if name in asked}
        return Filters(**chosen, year=(int(asked["year"]),) if "year" in asked else None)


def list_key(name: str, region: str | None) -> str:
    """The key of a list, of a region where one is named."""
    return f"{name} {region}" if region else name


def search_key(asked: dict[str, object]) -> str:
    """The key of a search: its words and filters, in one order."""
    return urlencode([(name, str(asked[name])) for name in ASKED if asked.get(name) not in (None, "")])


def checked(register: Register, what: str, key: str) -> Target:
    """What somebody wants to follow. Raises InvalidParameter `target` for what is nothing to follow."""
    wrong = InvalidParameter("target", "没有可关注的内容，请从页面上的“关注”进入。", "is nothing to follow")
    if what not in get_args(What) or what == "own" or not 0 < len(key) <= LONGEST or not key.isprintable():
        raise wrong
    if what == "subject" and not name_of(register, key):
        raise wrong
    if what == "list" and key.partition(" ")[0] not in _lists():
        raise wrong
    if what == "search":
        asked = dict(parse_qsl(key))
        sayable = any(character.isalnum() for character in asked.get("q", ""))
        plain = all(value.isprintable() for value in asked.values())
        if (
            not sayable
            or not plain
            or search_key(dict(asked)) != key
            or not _is_year(asked.get("year", "2026"))
        ):
            raise wrong
    return Target(cast(What, what), key)


def letter_title(target: Target) -> str:
    """What is followed, as a letter says it: a subject by the place of its name."""
    match target.what:
        case "list":
            name, _, region = target.key.partition(" ")
            return f"{_lists()[name].zh}{f'（{region}）' if region else ''}"
        case "search":
            others = [value for name, value in parse_qsl(target.key) if name != "q"]
            return f"“{target.text}”的搜索结果" + (f"（{'、'.join(others)}）" if others else "")
        case _:
            return name_place(target.key)


def _is_year(text: str) -> bool:
    return len(text) == 4 and text.isascii() and text.isdecimal()


def _lists() -> Vocabulary:
    column = next(column for column in kinds()["listing"].columns if column.name == "list")
    assert column.choices is not None
    return column.choices
