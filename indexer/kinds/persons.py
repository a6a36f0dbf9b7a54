"""Whether a record is about a natural person (自然人); adverse records of persons are never public (domain.md
parts 5 and 6).

个人信息保护法 6 and 28 ask for the least that is needed, so in doubt a short name without any code counts as
a person's.
"""

import re

from indexer.kinds.base import (
    Column,
    Term,
    Type,
    Value,
    Values,
    Vocabulary,
    both_prefixes,
    text_in,
)

SUBJECT_KINDS = Vocabulary(
    Term(
        "organisation",
        "法人及非法人组织",
        "Organisation",
        (
            "法人",
            "非法人组织",
            "法人及其他组织",
            "法人和其他组织",
            "企业",
            "单位",
            "机构",
        ),
    ),
    Term("natural_person", "自然人", "Natural person", ("个人", "人员", "公民")),
    Term("sole_trader", "个体工商户", "Sole trader", ("个体", "个体户")),
)

SUBJECT_KIND = Column(
    "subject_kind",
    "行政相对人类别",
    Type.CHOICE,
    aliases=("相对人类别", "当事人类型", "主体类别", *both_prefixes("XDR_LB")),
    choices=SUBJECT_KINDS,
)
"""For kinds that may be about persons; `settle_subject_kind` fills it in where the file says nothing."""

NATURAL_PERSON = "natural-person"
"""Why a record is withheld."""

_like_a_person = re.compile(
    r"[\u3400-\u9fff]{2,4}|[\u3400-\u9fff某*＊×xX]{2,4}|[\u3400-\u9fff]+(?:[·•・.][\u3400-\u9fff]+)+"
).fullmatch


def reads_like_a_person(name: str) -> bool:
    """Whether a name reads like a person's: two to four Chinese characters, or parts with a dot between them."""
    return _like_a_person(name) is not None


def settle_subject_kind(values: dict[str, Value]) -> None:
    """Fill in `subject_kind` from identity number, code and name, for a row in its check.

    A row without any code is a person's when it has an identity number, whatever else it says, or when its
    name reads like one: two to four Chinese characters, or parts with a dot between them.
    """
    code = text_in(values, "uscc")
    if not code and (
        "id_number" in values
        or ("subject_kind" not in values and reads_like_a_person(text_in(values, "name")))
    ):
        values["subject_kind"] = "natural_person"
    elif "subject_kind" not in values:
        values["subject_kind"] = "sole_trader" if code.startswith("92") else "organisation"


def is_natural_person(values: Values) -> bool:
    """Whether a checked row is about a natural person."""
    return values.get("subject_kind") == "natural_person"
