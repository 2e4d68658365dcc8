"""ZIP codes: where they lie and which zone they keep. Looked up without network, in a megabyte of memory.

The ``zipcodes`` library holds the data, and needs about 40 MB and two seconds to open it. So a short-lived process
of its own packs what is needed into a file beside the library, once, and every process reads that. Where nothing can be
written there, each process has it packed for itself.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from array import array
from base64 import b64decode, b64encode
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable
from functools import cache, cached_property
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from bot.core.directory.service import ZipPlace
from bot.directory.gazetteer import Gazetteer

FORMAT = 1
# The columns of the packed book, with their types as of the array module.
COLUMNS = {"zips": "i", "latitudes": "f", "longitudes": "f", "kinds": "H", "cities": "H"}
BUILDS_WITHIN = 120


class ZipBook:
    """Every ZIP code of the United States, in packed arrays. Call it with a ZIP code."""

    def __init__(self, packed: dict[str, Any]) -> None:
        """Takes what :func:`pack` gives."""
        columns = {name: array(COLUMNS[name], b64decode(packed[name])) for name in COLUMNS}
        self._zips, self._latitudes, self._longitudes = columns["zips"], columns["latitudes"], columns["longitudes"]
        self._kinds, self._cities = columns["kinds"], columns["cities"]
        self._names: list[str] = packed["names"]
        # State, county, zone and area codes: what neighbouring codes share is kept once.
        self._shared = [(state, county, zone, tuple(codes)) for state, county, zone, codes in packed["shared"]]

    def __len__(self) -> int:
        return len(self._zips)

    def kinds(self) -> Counter[tuple[str, str, tuple[str, ...]]]:
        """State, zone and area codes, with how many ZIP codes share these."""
        found: Counter[tuple[str, str, tuple[str, ...]]] = Counter()
        for kind, number in Counter(self._kinds).items():
            state, _, zone, codes = self._shared[kind]
            found[(state, zone, codes)] += number
        return found

    def __call__(self, zip_code: str) -> ZipPlace | None:
        """The place of a ZIP code, also in its nine-digit form; None for what is none, or not on any map."""
        digits = zip_code.strip()[:5]
        if not (len(digits) == 5 and digits.isascii() and digits.isdigit()):
            return None
        row = bisect_left(self._zips, int(digits))
        if row == len(self._zips) or self._zips[row] != int(digits):
            return None
        state, county, zone, codes = self._shared[self._kinds[row]]
        city = self._names[self._cities[row]]
        latitude, longitude = round(self._latitudes[row], 4), round(self._longitudes[row], 4)
        return ZipPlace(digits, latitude, longitude, state, county, city, zone, codes)

    @cached_property
    def gazetteer(self) -> Gazetteer:
        """The counties and cities of all ZIP codes."""
        kinds = zip(self._kinds, self._cities, strict=True)
        places = {(self._shared[kind][0], self._shared[kind][1], self._names[city]) for kind, city in set(kinds)}
        return Gazetteer(places, ((state, zone) for state, _, zone, _ in self._shared))


@cache
def open_zip_book(folder: Path | None = None) -> ZipBook:
    """The book, read once a process; packed first if it is not in the folder yet (left out: beside the library)."""
    where = folder or _beside_the_library()
    file = where / f"followthrough-zips-{FORMAT}-{version('zipcodes')}.json"
    if file.exists():
        return ZipBook(json.loads(file.read_text(encoding="utf-8")))
    packed = _packed()
    if os.access(where, os.W_OK):
        _keep(file, packed)
    return ZipBook(json.loads(packed))


def _beside_the_library() -> Path:
    found = find_spec("zipcodes")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("the zipcodes library is not installed")
    return Path(found.origin).parent


def _packed() -> bytes:
    """Pack in a process of its own, whose memory goes with it."""
    command = [sys.executable, "-m", "bot.directory.zip_book"]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, timeout=BUILDS_WITHIN).stdout


def _keep(file: Path, packed: bytes) -> None:
    """Put the file there whole, however many do so at once."""
    handle, partial = tempfile.mkstemp(dir=file.parent, prefix=".zips-")
    with os.fdopen(handle, "wb") as target:
        target.write(packed)
    os.replace(partial, file)


def pack(rows: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """The rows of the ``zipcodes`` library as columns, in order; those without a place or a zone are left out."""
    known = {row["zip_code"]: row for row in rows if row["lat"] and row["long"] and "/" in row["timezone"]}
    names: dict[str, int] = {}
    shared: dict[tuple[str, str, str, tuple[str, ...]], int] = {}
    columns: dict[str, array[Any]] = {name: array(code) for name, code in COLUMNS.items()}
    for code, row in sorted(known.items()):
        kind = (row["state"], row["county"], row["timezone"], tuple(row["area_codes"]))
        columns["zips"].append(int(code))
        columns["latitudes"].append(float(row["lat"]))
        columns["longitudes"].append(float(row["long"]))
        columns["kinds"].append(shared.setdefault(kind, len(shared)))
        columns["cities"].append(names.setdefault(row["city"], len(names)))
    packed = {name: b64encode(column.tobytes()).decode() for name, column in columns.items()}
    return {**packed, "names": list(names), "shared": list(shared)}


def main() -> None:
    """Write the packed book to standard output."""
    import zipcodes

    rows: list[dict[str, Any]] = zipcodes.list_all()  # type: ignore[no-untyped-call]
    json.dump(pack(rows), sys.stdout, separators=(",", ":"))


if __name__ == "__main__":
    main()
