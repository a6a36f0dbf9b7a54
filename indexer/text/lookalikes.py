"""Characters that look alike (形近字) and are different words: 未 and 末, 治 and 冶.

Only for ordering near names and for saying why. Mere variants, which are the same word, are folded (see `normalise.py`).
"""

from functools import cache
from importlib.resources import files


def lookalikes(character: str) -> str:
    """The characters that look like this normalised one, "" when none is known: `lookalikes("未") == "末"`."""
    return _lookalikes().get(character, "")


@cache
def _lookalikes() -> dict[str, str]:
    """Of each character in a group the others, of all its groups."""
    found: dict[str, str] = {}
    for group in groups():
        for character in group:
            found[character] = found.get(character, "") + group.replace(character, "")
    return found


def groups() -> list[str]:
    """The groups of the file, in its order."""
    lines = files("indexer.text").joinpath("lookalikes.txt").read_text(encoding="utf-8").splitlines()
    return [group for line in lines if not line.startswith("#") for group in line.split()]
