"""Reads a clinic's patient list: any usual encoding, separator, order and naming of columns. The whole file or nothing.

Read once from end to end before anything is written; what is wrong is told by line and column, never by content.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import IO, Any
from zoneinfo import ZoneInfo

from bot.content.load import content_root, read_yaml
from bot.core.patient_columns import BadCell, Columns, read_cell
from bot.phones import UnusableNumber, to_address

FILE = Path("content", "patient_columns.yml")
NAMED_AT_MOST = 100
LONGEST_CELL = 10_000
_SEPARATORS = ",;\t|"
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_SAMPLE = 64 * 1024


@dataclass(frozen=True)
class Problem:
    """What is wrong, and where: the line from 1 on, and the column as the file names it (empty: the whole line)."""

    line: int
    column: str
    message: str

    def __str__(self) -> str:
        return f"line {self.line}{', ' + self.column if self.column else ''}: {self.message}"


class BadFile(ValueError):
    """The file is refused whole. ``problems`` are the first hundred of ``count``."""

    def __init__(self, problems: list[Problem], count: int) -> None:
        super().__init__(f"{count} cells or lines cannot be used")
        self.problems = problems
        self.count = count


@dataclass
class Reading:
    """What was found besides the rows, complete once all rows were read."""

    unused: list[str] = field(default_factory=list)
    rows: int = 0
    duplicates: int = 0
    problems: list[Problem] = field(default_factory=list)
    bad: int = 0

    def note(self, problem: Problem) -> None:
        """Count a problem, and keep it if it is among the first."""
        self.bad += 1
        if len(self.problems) < NAMED_AT_MOST:
            self.problems.append(problem)


def read_rows(file: IO[bytes], today: date, reading: Reading) -> Iterator[dict[str, Any]]:
    """Each patient once, as fields that are given; the same line twice counts once.

    Bad lines are noted in ``reading`` and left out. When all was read and something was bad, raises :class:`BadFile`;
    so do not write anything before the end.
    """
    try:
        yield from _read(file, today, reading)
    except (UnicodeError, csv.Error):
        reading.note(Problem(reading.rows + 2, "", "cannot be read; save the list as CSV in UTF-8"))
    if not reading.rows and not reading.bad:
        reading.note(Problem(1, "", "the file has no patients"))
    if reading.bad:
        raise BadFile(reading.problems, reading.bad)


def _read(file: IO[bytes], today: date, reading: Reading) -> Iterator[dict[str, Any]]:
    columns = _columns(content_root())
    lines = _lines(file)
    header, first_line = next(lines, ([], 1))
    try:
        fields, reading.unused = columns.match(header)
    except BadCell as error:
        reading.note(Problem(first_line, "", f"the list {error}"))
        return
    seen: dict[bytes, tuple[int, bytes]] = {}
    for cells, line in lines:
        if not any(cell.strip() for cell in cells):
            continue
        row = _row(cells, line, header, fields, columns, today, reading)
        if row is not None and _is_new(row, line, seen, reading):
            reading.rows += 1
            yield row


def _row(
    cells: list[str],
    line: int,
    header: list[str],
    fields: Mapping[int, str],
    columns: Columns,
    today: date,
    reading: Reading,
) -> dict[str, Any] | None:
    bad = reading.bad
    row: dict[str, Any] = {}
    if len(cells) > len(header) and any(cell.strip() for cell in cells[len(header) :]):
        reading.note(Problem(line, "", "has more cells than the first line has columns"))
    for place, name in fields.items():
        text = cells[place] if place < len(cells) else ""
        if text.strip():
            try:
                row[name] = _cell(name, text, columns, today)
            except BadCell as error:
                reading.note(Problem(line, header[place].strip(), str(error)))
    if "patient_id" not in row and reading.bad == bad:
        reading.note(Problem(line, "", "has no patient's id"))
    return row if reading.bad == bad else None


def _cell(name: str, text: str, columns: Columns, today: date) -> Any:
    value = read_cell(name, text, columns, today)
    if name == "phone":
        try:
            return to_address(value)
        except UnusableNumber as error:
            raise BadCell(error.sentence) from None
    if name == "timezone":
        try:
            return ZoneInfo(value).key
        except (ValueError, OSError, KeyError):
            raise BadCell("must be a time zone of the IANA list, such as America/Chicago") from None
    return value


def _is_new(row: dict[str, Any], line: int, seen: dict[bytes, tuple[int, bytes]], reading: Reading) -> bool:
    """False for a patient who was in the list before; with other details that is a problem."""
    who, what = _digest(row["patient_id"]), _digest(repr(sorted(row.items(), key=lambda item: item[0])))
    before = seen.setdefault(who, (line, what))
    if before[0] == line:
        return True
    reading.duplicates += 1
    if before[1] != what:
        reading.note(Problem(line, "", f"is about the same patient as line {before[0]}, with other details"))
    return False


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12).digest()


def _lines(file: IO[bytes]) -> Iterator[tuple[list[str], int]]:
    """The cells of each record, and the line on which it begins."""
    sample = file.read(_SAMPLE)
    file.seek(0)
    text = io.TextIOWrapper(file, encoding=_encoding(sample), newline="")
    first = text.readline()
    begins = 1
    if first.strip().lower().startswith("sep="):
        first, begins = text.readline(), 2
    source = _chain(first, text)
    try:
        csv.field_size_limit(LONGEST_CELL)
        reader = csv.reader(source, delimiter=_separator(first))
        last = begins - 1
        for cells in reader:
            line, last = last + 1, begins - 1 + reader.line_num
            yield [cell.replace("\x00", "") for cell in cells], line
    finally:
        source.close()
        text.detach()


def _chain(first: str, rest: io.TextIOWrapper) -> Generator[str, None, None]:
    yield first
    # Not "yield from": closing this would close the file too.
    for line in rest:  # noqa: UP028
        yield line


def _encoding(sample: bytes) -> str:
    """By its mark, else by what can be read: UTF-16 has a zero in every other byte, old Windows files are no UTF-8."""
    for mark, name in _BOMS:
        if sample.startswith(mark):
            return name
    if sample[1::2].count(0) > len(sample) // 4:
        return "utf-16-le"
    if sample[::2].count(0) > len(sample) // 4:
        return "utf-16-be"
    try:
        sample.decode("utf-8")
    except UnicodeDecodeError as error:
        # Cut in the middle of a letter, it is UTF-8 all the same.
        return "utf-8" if error.start > len(sample) - 4 and len(sample) == _SAMPLE else "cp1252"
    return "utf-8"


def _separator(header: str) -> str:
    """The one that splits the header into the most columns."""
    return max(_SEPARATORS, key=header.count)


@cache
def _columns(root: Path) -> Columns:
    return Columns.from_data(read_yaml(root / FILE))
