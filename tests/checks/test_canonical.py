"""Canonical JSON is what RFC 8785 says, and can be cut and put together again."""

import struct
from typing import Any

import orjson
import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.register.canonical import LEAST, MOST, canonical, elements, in_parts, without_elements

text = st.text(st.characters(exclude_categories=["Cs"]))
keys = st.text(st.characters(max_codepoint=0x7F))
fractions = st.floats(LEAST, MOST, exclude_max=True) | st.floats(-MOST, -LEAST, exclude_min=True)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | fractions | text,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(keys, inner, max_size=5),
    max_leaves=30,
)


@given(values)
def test_it_writes_what_another_writer_of_the_standard_writes(value: Any) -> None:
    assert canonical(value) == rfc8785.dumps(value)


def test_texts_and_the_order_of_keys_are_as_in_section_3_2_2() -> None:
    value = orjson.loads(
        r"""{"string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","literals":[null,true,false]}"""
    )
    expected = r"""{"literals":[null,true,false],"string":"€$\u000f\nA'B\"\\\\\"/"}"""
    assert canonical(value) == expected.encode()


@pytest.mark.parametrize(
    ("bits", "written"),
    [
        (0x0000000000000000, "0"),
        (0x8000000000000000, "0"),
        (0x433FFFFFFFFFFFFF, "9007199254740991"),
        (0x41B3DE4355555553, "333333333.3333332"),
        (0x41B3DE4355555554, "333333333.33333325"),
        (0x41B3DE4355555555, "333333333.3333333"),
        (0x41B3DE4355555556, "333333333.3333334"),
        (0x41B3DE4355555557, "333333333.33333343"),
    ],
)
def test_numbers_are_as_in_appendix_b(bits: int, written: str) -> None:
    assert canonical(struct.unpack(">d", struct.pack(">Q", bits))[0]) == written.encode()


@pytest.mark.parametrize(
    "bits",
    [
        0x0000000000000001,  # 5e-324
        0x7FEFFFFFFFFFFFFF,  # 1.7976931348623157e+308
        0x44B52D02C7E14AF6,  # 1e+23
        0x3EB0C6F7A0B5ED8C,  # 9.999999999999997e-7
        0x7FF0000000000000,  # infinite
        0x7FFFFFFFFFFFFFFF,  # no number
    ],
)
def test_numbers_that_are_written_with_an_exponent_or_not_at_all_are_refused(bits: int) -> None:
    with pytest.raises((ValueError, OverflowError)):
        canonical(struct.unpack(">d", struct.pack(">Q", bits))[0])


@pytest.mark.parametrize("value", [{"键": 1}, 2**53, {"a": {1, 2}}, "\ud800", {"\ud800": 1}])
def test_what_has_no_certain_writing_is_refused(value: Any) -> None:
    with pytest.raises((ValueError, TypeError)):
        canonical(value)


@settings(max_examples=30)
@given(
    st.dictionaries(keys.filter(lambda key: key != "bidders"), values, max_size=6),
    st.lists(values, max_size=9),
    st.integers(1, 4),
)
def test_the_pieces_are_the_whole_and_can_be_read_apart(
    about: dict[str, Any], listed: list[Any], size: int
) -> None:
    document = about | {"bidders": listed}
    before = {name: value for name, value in about.items() if name < "bidders"}
    after = {name: value for name, value in about.items() if name > "bidders"}
    parts = list(in_parts(before, "bidders", iter(listed), size, lambda: after))
    assert b"".join(parts) == canonical(document)
    assert canonical([each for part in parts[1:-1] for each in elements(part)]) == canonical(listed)
    assert canonical(without_elements(parts[0], parts[-1])) == canonical(about | {"bidders": []})


def test_a_key_on_the_wrong_side_of_the_list_is_refused() -> None:
    with pytest.raises(ValueError, match="sorts after"):
        list(in_parts({"z": 1}, "bidders", [], 1, dict))
    with pytest.raises(ValueError, match="sorts before"):
        list(in_parts({}, "bidders", [], 1, lambda: {"a": 1}))
