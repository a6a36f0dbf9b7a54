"""Opening a credit file (信用档案) by whatever code a person has, and saying what was probably meant when the code is wrong."""

from datetime import date, datetime

from indexer.errors import InvalidParameter, NotFound
from indexer.identifiers import Codes, InvalidCode, likely_intended, parse_codes
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
    if len(files) > 1:
        raise NotFound(
            "此组织机构代码对应不止一个主体，请改用 18 位统一社会信用代码查询。",
            "This organisation code belongs to more than one subject; use the 18-character unified code.",
            tuple(file.subject.code for file in files),
        )
    if not files:
        raise _unknown(register, codes)
    return files[0]


def _unknown(register: Register, codes: Codes) -> NotFound:
    code = codes.uscc or codes.registration_number or codes.organisation_code or codes.opaque or ""
    intended = likely_intended(code) if codes.uscc else ()
    known = register.codes_in_use(intended) if intended else []
    suggestions = tuple(dict.fromkeys([*known, *intended]))
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
