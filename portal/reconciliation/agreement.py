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
    """Whether one of some regions, by name or six digits, has ground in common with the subject's: 江苏省 agrees with 苏州市.

    Of a place that the table of divisions does not have (江苏省某某开发区), only what it lies in is known: 江苏省 agrees, 苏州市 does not.
    """
    registered = file.subject.region
    if not registered:
        return None
    return any(key(value) == key(registered) or _meets(value, registered) for value in values)


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


def _meets(value: str, registered: str) -> bool:
    there, whole = _place(value)
    if there is None or not whole:
        return False
    here, whole = _place(registered)
    return here is not None and (here.meets(there) if whole else here.lies_in(there))


def _place(text: str) -> tuple[Place | None, bool]:
    """The division that a text means, and whether it means just that and not something within it: by six digits, by one name, or by names
    from the province down (江苏省苏州市).
    """
    if (found := place_of_record(text)) is not None:
        return found, True
    plain = normalise(text)
    names = leading(plain)
    for name in names:
        inside = [each for each in _called(name) if found is None or each.lies_in(found)]
        if len(inside) != 1:
            return found, False
        found = inside[0]
    return found, "".join(names) == plain


def _called(name: str) -> tuple[Place, ...]:
    try:
        return (place(name),)
    except UnknownPlace as several:
        return several.candidates
