"""Opening a credit file (信用档案) by whatever code a person has, and saying what was probably meant when the code is wrong."""

from collections.abc import Collection, Sequence
from datetime import date, datetime

from indexer.errors import InvalidParameter, NotFound
from indexer.identifiers import Codes, InvalidCode, likely_intended, parse_codes
from indexer.register.many import ManySubjects
from indexer.register.reading import CreditFile, Register

UNSOUND = ("uscc-check", "organisation-check", "registration-check")


def read_codes(text: str, where: str = "id") -> Codes:
    """What a typed code is. Raises InvalidParameter when it cannot be any code; a wrong check character alone does not."""
    try:
        return parse_codes(text)
    except InvalidCode as error:
        meant = "" if not error.suggestions else f"是否想输入：{'、'.join(error.suggestions)}？"
        raise InvalidParameter(where, error.zh + meant, error.en) from None


def open_file(
    register: Register, text: str, as_of: date | None = None, known_at: datetime | None = None
) -> CreditFile:
    """The credit file of the subject with this code.

    Raises InvalidParameter for what is no code, NotFound with `suggestions` for an unknown one, and NotFound naming both subjects
    where an organisation code was given out twice: guessing would confuse two enterprises.
    """
    codes = read_codes(text)
    files = register.credit_file(codes, as_of, known_at)
    if len(files) == 1:
        return files[0]
    raise _shared(files) if files else _unknown(codes, register.codes_in_use(_intended(codes)))


def open_files(
    subjects: ManySubjects, texts: Sequence[str]
) -> list[CreditFile | InvalidParameter | NotFound]:
    """For each of some hundred codes what `open_file` gives or raises, with a handful of statements however many there are."""
    read = [_codes(text) for text in texts]
    sound = [codes for codes in read if isinstance(codes, Codes)]
    held = dict(zip(sound, subjects.by_codes(sound), strict=True))
    guesses = {guess for codes, files in held.items() if not files for guess in _intended(codes)}
    in_use = frozenset(subjects.register.codes_in_use(guesses) if guesses else ())
    found: list[CreditFile | InvalidParameter | NotFound] = []
    for codes in read:
        if not isinstance(codes, Codes):
            found.append(codes)
        elif len(files := held[codes]) == 1:
            found.append(files[0])
        else:
            found.append(_shared(files) if files else _unknown(codes, in_use))
    return found


def _codes(text: str) -> Codes | InvalidParameter:
    try:
        return read_codes(text)
    except InvalidParameter as refused:
        return refused


def _intended(codes: Codes) -> tuple[str, ...]:
    return likely_intended(codes.uscc) if codes.uscc else ()


def _shared(files: Sequence[CreditFile]) -> NotFound:
    return NotFound(
        "此组织机构代码对应不止一个主体，请改用 18 位统一社会信用代码查询。",
        "This organisation code belongs to more than one subject; use the 18-character unified code.",
        tuple(file.subject.code for file in files),
    )


def _unknown(codes: Codes, in_use: Collection[str]) -> NotFound:
    """Nobody has the code; of those that were probably meant, the ones `in_use` are told first."""
    code = codes.uscc or codes.registration_number or codes.organisation_code or codes.opaque or ""
    intended = _intended(codes)
    suggestions = tuple(sorted(intended, key=lambda each: each not in in_use))
    if any(flag in UNSOUND for flag in codes.flags):
        return NotFound(
            f"代码 {code} 的校验位不对，登记库中也没有它，很可能输错了。请对照证照核对。",
            f"The check character of {code} is wrong and no subject has it; it was probably mistyped.",
            suggestions,
        )
    return NotFound(
        f"登记库中没有代码为 {code} 的主体的公示记录。",
        f"The register holds nothing public about {code}.",
        suggestions,
    )
