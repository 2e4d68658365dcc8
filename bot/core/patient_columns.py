"""How a clinic's patient list is read: which column is which field, and what a cell means. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

_NOT_LETTERS = re.compile(r"[\W_]+")
_ZIP = re.compile(r"\d{5}(-?\d{4})?")
_SHORT_ZIP = re.compile(r"\d{3,4}")
_LANGUAGE_TAG = re.compile(r"([A-Za-z]{2,3})[-_][A-Za-z0-9]{2,8}(?:[-_][A-Za-z0-9]{1,8})*")
_AROUND_A_NAME = re.compile(r"^[\d,.\s]+|[\d,.:=#\s]+$")
_SHORT_NUMBER = re.compile(r"[\d.,%\s]{0,7}")
_FLOAT = re.compile(r"(\d+)\.0+")
_ID = re.compile(r"[A-Za-z0-9._~:@=|,-]{1,128}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_DATES = ("%Y-%m-%d", "%m/%d/%Y", "%m-%d-%Y", "%m.%d.%Y", "%Y/%m/%d", "%Y%m%d", "%d-%b-%Y", "%b %d, %Y", "%B %d, %Y")
_CLOCK = re.compile(
    r"(?P<day>.+?)(?:T|\s+)(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:\.\d+)?)?"
    r"(?:\s*(?P<half>[AaPp])[Mm])?"
)
_EARLIEST_BIRTH = date(1890, 1, 1)
# Before anybody was asked about texts.
_EARLIEST_CONSENT = date(1990, 1, 1)
_VISIT_YEARS_BACK, _VISIT_YEARS_AHEAD = 2, 5
_MOST_VISITS = 366
_NO_TIME = "must have the time of day too, such as 03/05/2026 14:30"
_LONGEST = {"given_name": 100, "clinic": 200, "consent_method": 40, "appointment_place": 200, "timezone": 64}


class BadCell(ValueError):
    """What is wrong with one cell, as the end of a sentence; never what stands in it."""


@dataclass(frozen=True)
class Matched:
    """The field of each column that is known, by its place, better columns first, and the names of those not used.

    ``passed_over`` are those of them that stand back for a better column of the same field, and the name of that one.
    """

    fields: dict[int, str]
    unused: list[str]
    passed_over: list[tuple[str, str]]


@dataclass(frozen=True)
class Columns:
    """The names of columns, and the words of cells, as content gives them; all folded by :func:`fold`.

    ``fields`` has the names in order: of two columns for a field of ``better_first`` the one whose name comes first is
    taken; for one of ``else_next`` the other stands in where that is empty. ``footers`` begin a line that sums up.
    """

    fields: Mapping[str, str]
    words: Mapping[str, bool]
    languages: Mapping[str, str]
    better_first: frozenset[str]
    else_next: frozenset[str]
    footers: frozenset[str]

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Columns:
        """Read the content file. ``ValueError`` for a name that two fields have, ``LookupError`` for a missing part."""
        better_first, else_next = frozenset(data["better_first"]), frozenset(data["else_next"])
        if not better_first | else_next <= set(data["columns"]):
            raise ValueError("better_first or else_next names what is no field")
        return cls(
            fields=_inverted(data["columns"]),
            words={word: side == "yes" for word, side in _inverted(data["words"]).items()},
            languages=_inverted(data["languages"]),
            better_first=better_first,
            else_next=else_next,
            footers=frozenset(map(fold, data["footers"])),
        )

    def match(self, header: Sequence[str]) -> Matched:
        """Which column is which field.

        :class:`BadCell` when the patient's id has no column, or it cannot be told which of two columns a field is.
        """
        ranks = {name: rank for rank, name in enumerate(self.fields)}
        folded = [fold(name) for name in header]
        known = sorted((ranks[name], place) for place, name in enumerate(folded) if name in ranks)
        fields: dict[int, str] = {}
        passed_over: list[tuple[str, str]] = []
        for _, place in known:
            field = self.fields[folded[place]]
            before = [other for other, taken in fields.items() if taken == field]
            if not before or (field in self.else_next and folded[before[-1]] != folded[place]):
                fields[place] = field
            elif field in self.better_first and folded[before[-1]] != folded[place]:
                passed_over.append((header[place].strip(), header[before[0]].strip()))
            else:
                raise BadCell(f"has two columns for {field}")
        if "patient_id" not in fields.values():
            raise BadCell("has no column with the patient's id; the first line must name the columns")
        unused = [name.strip() for place, name in enumerate(header) if place not in fields and name.strip()]
        return Matched(fields, unused, passed_over)

    def is_footer(self, cells: Sequence[str]) -> bool:
        """Whether a line sums up the list ("Total: 57") and is no patient's: such a word, and beside it only counts."""
        first, *others = [cell for cell in cells if cell.strip()] or [""]
        return fold(_AROUND_A_NAME.sub("", first)) in self.footers and all(map(_SHORT_NUMBER.fullmatch, others))


def fold(text: str) -> str:
    """Letters without accents and digits in lower case, so that ``Teléfono #`` and ``TELEFONO`` are the same name."""
    bare = text.casefold()
    if not bare.isascii():
        bare = "".join(c for c in unicodedata.normalize("NFKD", bare) if not unicodedata.combining(c))
    return _NOT_LETTERS.sub("", bare)


def written(text: str) -> str:
    """What stands in a cell, without the spaces around it and the form in which Excel keeps text: ``="00123"``."""
    text = text.strip()
    if len(text) > 2 and text.startswith('="') and text.endswith('"'):
        return text[2:-1].replace('""', '"').strip()
    return text


