"""What people write in forms of cases, checked: length, and no characters that nobody can see."""

from indexer.errors import InvalidParameter

TITLE_LONGEST = 100  # characters
TEXT_LONGEST = 4000


def line(text: str, where: str, longest: int = TITLE_LONGEST, *, required: bool = True) -> str:
    """One line, blanks made one. Raises InvalidParameter `where`."""
    said = " ".join(text.split())
    if len(said) > longest or not said.isprintable() or (required and not said):
        raise _wrong(where, longest)
    return said


def lines(text: str, where: str, longest: int = TEXT_LONGEST, *, required: bool = True) -> str:
    """Text of several lines, trimmed. Raises InvalidParameter `where`."""
    said = "\n".join(each.rstrip() for each in text.replace("\t", " ").splitlines()).strip()
    if len(said) > longest or not said.replace("\n", "").isprintable() or (required and not said):
        raise _wrong(where, longest)
    return said


def _wrong(where: str, longest: int) -> InvalidParameter:
    return InvalidParameter(
        where,
        f"请填写，最多 {longest} 个字。",
        f"must be filled in, with at most {longest} characters that can be seen",
    )
