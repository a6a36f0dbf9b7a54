"""What letters say of records and subjects: a letter names them by id and code, and what each is called is read through the door when it is sent.

So a letter that waited while a record was repaired or withdrawn says nothing of it but that it is no longer public.
"""

import re

from indexer.identifiers import InvalidCode, parse_codes
from indexer.register.disclosure import PublicRecord
from indexer.register.reading import Register

GONE = "· 一条记录已不再公示。A record is no longer public."
_place = re.compile("\x1e([0-9a-f]{24})\x1e")
_subject = re.compile("\x1d([^\x1d\n]+)\x1d")


def place_of(record: str) -> str:
    """What stands in the text of a letter until it is sent, in a line of its own."""
    return f"\x1e{record}\x1e"


def name_place(code: str) -> str:
    """What stands for the name of a subject until the letter is sent."""
    return f"\x1d{code}\x1d"


def name_of(register: Register, code: str) -> str:
    """What the subject with a code is called; empty where nothing public stands under it."""
    try:
        files = register.credit_file(parse_codes(code))
    except InvalidCode:
        return ""
    return files[0].subject.name if files else ""


def told(register: Register, site: str, text: str) -> str:
    """The text of a letter with what may be said today of each record and subject that it names."""
    text = _subject.sub(lambda place: name_of(register, place[1]) or place[1], text)
    if not (named := _place.findall(text)):
        return text
    public = register.records(named)
    return _place.sub(lambda place: _line(public.get(place[1]), site), text)


def _line(record: PublicRecord | None, site: str) -> str:
    if record is None:
        return GONE
    name = record.subject.name if record.subject is not None else record.name
    title = record.title if record.title != name else ""
    state = record.status_term
    words = (record.kind.label, name, title, record.number, state.zh if state is not None else None)
    said = " ".join(dict.fromkeys(part for part in words if part))
    return f"· {said}\n  {site}/records/{record.id}"
