"""Patient lists in the forms that clinics have, and what is said of lines that cannot be used."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from typing import Any

import pytest

from bot.patient_file import BadFile, Reading, read_rows

TODAY = date(2026, 3, 3)
HEADER = "Patient ID,Cell Phone,First Name,Preferred Language,ZIP Code,DOB,SMS Consent"
LINE = "mrn-1,(202) 555-0123,Ana,Spanish,79901,04/12/1987,Yes"
ANA = {
    "patient_id": "mrn-1",
    "phone": "+12025550123",
    "given_name": "Ana",
    "language": "es",
    "zip": "79901",
    "birth_date": date(1987, 4, 12),
    "consent": True,
}


def read(data: bytes | str) -> tuple[list[dict[str, Any]], Reading]:
    """Every row of a file."""
    reading = Reading()
    raw = data.encode() if isinstance(data, str) else data
    return list(read_rows(io.BytesIO(raw), TODAY, reading)), reading


def problems(data: bytes | str) -> list[str]:
    """What is wrong with a file that is refused."""
    with pytest.raises(BadFile) as refused:
        read(data)
    return [str(each) for each in refused.value.problems]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_every_usual_form(encoding: str, separator: str, ending: str) -> None:
    """Encoding, separator and line ends as spreadsheets and record systems write them."""
    text = ending.join([HEADER, LINE.replace("Ana", "Añá"), ""]).replace(",", separator)
    rows, reading = read(text.encode(encoding))
    assert rows == [ANA | {"given_name": "Añá"}]
    assert reading.rows == 1


@pytest.mark.parametrize(
    "phone",
    [
        "2025550123",
        "202-555-0123",
        "(202) 555 0123",
        "+1 202 555 0123",
        "1.202.555.0123",
        "2025550123.0",
        "tel:+12025550123",
    ],
)
def test_any_phone_format(phone: str) -> None:
    """However it was typed, and as a spreadsheet's number too."""
    (row,), _ = read(f"mrn;mobile\nA-1;{phone}\n")
    assert row["phone"] == "+12025550123"


@pytest.mark.parametrize(
    ("header", "cell", "field", "value"),
    [
        ("birthday", "1987-04-12", "birth_date", date(1987, 4, 12)),
        ("Date of Birth", "4/2/1987", "birth_date", date(1987, 4, 2)),
        ("DOB", "12-Apr-1987", "birth_date", date(1987, 4, 12)),
        ("zip", "2139", "zip", "02139"),
        ("Postal Code", "799011234", "zip", "79901-1234"),
        ("lang", "EN", "language", "en"),
        ("opt-in", "x", "consent", True),
        ("Consent", "refused", "consent", False),
        ("Consent Date", "2026-03-02", "consent_at", datetime(2026, 3, 2, 12, tzinfo=UTC)),
        ("consent at", "2026-03-02T15:04:00Z", "consent_at", datetime(2026, 3, 2, 15, 4, tzinfo=UTC)),
        ("ED visits", "3", "emergency_visits_12m", 3),
        ("Time Zone", "America/Denver", "timezone", "America/Denver"),
        ("Next Appointment", "04/01/2026 9:30 AM", "appointment_at", datetime(2026, 4, 1, 9, 30)),  # noqa: DTZ001
        ("next visit", "2026-04-01T09:30:00Z", "appointment_at", datetime(2026, 4, 1, 9, 30, tzinfo=UTC)),
    ],
)
def test_columns_and_cells(header: str, cell: str, field: str, value: object) -> None:
    """Names of columns as they occur, and cells as they are written."""
    (row,), _ = read(f'"{header}","MRN"\n"{cell}",7\n')
    assert row == {"patient_id": "7", field: value}


@pytest.mark.parametrize("cell", ["2026-04-01", "04/01/2026", "Apr 01, 2026", "20260401"])
def test_a_visit_without_its_time_is_refused(cell: str) -> None:
    """Whoever is told of a visit must be told when."""
    told = "line 2, Next Appointment: must have the time of day too, such as 03/05/2026 14:30"
    assert problems(f'MRN,Next Appointment\n7,"{cell}"\n') == [told]


