"""The shared strings of a workbook (共享字符串), in two flat arrays: a third of the memory of as many Python strings, and read faster."""

from array import array
from typing import IO
from xml.parsers.expat import ExpatError, ParserCreate

from openpyxl import Workbook
from openpyxl.packaging.manifest import Manifest
from openpyxl.reader.excel import ExcelReader
from openpyxl.xml.constants import SHARED_STRINGS, SHEET_MAIN_NS

_STRING, _TEXT, _PHONETIC = (f"{SHEET_MAIN_NS} {tag}" for tag in ("si", "t", "rPh"))
_READ = 1 << 16  # bytes of XML at a time


class SharedStrings:
    """The strings of `xl/sharedStrings.xml`, by their number from 0. Raises ValueError when it is no sound XML or has a document type."""

    def __init__(self, part: IO[bytes]) -> None:
        self._text = bytearray()
        self._ends = array("Q", [0])
        self._pieces: list[str] = []
        self._reading = self._phonetic = False
        parser = ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler = self._characters
        parser.StartDoctypeDeclHandler = _refuse
        try:
            while chunk := part.read(_READ):
                parser.Parse(chunk, False)
            parser.Parse(b"", True)
        except ExpatError:
            raise ValueError("no sound XML") from None

    def __getitem__(self, number: int) -> str:
        if not 0 <= number < len(self._ends) - 1:
            raise IndexError(number)
        return self._text[self._ends[number] : self._ends[number + 1]].decode()

    def __len__(self) -> int:
        return len(self._ends) - 1

    def _start(self, tag: str, _: object) -> None:
        if tag == _TEXT:
            self._reading = not self._phonetic  # how a Japanese name is spoken is no part of it
        elif tag == _PHONETIC:
            self._phonetic = True

    def _end(self, tag: str) -> None:
        if tag == _TEXT:
            self._reading = False
        elif tag == _PHONETIC:
            self._phonetic = False
        elif tag == _STRING:
            self._text += (
                "".join(self._pieces).replace("x005F_", "").encode()
            )  # as openpyxl unescapes `_x005F_`
            self._ends.append(len(self._text))
            self._pieces.clear()

    def _characters(self, text: str) -> None:
        if self._reading:
            self._pieces.append(text)


def _refuse(*_: object) -> None:
    raise ValueError("a document type")


class _Reader(ExcelReader):
    package: Manifest

    def read_strings(self) -> None:
        part = self.package.find(SHARED_STRINGS)  # type: ignore[no-untyped-call]
        if part is not None:
            with self.archive.open(part.PartName[1:]) as content:
                self.shared_strings = SharedStrings(content)  # type: ignore[assignment] # only numbered into


def load_streaming(file: IO[bytes], *, results: bool) -> Workbook:
    """A workbook to be read row by row, as by `openpyxl.load_workbook(read_only=True)`; formulas as their stored `results` or as written."""
    reader = _Reader(file, read_only=True, data_only=results, keep_links=False)
    reader.read()
    return reader.wb
