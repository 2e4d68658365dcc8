"""The files of a package: a folder, a zip archive or one file."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

# An archive that unpacks to more than this is a trap.
LARGEST_MEMBER = 4 * 1024**3
# A package is not deeper than this, and hardly larger; what is, is somebody's whole disk.
DEEPEST, MOST_FILES = 4, 5000
LISTINGS = ("services.csv", "service.csv")
JSON_ENDINGS = (".json", ".jsonl", ".ndjson")
# What describes a package, and is no part of it.
DESCRIPTIONS = ("datapackage.json", "package.json", "manifest.json")


class PackageError(Exception):
    """The package as a whole cannot be read; the message is one plain sentence."""


class Folder:
    """The files of a package by name. One that lies below another of the same name is not seen."""

    def __init__(self, path: Path) -> None:
        """Raises :class:`PackageError` when there is nothing to read at ``path``, or more than one package."""
        self.path = path
        self._zip = None
        if path.is_dir():
            stored = list(_below(path))
        elif zipfile.is_zipfile(path):
            self._zip = zipfile.ZipFile(path)
            stored = list(self._members(self._zip))
        elif path.is_file():
            stored = [path.name]
            self.path = path.parent
        else:
            raise PackageError(f"{path} is neither a folder nor a zip archive.")
        self._files = self._by_name(stored)

    @property
    def names(self) -> list[str]:
        """The names of the files, in lower case."""
        return sorted(self._files)

    @property
    def json_names(self) -> list[str]:
        """Those that may hold listings in JSON."""
        return [name for name in self.names if name.endswith(JSON_ENDINGS) and name not in DESCRIPTIONS]

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        """One file, as bytes. Raises ``KeyError`` when there is no such file."""
        stored = self._files[name]
        with self._zip.open(stored) if self._zip else (self.path / stored).open("rb") as file:
            yield file

    def _by_name(self, stored: list[str]) -> dict[str, str]:
        """The files beside the services, or all, the uppermost first."""
        listings = [name for name in stored if PurePosixPath(name).name.lower() in LISTINGS]
        highest = min((_depth(name) for name in listings), default=0)
        if sum(_depth(name) == highest for name in listings) > 1:
            raise PackageError(f"{self.path} holds several packages; give the folder of one.")
        if len(listings) > 1 or highest == 0:
            # More below are other packages.
            stored = [name for name in stored if not listings or _folder(name) == _folder(min(listings, key=_depth))]
        return {PurePosixPath(name).name.lower(): name for name in sorted(stored, key=_depth, reverse=True)}

    def _members(self, archive: zipfile.ZipFile) -> Iterator[str]:
        for info in archive.infolist():
            if info.is_dir() or "__MACOSX" in info.filename:
                continue
            if info.file_size > LARGEST_MEMBER or info.flag_bits & 0x1:
                raise PackageError(f"{self.path.name} holds a file that is too large or locked with a password.")
            yield info.filename


def _below(path: Path) -> Iterator[str]:
    """The files in a folder and in the folders in it, by their way from it."""
    count = 0
    for depth in range(DEEPEST):
        for file in sorted(path.glob("*/" * depth + "*")):
            if file.is_file() and not any(part.startswith(".") for part in file.relative_to(path).parts):
                count += 1
                if count > MOST_FILES:
                    raise PackageError(f"{path} holds too many files to be a package of listings.")
                yield file.relative_to(path).as_posix()


def _depth(name: str) -> int:
    return len(PurePosixPath(name).parts) - 1


def _folder(name: str) -> PurePosixPath:
    return PurePosixPath(name).parent
