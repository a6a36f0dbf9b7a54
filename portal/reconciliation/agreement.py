"""Whether what a query says of somebody agrees with the register (属性比对): True, False, or None where the register does not say."""

from collections.abc import Sequence

from indexer.identifiers import Codes, InvalidCode, parse_codes
from indexer.register.reading import CreditFile
from indexer.text.normalise import key, normalise
from indexer.text.places import leading
from portal.checks.names import written
from portal.restrictions.scope import Place, UnknownPlace, place, place_of_record


def same_code(values: Sequence[str], file: CreditFile) -> bool | None:
    """Whether one of some codes, in any of their forms, is the subject's own."""
    return any(_is_code_of(value, file) for value in values)


def same_region(values: Sequence[str], file: CreditFile) -> bool | None:
    """Whether one of some regions, by name or six digits, has ground in common with the subject's: 江苏省 agrees with 苏州市."""
    registered = file.subject.region
    if not registered:
        return None
    here = _place(registered)
    return any(_meets(value, registered, here) for value in values)


def same_former_name(values: Sequence[str], file: CreditFile) -> bool | None:
    """Whether one of some names is an earlier one of the subject, but for brackets, width and the like."""
    borne = {written(name) for name in file.former_names}
    return any(written(value) in borne for value in values)


def codes_of(text: str) -> Codes | None:
    """What a text is as a code, None where it can be none."""
    try:
        return parse_codes(text)
    except InvalidCode:
        return None


def _is_code_of(value: str, file: CreditFile) -> bool:
    codes, subject = codes_of(value), file.subject
    if codes is None:
        return False
    if codes.uscc is not None:
        return codes.uscc == subject.uscc
    pairs = (
        (codes.organisation_code, subject.organisation_code),
        (codes.registration_number, subject.registration_number),
        (codes.opaque, subject.code),
    )
    return any(given is not None and given == own for given, own in pairs)


def _meets(value: str, registered: str, here: Place | None) -> bool:
    there = _place(value)
    if here is None or there is None:
        return key(value) == key(registered)
    return here.meets(there)


def _place(text: str) -> Place | None:
    """The division that a text means: six digits, one name, or names from the province down (江苏省苏州市)."""
    if (found := place_of_record(text)) is not None:
        return found
    plain = normalise(text)
    names = leading(plain)
    if "".join(names) != plain:
        return None
    for name in names:
        inside = [each for each in _called(name) if found is None or each.lies_in(found)]
        if len(inside) != 1:
            return None
        found = inside[0]
    return found


def _called(name: str) -> tuple[Place, ...]:
    try:
        return (place(name),)
    except UnknownPlace as several:
        return several.candidates
