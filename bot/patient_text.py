"""The records of a patient list: its encoding, separator and quotes. What cannot be taken apart is told by place."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

LONGEST_CELL = 10_000
NOT_CLOSED = "has a quote that is not closed or that stands inside a cell; nothing from here on was read"
TOO_LONG = f"has a cell of more than {LONGEST_CELL} letters; nothing from here on was read"
_SEPARATORS = ",;\t|"
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_PIECE = 64 * 1024
_EMPTY = _SEPARATORS + '" \r\n\x00\ufeff\u00a0'
_LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True)
class Record:
    """The cells of one record, the line on which it begins, and whether it goes on over the next."""

    cells: list[str]
    line: int
    is_long: bool


class BrokenRecord(ValueError):
    """Where a list can be read no further: the line, and the place of the cell, from 0 on, if it is known."""

    def __init__(self, line: int, place: int | None, message: str) -> None:
        super().__init__(message)
        self.line = line
        self.place = place


class PatientText:
    """A file as text. ``is_guessed``: it is no UTF-8 and bears no mark, so it is taken for Windows-1252."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._encoding = _encoding(file)
        self.is_guessed = self._encoding == "cp1252"
        self.separator = ","
        self._begins = 1
        self._raw: list[str] = []

    def records(self) -> Iterator[Record]:
        """Each record, from the first line on that is not empty. Raises :class:`BrokenRecord` at one that is broken.

        What cannot be decoded becomes the mark U+FFFD. Only one record at a time is held.
        """
        text = io.TextIOWrapper(self._file, encoding=self._encoding, errors="replace", newline="")
        try:
            first = self._first_line(text)
            self.separator = _separator(first)
            csv.field_size_limit(LONGEST_CELL)
            yield from self._records(self._kept(first, text))
        finally:
            text.detach()

    def _records(self, lines: Iterator[str]) -> Iterator[Record]:
        last = 0
        reader = csv.reader(lines, delimiter=self.separator, strict=True)
        try:
            for cells in reader:
                line, last = self._begins + last, reader.line_num
                yield Record(cells, line, len(self._raw) > 1)
                self._raw.clear()
        except csv.Error:
            raise self._broken(self._begins + last) from None

    def _first_line(self, text: io.TextIOWrapper) -> str:
        """The line that names the columns; a line for the spreadsheet and empty ones may stand before it."""
        while line := text.readline():
            if line.strip(_EMPTY) and not line.strip(_EMPTY).lower().startswith("sep="):
                return line
            self._begins += 1
        return ""

    def _kept(self, first: str, text: io.TextIOWrapper) -> Iterator[str]:
        line = first
        while line:
            line = line.replace("\x00", "")
            self._raw.append(line)
            yield line
            line = text.readline()

    def _broken(self, begins: int) -> BrokenRecord:
        text = "".join(self._raw)
        for place, (start, end, is_whole) in enumerate(_cells(text, self.separator)):
            if not is_whole or end - start > LONGEST_CELL:
                line = begins + len(_LINE_END.findall(text, 0, start))
                return BrokenRecord(line, place, TOO_LONG if is_whole else NOT_CLOSED)
        return BrokenRecord(begins, None, NOT_CLOSED)


def swallows_a_line(cell: str, place: int, width: int, separator: str, known: int, digits: int) -> bool:
    """Whether a cell with line breaks holds the end of one line and the beginning of another.

    That is what a quote leaves behind that was forgotten in one line and stands too many in a later one. ``place`` is
    that of the cell, ``width`` how many cells a line has, and ``known`` the place of one that has so many digits.
    """
    parts = _LINE_END.split(cell)
    end, beginning = parts[0].split(separator), parts[-1].split(separator)
    if len(parts) < 2 or len(end) < width - place or len(beginning) <= place:
        return False
    between = beginning[known] if known < place else end[known - width]
    return len(re.findall(r"\d", between)) >= digits


def _cells(text: str, separator: str) -> Iterator[tuple[int, int, bool]]:
    """Where each cell of a record begins and ends, and whether its quotes are in order; none follows a wrong one."""
    mark = re.escape(separator)
    cell = re.compile(rf'"[^"]*(?:""[^"]*)*"(?=[{mark}\r\n]|\Z)|(?!")[^{mark}\r\n]*')
    start = 0
    while True:
        found = cell.match(text, start)
        if found is None:
            yield start, len(text), False
            return
        yield start, found.end(), True
        start = found.end() + 1
        if text[found.end() : start] != separator:
            return


def _encoding(file: IO[bytes]) -> str:
    """By its mark, else by what can be read: UTF-16 has a zero in every other byte, old Windows files are no UTF-8.

    That it is UTF-8 is only known at the end of the file, so it is read through, a piece at a time.
    """
    sample = file.read(_PIECE)
    file.seek(0)
    for mark, name in _BOMS:
        if sample.startswith(mark):
            return name
    if sample[1::2].count(0) > len(sample) // 4:
        return "utf-16-le"
    if sample[::2].count(0) > len(sample) // 4:
        return "utf-16-be"
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while piece := file.read(_PIECE):
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1252"
    finally:
        file.seek(0)
    return "utf-8"


def _separator(header: str) -> str:
    """The one that splits the header into the most columns."""
    outside = re.sub(r'"[^"]*"', "", header)
    return max(_SEPARATORS, key=outside.count)