def read_cell(field: str, text: str, columns: Columns, today: date) -> Any:
    """What a cell that is not empty says: text, bool, int, date or datetime. :class:`BadCell` when nothing.

    A time without an offset stays naive: it is the patient's own, whose zone is not known here.
    Phones and time zones are only checked for being one line; whoever calls knows more of them.
    """
    text = text.strip()
    if _CONTROL.search(text):
        raise BadCell("must be one line without control characters")
    if field in _LONGEST and len(text) > _LONGEST[field]:
        raise BadCell(f"is longer than {_LONGEST[field]} letters")
    return _READERS[field](text, columns, today) if field in _READERS else text


def _patient_id(text: str, columns: Columns, today: date) -> str:
    text = _whole(text)
    if not _ID.fullmatch(text):
        raise BadCell("must be 1 to 128 letters, digits or any of . _ ~ : @ = | , -")
    return text


def _phone(text: str, columns: Columns, today: date) -> str:
    if re.fullmatch(r"\d\.\d+E\+?\d+", text, re.IGNORECASE):
        raise BadCell("was rounded by a spreadsheet; format the column as text")
    return _whole(text)


def _zip_code(text: str, columns: Columns, today: date) -> str:
    text = _whole(text)
    if _SHORT_ZIP.fullmatch(text):
        # Spreadsheets take the leading zeros of New England and Puerto Rico.
        text = text.zfill(5)
    if not _ZIP.fullmatch(text):
        raise BadCell("must be a ZIP code: five digits, or five and four")
    return text if len(text) == 5 else f"{text[:5]}-{text[-4:]}"


def _yes_or_no(text: str, columns: Columns, today: date) -> bool:
    said = columns.words.get(fold(text))
    if said is None:
        raise BadCell("must be yes or no")
    return said


def _language(text: str, columns: Columns, today: date) -> str:
    tag = _LANGUAGE_TAG.fullmatch(text)
    code = columns.languages.get(fold(text)) or (columns.languages.get(fold(tag[1])) if tag else None)
    if code is None:
        raise BadCell("is not a language that the bot speaks")
    return code


def _visits(text: str, columns: Columns, today: date) -> int:
    text = _whole(text)
    if not text.isdecimal() or not text.isascii() or int(text) > _MOST_VISITS:
        raise BadCell(f"must be a whole number from 0 to {_MOST_VISITS}")
    return int(text)


def _born(text: str, columns: Columns, today: date) -> date:
    day = _day(text)
    if not _EARLIEST_BIRTH <= day <= today:
        raise BadCell("is not a date of birth")
    return day


def _day(text: str) -> date:
    return _moment(text).date()


def _consent_at(text: str, columns: Columns, today: date) -> datetime:
    """A day alone is noon UTC, which is that day in all of the country. Never from after tomorrow."""
    day = _day_alone(text)
    at = datetime.combine(day, time(12), UTC) if day else _exact(text)
    if not _EARLIEST_CONSENT <= at.date() <= today + timedelta(days=1):
        raise BadCell("must be a date that is not in the future, nor from before 1990")
    return at


def _appointment_at(text: str, columns: Columns, today: date) -> datetime:
    """With its time of day: whoever is told of a visit must be told when."""
    if _day_alone(text):
        raise BadCell(_NO_TIME)
    at = _exact(text)
    if not today.year - _VISIT_YEARS_BACK <= at.year <= today.year + _VISIT_YEARS_AHEAD:
        raise BadCell(f"must be from {_VISIT_YEARS_BACK} years ago to {_VISIT_YEARS_AHEAD} years from now")
    if at.tzinfo is None and at.time() == time():
        # What a spreadsheet writes for a day alone.
        raise BadCell(_NO_TIME)
    return at


def _day_alone(text: str) -> date | None:
    """The day, where the cell says no time."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return next((found.date() for shape in _DATES if (found := _shaped(text, shape))), None)


def _exact(text: str) -> datetime:
    """Naive unless the cell has an offset."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return _moment(text)


def _moment(text: str) -> datetime:
    clock = _CLOCK.fullmatch(text)
    day, at = (clock["day"], _time(clock)) if clock else (text, time())
    for shape in _DATES:
        found = _shaped(day, shape)
        if found is not None and at is not None:
            return datetime.combine(found, at)
    raise BadCell("must be a date such as 1987-04-12 or 04/12/1987, the year with four digits")


def _time(clock: re.Match[str]) -> time | None:
    """The time of day, None for one that is on no clock."""
    hour = int(clock["hour"])
    if clock["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if clock["half"] in "Pp" else 0)
    try:
        return time(hour, int(clock["minute"]), int(clock["second"] or 0))
    except ValueError:
        return None


def _shaped(text: str, shape: str) -> datetime | None:
    try:
        return datetime.strptime(text, shape)  # noqa: DTZ007
    except ValueError:
        return None


def _whole(text: str) -> str:
    """A number as a spreadsheet may write it: 12345.0."""
    decimal = _FLOAT.fullmatch(text)
    return decimal[1] if decimal else text


def _inverted(table: Mapping[str, Sequence[str]]) -> dict[str, str]:
    inverted: dict[str, str] = {}
    for name, aliases in table.items():
        for alias in (*map(str, aliases), str(name)):
            if inverted.setdefault(fold(alias), str(name)) != str(name):
                raise ValueError(f"{alias} stands under {inverted[fold(alias)]} and {name}")
    return inverted


_READERS = {
    "patient_id": _patient_id,
    "phone": _phone,
    "zip": _zip_code,
    "consent": _yes_or_no,
    "proxy": _yes_or_no,
    "language": _language,
    "emergency_visits_12m": _visits,
    "birth_date": _born,
    "consent_at": _consent_at,
    "appointment_at": _appointment_at,
}
