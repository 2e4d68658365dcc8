"""The files of a package: a folder, a zip archive or one file; and CSV files in any usual encoding, row by row."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

from bot.directory.report import Report, Where

# Longer fields are no text of a directory; and an archive that unpacks to more than this is a trap.
LONGEST_FIELD = 1_000_000
LARGEST_MEMBER = 4 * 1024**3


class PackageError(Exception):
    """The package as a whole cannot be read; the message is one plain sentence."""


class Folder:
    """The files of a package by name, without their folders."""

    def __init__(self, path: Path) -> None:
        """Raises :class:`PackageError` when there is nothing to read at ``path``."""
        self.path = path
        if path.is_dir():
            self._files = {file.name.lower(): file.name for file in sorted(path.iterdir()) if file.is_file()}
            self._zip = None
        elif zipfile.is_zipfile(path):
            self._zip = zipfile.ZipFile(path)
            self._files = dict(self._members(self._zip))
        else:
            raise PackageError(f"{path} is neither a folder nor a zip archive.")

    @property
    def names(self) -> list[str]:
        """The names of the files, in lower case."""
        return sorted(self._files)

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        """One file, as bytes. Raises ``KeyError`` when there is no such file."""
        stored = self._files[name]
        with self._zip.open(stored) if self._zip else (self.path / stored).open("rb") as file:
            yield file

    def rows(self, name: str, report: Report) -> Iterator[tuple[int, dict[str, str]]]:
        """The rows of a CSV file with the line each begins on; column names in lower case.

        A row with more fields than columns is refused and reported. Raises :class:`PackageError` for what is no CSV.
        """
        with self._text(name) as lines:
            reader = csv.reader(lines)
            try:
                columns = [column.strip().lower() for column in next(reader, [])]
                before = reader.line_num
                for fields in reader:
                    line, before = before + 1, reader.line_num
                    if len(fields) > len(columns):
                        report.refuse(Where(name, line), "", "has more fields than there are columns", "row")
                    elif any(field.strip() for field in fields):
                        yield line, dict(zip(columns, fields, strict=False))
            except (csv.Error, UnicodeError) as error:
                raise PackageError(
                    f"{name} is not a readable CSV file, near line {reader.line_num}: {error}."
                ) from None

    @contextmanager
    def _text(self, name: str) -> Iterator[IO[str]]:
        encoding = self._encoding(name)
        csv.field_size_limit(LONGEST_FIELD)
        with self.open(name) as file, io.TextIOWrapper(file, encoding=encoding, newline="") as lines:
            yield lines

    def _encoding(self, name: str) -> str:
        """The first encoding that the whole file is valid in."""
        with self.open(name) as file:
            if file.read(2) in (b"\xff\xfe", b"\xfe\xff"):
                return "utf-16"
        for encoding in ("utf-8-sig", "cp1252"):
            with self.open(name) as file, io.TextIOWrapper(file, encoding=encoding) as lines:
                try:
                    while lines.read(1 << 16):
                        pass
                except UnicodeError:
                    continue
                return encoding
        raise PackageError(f"{name} is in no encoding that is known here; save it as UTF-8.")

    def _members(self, archive: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
        for info in archive.infolist():
            if info.is_dir() or "__MACOSX" in info.filename:
                continue
            if info.file_size > LARGEST_MEMBER or info.flag_bits & 0x1:
                raise PackageError(f"{self.path.name} holds a file that is too large or locked with a password.")
            yield PurePosixPath(info.filename).name.lower(), info.filename
