"""Reads a clinic's patient list: any usual encoding, separator, order and naming of columns. The whole file or nothing.

Read once from end to end before anything is written; what is wrong is told by line and column, never by content.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import IO, Any
from zoneinfo import ZoneInfo

from bot.content.load import content_root, read_yaml
from bot.core.misread import is_misread
from bot.core.patient_columns import BadCell, Columns, Matched, read_cell, written
from bot.patient_text import BrokenRecord, PatientText, Record, swallows_a_line
from bot.phones import UnusableNumber, to_address

FILE = Path("content", "patient_columns.yml")
NAMED_AT_MOST = 100
_MISREAD = "has letters that were read wrongly; save the list as CSV in UTF-8"
_SWALLOWS = "holds the end of one line and the beginning of another; a quote is missing or stands too many"
_NO_PHONE = "No column is the phone (call it Phone): patients who are new get no number and cannot be texted."
_NO_CONSENT = (
    "No column says whether they agreed to texts (call it Consent, with yes or no): who is new is not invited."
)
# Fewer digits make no phone.
_DIGITS_OF_PHONE = 7


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
    """What was found besides the rows, complete once all rows were read.

    ``passed_over`` are the unused columns that stood back for a better one, with its name; ``footers`` the first
    hundred lines that sum up the list. ``fields`` are those that a column gives.
    """

    unused: list[str] = field(default_factory=list)
    passed_over: list[tuple[str, str]] = field(default_factory=list)
    footers: list[int] = field(default_factory=list)
    fields: frozenset[str] = frozenset()
    rows: int = 0
    duplicates: int = 0
    problems: list[Problem] = field(default_factory=list)
    bad: int = 0

    def note(self, problem: Problem) -> None:
        """Count a problem, and keep it if it is among the first."""
        self.bad += 1
        if len(self.problems) < NAMED_AT_MOST:
            self.problems.append(problem)

    def notes(self) -> list[str]:
        """What whoever gave the list must hear of it: a sentence for each thing that was left out."""
        behind = {name for name, _ in self.passed_over}
        unused = [name for name in self.unused if name not in behind]
        said = [f"{name} is not used; {better} is." for name, better in self.passed_over]
        if self.fields & {"consent_at", "consent_method"} and "consent" not in self.fields:
            said.insert(0, _NO_CONSENT)
        if "phone" not in self.fields:
            said.insert(0, _NO_PHONE)
        if self.duplicates:
            said.append(f"{self.duplicates} lines stood there twice and count once.")
        if self.footers:
            said.append(f"Lines that sum up the list and are no patients: {', '.join(map(str, self.footers))}.")
        if unused:
            said.append(f"Columns that are not used: {', '.join(unused)}.")
        return said


@dataclass(frozen=True)
class _List:
    """A list whose first line was read."""

    text: PatientText
    header: list[str]
    matched: Matched
    columns: Columns
    today: date
    reading: Reading

    def name(self, place: int | None) -> str:
        return self.header[place] if place is not None and place < len(self.header) else ""


def read_rows(file: IO[bytes], today: date, reading: Reading) -> Iterator[dict[str, Any]]:
    """Each patient once, as fields that are given; the same line twice counts once.

    Bad lines are noted in ``reading`` and left out. When all was read and something was bad, raises :class:`BadFile`;
    so do not write anything before the end.
    """
    yield from _read(PatientText(file), today, reading)
    if not reading.rows and not reading.bad:
        reading.note(Problem(1, "", "the file has no patients"))
    if reading.bad:
        raise BadFile(reading.problems, reading.bad)


def _read(text: PatientText, today: date, reading: Reading) -> Iterator[dict[str, Any]]:
    records = text.records()
    opened = None
    seen: dict[bytes, tuple[int, bytes]] = {}
    try:
        opened = _opened(text, next(records, Record([], 1, is_long=False)), today, reading)
        if opened is None:
            return
        for record in records:
            row = _row(record, opened) if any(cell.strip() for cell in record.cells) else None
            if row is not None and _is_new(row, record.line, seen, reading):
                reading.rows += 1
                yield row
    except BrokenRecord as error:
        reading.note(Problem(error.line, opened.name(error.place) if opened else "", str(error)))


def _opened(text: PatientText, first: Record, today: date, reading: Reading) -> _List | None:
    """The list, when its first line names columns that can be used."""
    columns = _columns(content_root())
    header = [written(cell) for cell in first.cells]
    try:
        if any(is_misread(name, text.is_guessed) for name in header):
            raise BadCell(_MISREAD)
        matched = columns.match(header)
    except BadCell as error:
        reading.note(Problem(first.line, "", f"the list {error}"))
        return None
    reading.unused, reading.passed_over = matched.unused, matched.passed_over
    reading.fields = frozenset(matched.fields.values())
    return _List(text, header, matched, columns, today, reading)


def _row(record: Record, patients: _List) -> dict[str, Any] | None:
    """The fields of a line; None for one with something wrong, which is noted, and for one that sums up the list."""
    cells, line, reading = record.cells, record.line, patients.reading
    if patients.columns.is_footer(cells):
        if len(reading.footers) < NAMED_AT_MOST:
            reading.footers.append(line)
        return None
    bad = reading.bad
    if any(cell.strip() for cell in cells[len(patients.header) :]):
        reading.note(Problem(line, "", "has more cells than the first line has columns"))
    if record.is_long:
        _look_for_lines(record, patients)
    row = _fields(record, patients)
    if "patient_id" not in row and reading.bad == bad:
        reading.note(Problem(line, "", "has no patient's id"))
    return row if reading.bad == bad else None


def _fields(record: Record, patients: _List) -> dict[str, Any]:
    """The fields that are given, each from its best column that is not empty; what cannot be used is noted."""
    row: dict[str, Any] = {}
    wrong: list[tuple[int, str]] = []
    for place, name in patients.matched.fields.items():
        text = written(record.cells[place]) if place < len(record.cells) and name not in row else ""
        if text:
            try:
                row[name] = _cell(name, text, patients)
            except BadCell as error:
                wrong.append((place, str(error)))
    for place, message in sorted(wrong):
        patients.reading.note(Problem(record.line, patients.name(place), message))
    return row


def _look_for_lines(record: Record, patients: _List) -> None:
    """Note the cells of columns that are not used in which other lines have vanished; in the others no break may be."""
    places = {name: place for place, name in patients.matched.fields.items()}
    known, digits = (places["phone"], _DIGITS_OF_PHONE) if "phone" in places else (places["patient_id"], 1)
    width = len(patients.header)
    for place, cell in enumerate(record.cells[:width]):
        if place not in patients.matched.fields and swallows_a_line(
            cell, place, width, patients.text.separator, known, digits
        ):
            patients.reading.note(Problem(record.line, patients.name(place), _SWALLOWS))


def _cell(name: str, text: str, patients: _List) -> Any:
    if is_misread(text, patients.text.is_guessed):
        raise BadCell(_MISREAD)
    value = read_cell(name, text, patients.columns, patients.today)
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
    """False for a patient who was in the list before; with details that differ in more than capitals: a problem."""
    who, what = _digest(row["patient_id"]), _digest(repr(sorted(row.items(), key=lambda item: item[0])).casefold())
    before = seen.setdefault(who, (line, what))
    if before[0] == line:
        return True
    reading.duplicates += 1
    if before[1] != what:
        reading.note(Problem(line, "", f"is about the same patient as line {before[0]}, with other details"))
    return False


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12).digest()


def column_names(root: Path) -> dict[str, list[str]]:
    """Each field of a list, and the names under which its column is known, as content gives them."""
    return {field: list(names) for field, names in read_yaml(root / FILE)["columns"].items()}


@cache
def _columns(root: Path) -> Columns:
    return Columns.from_data(read_yaml(root / FILE))
