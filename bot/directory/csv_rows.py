"""CSV files in any usual encoding and with any usual separator, row by row; what is wrong costs a row, not a file."""

from __future__ import annotations

import csv
import io
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from bot.directory.folder import Folder, PackageError
from bot.directory.report import Report, Where

# Longer fields are no text of a directory.
LONGEST_FIELD = 1_000_000
SEPARATORS = ",;\t|"


def rows(folder: Folder, name: str, report: Report) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a CSV file with the line each begins on; column names in lower case.

    A row with more fields than columns is refused and reported, and so is one whose quotation marks do not close: the
    lines behind it are read as rows of their own. Raises :class:`PackageError` for what is no CSV.
    """
    with _text(folder, name) as file:
        lines = _Lines(file)
        try:
            columns: list[str] | None = None
            for line, fields in _records(lines, name, report):
                if columns is None:
                    columns = [column.strip().lower() for column in fields]
                elif len(fields) > len(columns):
                    report.refuse(Where(name, line), "", "has more fields than there are columns", "row")
                elif any(field.strip() for field in fields):
                    yield line, dict(zip(columns, fields, strict=False))
        except UnicodeError as error:
            raise PackageError(f"{name} is not a readable CSV file, near line {lines.number}: {error}.") from None


class _Lines:
    """The lines of a file, of which those taken last can be given back."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self._back: deque[str] = deque()
        self.number = 0
        self.taken: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._back.popleft() if self._back else next(self._file)
        self.number += 1
        self.taken.append(line)
        return line

    def peek(self) -> str:
        """The line that comes next; empty at the end."""
        if not self._back and (line := next(self._file, None)) is not None:
            self._back.append(line)
        return self._back[0] if self._back else ""

    def give_back(self) -> None:
        """All but the first of the lines that were taken."""
        self._back.extendleft(reversed(self.taken[1:]))
        self.number -= len(self.taken) - 1


def _records(lines: _Lines, name: str, report: Report) -> Iterator[tuple[int, list[str]]]:
    csv.field_size_limit(LONGEST_FIELD)
    while lines.peek() and not lines.peek().strip():
        next(lines)
    header, separator = lines.number + 1, _separator(lines.peek())
    while True:
        begins = lines.number + 1
        lines.taken = []
        try:
            fields = next(csv.reader(lines, delimiter=separator, strict=True))
        except StopIteration:
            return
        except csv.Error as error:
            if begins == header:
                raise PackageError(f"{name} is not a readable CSV file, near line {begins}: {error}.") from None
            lines.give_back()
            report.refuse(Where(name, begins), "", f"its quotation marks do not close ({error})", "row")
            continue
        yield begins, fields


def _separator(header: str) -> str:
    """The one that the header has most of outside of its quotation marks; a comma where it has none."""
    bare = "".join(header.split('"')[::2])
    return max(SEPARATORS, key=bare.count)


@contextmanager
def _text(folder: Folder, name: str) -> Iterator[IO[str]]:
    encoding = _encoding(folder, name)
    with folder.open(name) as file, io.TextIOWrapper(file, encoding=encoding, newline="") as lines:
        yield lines


def _encoding(folder: Folder, name: str) -> str:
    """The first encoding that the whole file is valid in."""
    with folder.open(name) as file:
        if file.read(2) in (b"\xff\xfe", b"\xfe\xff"):
            return "utf-16"
    for encoding in ("utf-8-sig", "cp1252"):
        with folder.open(name) as file, io.TextIOWrapper(file, encoding=encoding) as lines:
            try:
                while lines.read(1 << 16):
                    pass
            except UnicodeError:
                continue
            return encoding
    raise PackageError(f"{name} is in no encoding that is known here; save it as UTF-8.")
