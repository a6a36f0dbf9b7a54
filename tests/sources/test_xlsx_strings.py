"""Shared strings are read as openpyxl reads them."""

import io
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.reader.strings import read_string_table

from indexer.sources.xlsx_strings import SharedStrings

NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
XML_TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff")
)


def table(*strings: str) -> bytes:
    inner = "".join(f"<x:si>{each}</x:si>" for each in strings)
    return f'<?xml version="1.0" encoding="UTF-8"?><x:sst xmlns:x="{NAMESPACE}">{inner}</x:sst>'.encode()


@given(
    st.lists(
        st.lists(st.tuples(st.sampled_from(["t", "r", "rPh", "none"]), XML_TEXT), max_size=3), max_size=5
    )
)
def test_plain_and_rich_text_is_what_openpyxl_reads(strings: list[list[tuple[str, str]]]) -> None:
    written = []
    for parts in strings:
        order = sorted(parts, key=lambda part: part[0] != "t")[
            : 1 if any(kind == "t" for kind, _ in parts) else None
        ]
        texts = {"t": "<x:t>{}</x:t>", "r": "<x:r><x:t>{}</x:t></x:r>", "none": ""}
        spoken = '<x:rPh sb="0" eb="1"><x:t>{}</x:t></x:rPh>'
        written.append("".join(texts.get(kind, spoken).format(escape(text)) for kind, text in order))
    content = table(*written)
    ours = SharedStrings(io.BytesIO(content))
    assert [ours[number] for number in range(len(ours))] == read_string_table(io.BytesIO(content))


def test_a_number_beyond_the_table_is_no_string() -> None:
    strings = SharedStrings(io.BytesIO(table("<x:t>示例</x:t>")))
    assert strings[0] == "示例"
    for beyond in (1, -1):
        with pytest.raises(IndexError):
            strings[beyond]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<sst>",
        b"nonsense",
        b" " * 5000 + b'<!DOCTYPE s [<!ENTITY a "b">]><sst/>',
        b"<!--" + b"-" * 5000 + b"x--><!DOCTYPE s><s/>",
    ],
)
def test_what_is_no_sound_xml_or_has_entities_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"no sound XML|document type"):
        SharedStrings(io.BytesIO(content))