@pytest.mark.parametrize(
    "cell", ["0001-01-01T00:00:00", "2023-12-31 09:30", "2032-01-01T09:30:00Z", "9999-12-31T23:59:59"]
)
def test_a_visit_of_another_age_is_refused(cell: str) -> None:
    """A slip of the pen, or what a system writes for "none"."""
    told = "line 2, next visit: must be from 2 years ago to 5 years from now"
    assert problems(f"MRN,next visit\n7,{cell}\n") == [told]


@pytest.mark.parametrize("cell", ["05/01/2062", "2026-03-05T00:00:00Z", "0001-01-01"])
def test_a_consent_that_nobody_can_have_given_yet_is_refused(cell: str) -> None:
    """It would outlast every later no; tomorrow is fine, as clocks and zones differ."""
    told = "line 2, consent date: must be a date that is not in the future, nor from before 1990"
    assert problems(f"MRN,consent,consent date\n7,yes,{cell}\n") == [told]
    assert read("MRN,consent,consent date\n7,yes,03/04/2026\n")[1].rows == 1


def test_order_quotes_blank_lines_and_columns_of_others() -> None:
    """Columns in any order, line breaks in quotes, empty lines; what is not used is said."""
    data = 'sep=,\nInsurance,phone,"MRN"\n"Acme\nHealth",2025550123,1\n\n,2025550124,2\n'
    rows, reading = read(data)
    assert [row["patient_id"] for row in rows] == ["1", "2"]
    assert reading.unused == ["Insurance"]


def test_duplicates_and_two_on_one_phone() -> None:
    """The same line twice counts once; two patients may share a phone; two stories of one patient are a problem."""
    shared = "mrn,phone\n1,2025550123\n2,2025550123\n1,(202) 555-0123\n"
    rows, reading = read(shared)
    assert [row["patient_id"] for row in rows] == ["1", "2"]
    assert reading.duplicates == 1
    assert problems(shared + "2,2025550124\n") == ["line 5: is about the same patient as line 3, with other details"]


def test_bad_lines_are_told_by_line_and_column_and_never_by_content() -> None:
    """Every line that cannot be used, at once; nothing of what stands in it."""
    data = (
        "MRN,Cell,DOB,Zip,Consent,Language\n"
        "1,2025550123,,,,\n"
        '2,8005550123,1987-13-01,"1",maybe,Klingon\n'
        ",2025550124,,,,\n"
        '"3\n4",2.02555E+09,04/12/87,,,\n'
        "5,2025550125,,,,,extra\n"
    )
    found = problems(data)
    assert found == [
        "line 3, Cell: is a toll-free number, which cannot be texted",
        "line 3, DOB: must be a date such as 1987-04-12 or 04/12/1987, the year with four digits",
        "line 3, Zip: must be a ZIP code: five digits, or five and four",
        "line 3, Consent: must be yes or no",
        "line 3, Language: is not a language that the bot speaks",
        "line 4: has no patient's id",
        "line 5, MRN: must be one line without control characters",
        "line 5, Cell: was rounded by a spreadsheet; format the column as text",
        "line 5, DOB: must be a date such as 1987-04-12 or 04/12/1987, the year with four digits",
        "line 7: has more cells than the first line has columns",
    ]


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ("", "line 1: the list has no column with the patient's id; the first line must name the columns"),
        ("mrn,phone\n", "line 1: the file has no patients"),
        (
            "2025550123,Ana\n",
            "line 1: the list has no column with the patient's id; the first line must name the columns",
        ),
        ("mrn,phone,cell\n1,2,3\n", "line 1: the list has two columns for phone"),
        (b"mrn,phone\n1,\x81\x8d\n", "line 2: cannot be read; save the list as CSV in UTF-8"),
        (b"mrn,phone\n" + b"1," + b"9" * 20_000, "line 2: cannot be read; save the list as CSV in UTF-8"),
    ],
)
def test_files_that_are_no_lists(data: bytes | str, problem: str) -> None:
    """One sentence with the line; never an exception of a parser."""
    assert problems(data)[-1] == problem


def test_only_the_first_hundred_problems_are_named() -> None:
    """And all are counted."""
    with pytest.raises(BadFile) as refused:
        read("mrn,phone\n" + "\n".join(f"{n},12" for n in range(250)))
    assert (len(refused.value.problems), refused.value.count) == (100, 250)
