"""Codes for bodies that do not exist: region part 329900 (GB/T 2260 does not assign it), check characters
right.
"""

from stdnum.iso7064 import mod_11_10

from indexer.identifiers import organisation_check, uscc_check

REGION = "329900"
FIRMS_FROM = 10_001
"""First serial of generated enterprises; below it stand stories (101…), authorities (501…) and institutions
(1001…).
"""


def unified_code(body: str, serial: int) -> str:
    """A unified code (统一社会信用代码) for the `body` of positions 1–2 ("91" enterprise, "92" sole trader,
    "12" public institution).

    `serial` is 1–99999: the organisation code inside is PDY00001–PDY99999, which GB 11714 keeps for private
    use, so that it is nobody's either.
    """
    organisation = f"PDY{serial:05d}"
    first17 = f"{body}{REGION}{organisation}{organisation_check(organisation)}"
    return first17 + uscc_check(first17)


def registration_number(serial: int) -> str:
    """A 15-digit registration number (工商注册号, GS15-2006) as firms had before unified codes."""
    first14 = f"{REGION}{serial:08d}"
    return first14 + mod_11_10.calc_check_digit(first14)


def food_licence_number(food_class: str, serial: int) -> str:
    """A food production licence number (食品生产许可证编号): SC, 1 = food, class, region, serial, check (MOD
    11,10).
    """
    first13 = f"1{food_class}{REGION}{serial:04d}"
    return f"SC{first13}{mod_11_10.calc_check_digit(first13)}"
