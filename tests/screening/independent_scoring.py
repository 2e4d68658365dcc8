"""AHC core scoring written a second time, from the paper tool and by answer code, sharing nothing with the bot.

Where an answer is missing it tries out every possible completion: what is true of all of them is known.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

STARRED = {
    "housing": {
        "71802-3": {"LA31994-9", "LA31995-6"},
        "96778-6": {"LA31996-4", "LA28580-1", "LA31997-2", "LA31998-0", "LA31999-8", "LA32000-4", "LA32001-2"},
    },
    "food": {"88122-7": {"LA28397-0", "LA6729-3"}, "88123-5": {"LA28397-0", "LA6729-3"}},
    "transportation": {"93030-5": {"LA33-6"}},
    "utilities": {"96779-4": {"LA33-6", "LA32002-0"}},
}
HITS = ("95618-5", "95617-7", "95616-9", "95615-1")
POINTS = {"LA6270-8": 1, "LA10066-1": 2, "LA10082-8": 3, "LA16644-9": 4, "LA6482-9": 5}

Sheet = Mapping[str, Any]
"""Codes by LOINC item code: a set of answer codes for the check-box item; a missing key was left blank."""


def needs(sheet: Sheet) -> dict[str, bool | None]:
    """Each core domain: True, False or None for not known."""
    found = {domain: _starred(items, sheet) for domain, items in STARRED.items()}
    found["safety"] = _all_agree(sum(points) >= 11 for points in _completions(sheet))
    return found


def hits_total(sheet: Sheet) -> int | None:
    """The HITS sum, or None with a blank."""
    return sum(POINTS[sheet[code]] for code in HITS) if all(code in sheet for code in HITS) else None


def navigation(sheet: Sheet, visits: int | None) -> bool | None:
    """At least one core need and at least two emergency visits; over every way to fill in what is not known."""
    unknown = needs(sheet)
    ways = itertools.product(*([value] if value is not None else [True, False] for value in unknown.values()))
    counts = [visits] if visits is not None else [0, 2]
    return _all_agree(any(way) and count >= 2 for way in ways for count in counts)


def _starred(items: Mapping[str, set[str]], sheet: Sheet) -> bool | None:
    seen: list[bool | None] = []
    for code, stars in items.items():
        given = sheet.get(code)
        if given is None:
            seen.append(None)
        else:
            seen.append(bool(stars & (given if isinstance(given, set) else {given})))
    if True in seen:
        return True
    return None if None in seen else False


def _completions(sheet: Sheet) -> itertools.product[tuple[int, ...]]:
    return itertools.product(*([POINTS[sheet[code]]] if code in sheet else range(1, 6) for code in HITS))


def _all_agree(values: Any) -> bool | None:
    distinct = set(values)
    return distinct.pop() if len(distinct) == 1 else None
