"""Patient lists in the forms that clinics have, and what is said of lines that cannot be used."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from typing import Any

import pytest

from bot.patient_file import BadFile, Reading, read_rows
from bot.patient_text import NOT_CLOSED, TOO_LONG

TODAY = date(2026, 3, 3)
MISREAD = "has letters that were read wrongly; save the list as CSV in UTF-8"
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
        ("Pref. Language", "es-MX", "language", "es"),
        ("Idioma", "en_US", "language", "en"),
        ("Código postal", "79901", "zip", "79901"),
        ("TELE\u0301FONO MO\u0301VIL", "2025550123", "phone", "+12025550123"),
        ("ZIP", '=""02139""', "zip", "02139"),
        ("given name", '=""""', "birth_date", None),
        ("DOB", "4/12/1987 12:00:00 AM", "birth_date", date(1987, 4, 12)),
        ("DOB", "1987-04-12 00:00:00.000", "birth_date", date(1987, 4, 12)),
        ("DOB", "April 12, 1987", "birth_date", date(1987, 4, 12)),
        ("opt-in", "x", "consent", True),
        ("Consent", "refused", "consent", False),
        ("Consent Date", "2026-03-02", "consent_at", datetime(2026, 3, 2, 12, tzinfo=UTC)),
        ("consent at", "2026-03-02T15:04:00Z", "consent_at", datetime(2026, 3, 2, 15, 4, tzinfo=UTC)),
        ("ED visits", "3", "emergency_visits_12m", 3),
        ("Time Zone", "America/Denver", "timezone", "America/Denver"),
        ("Next Appointment", "04/01/2026 9:30 AM", "appointment_at", datetime(2026, 4, 1, 9, 30)),  # noqa: DTZ001
        ("Next Appointment", "4/1/2026 2:30:00 PM", "appointment_at", datetime(2026, 4, 1, 14, 30)),  # noqa: DTZ001
        ("next visit", "2026-04-01T09:30:00Z", "appointment_at", datetime(2026, 4, 1, 9, 30, tzinfo=UTC)),
    ],
)
def test_columns_and_cells(header: str, cell: str, field: str, value: object) -> None:
    """Names of columns as they occur, and cells as they are written."""
    (row,), _ = read(f'"{header}","MRN"\n"{cell}",7\n')
    assert row == {"patient_id": "7"} | ({field: value} if value is not None else {})


@pytest.mark.parametrize("cell", ["2026-04-01", "04/01/2026", "Apr 01, 2026", "20260401", "4/1/2026 12:00:00 AM"])
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


@pytest.mark.parametrize("cell", ["4/1/2026 14:30 PM", "4/1/2026 0:30 AM", "4/1/2026 24:00", "4/1/2026 9:60", "9:30"])
def test_no_time_on_a_clock_is_refused(cell: str) -> None:
    """Nothing is made of it."""
    told = "must be a date such as 1987-04-12 or 04/12/1987, the year with four digits"
    assert problems(f"MRN,next visit\n7,{cell}\n") == [f"line 2, next visit: {told}"]


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
    assert read("mrn,phone,name\n1,2025550123,Ann\n1,2025550123,ANN\n")[1].duplicates == 1
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
        ("mrn,phone,Phone #\n1,2,3\n", "line 1: the list has two columns for phone"),
        ("mrn,consent,opt in\n1,y,n\n", "line 1: the list has two columns for consent"),
        ("mrn,first name,First-Name\n1,y,n\n", "line 1: the list has two columns for given_name"),
        (b"mrn,phone\n1,\x81\x8d\n", f"line 2, phone: {MISREAD}"),
        (b"mrn,phone\n" + b"1," + b"9" * 20_000, f"line 2, phone: {TOO_LONG}"),
        (" \r\n,,\r\nmrn,phone\r\n1,5\r\n", "line 4, phone: is not a phone number"),
    ],
)
def test_files_that_are_no_lists(data: bytes | str, problem: str) -> None:
    """One sentence with the line; never an exception of a parser."""
    assert problems(data)[-1] == problem


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ('mrn,phone,notes\n1,2025550123,"call\n2,2025550124,x\n', f"line 2, notes: {NOT_CLOSED}"),
        ('mrn,notes,phone\n1,a,2025550123\n2,"b,2025550124\n3,"c",2025550125\n', f"line 3, notes: {NOT_CLOSED}"),
        ('mrn,"a\nb",c\r1,"d\n\ne","5" pipe"\r', f"line 5, c: {NOT_CLOSED}"),
        ('mrn,phone,notes\n1,2025550123,"' + "x\n2,2025550124,y\n" * 2000, f"line 2, notes: {NOT_CLOSED}"),
        (
            'mrn,phone,notes\n1,2025550123,"call after 5\n2,2025550124,x\n3,2025550125,5\'6"\n',
            "line 2, notes: holds the end of one line and the beginning of another; "
            "a quote is missing or stands too many",
        ),
        (
            'notes,mrn,phone\n"call, after 5,1,2025550123\n5\'6",2,2025550124\n',
            "line 2, notes: holds the end of one line and the beginning of another; "
            "a quote is missing or stands too many",
        ),
    ],
)
def test_no_patient_vanishes_in_a_quote(data: str, problem: str) -> None:
    """The column need not be used: the cell is named in which the quote is wrong."""
    assert problems(data) == [problem]


def test_notes_may_have_lines_of_their_own() -> None:
    """Commas, numbers and line breaks in a note that ends where it should are nobody's business."""
    notes = '"Lives with son,\nlikes tea, cake, and walks.\nSon, Bob: 202-555-0199"'
    assert read(f"mrn,phone,notes\n1,2025550123,{notes}\n2,2025550124,x\n")[1].rows == 2


@pytest.mark.parametrize(
    ("header", "cells", "row", "unused"),
    [
        ("Home Phone,Cell Phone", "2025550101,2025550102", {"phone": "+12025550102"}, ["Home Phone"]),
        ("Home Phone,Cell Phone", "2025550101,", {}, ["Home Phone"]),
        ("Phone,Mobile #,Notes", "2025550101,2025550102,x", {"phone": "+12025550102"}, ["Phone", "Notes"]),
        ("ID,Chart", "5,6", {}, ["ID", "Chart"]),
        ("First Name,Preferred Name", "Ann,Bo", {"given_name": "Bo"}, []),
        ("First Name,Preferred Name", "Ann,", {"given_name": "Ann"}, []),
    ],
)
def test_the_better_of_two_columns(header: str, cells: str, row: dict[str, str], unused: list[str]) -> None:
    """Mobile before home, as the content file has them; another phone never stands in for it."""
    rows, reading = read(f"MRN,{header}\n7,{cells}\n")
    assert (rows, reading.unused) == ([{"patient_id": "7"} | row], unused)
    assert sorted(name for name, _ in reading.passed_over) == sorted(name for name in unused if name != "Notes")


def test_a_windows_letter_anywhere_is_read() -> None:
    """The encoding is that of the whole file, however late it shows."""
    data = "mrn,name\n" + "".join(f"{n},Ann\n" for n in range(10_000)) + "a,José\n"
    assert read(data.encode("cp1252"))[0][-1]["given_name"] == "José"
    assert read(data.encode() + "b,Nuñez\n".encode())[0][-1]["given_name"] == "Nuñez"


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        *(("mac_roman", name) for name in ("José", "María", "Muñoz", "Ramón", "Jesús", "Ángel", "Nicolás", "Martín")),
        *(("cp850", name) for name in ("José", "María", "Muñoz", "Ramón", "Jesús", "Ángel")),
        ("utf-8", "JosÃ©"),
        ("utf-8", "NÃºÃ±ez"),
        ("utf-8", "Jos\ufffd"),
    ],
)
def test_a_misread_name_is_refused(encoding: str, name: str) -> None:
    """It would be in every text; who made the list can save it in UTF-8."""
    assert problems(f"mrn,name\n1,{name}\n".encode(encoding)) == [f"line 2, name: {MISREAD}"]


@pytest.mark.parametrize(
    "name", ["O’Brien", "D’Angelo", "Ja’Nae", "Mo’nique", "Žarko", "Štefan", "Renée", "Anne–Marie", "“Bob”", "Niño’s"]
)
def test_names_of_windows_are_names(name: str) -> None:
    """Letters, quotes and dashes as people have them."""
    assert read(f"mrn,name\n1,{name}\n".encode("cp1252"))[0][0]["given_name"] == name


def test_a_misread_header_is_refused() -> None:
    """Otherwise its column would be left out."""
    assert problems("mrn,Teléfono\n1,2025550123\n".encode("mac_roman")) == [f"line 1: the list {MISREAD}"]


def test_a_line_that_sums_up_is_no_patient() -> None:
    """It is left out and said; with anything of a patient beside it, it is a line like others."""
    rows, reading = read("mrn,phone\n1,2025550123\nTotal: 1,\n\nTotal patients,1\n12 rows,\n")
    assert (len(rows), reading.footers) == (1, [3, 5, 6])
    assert problems("mrn,phone\n1,2025550123\nTotal: 1,Ann\n")


def test_what_was_left_out_is_said() -> None:
    """A sentence for each: no phone, a worse column, a line twice, a sum, a column of others."""
    _, reading = read("MRN,ID,Plan\n1,a,2025550123\n1,b,\nTotal 1,,\n")
    assert reading.notes() == [
        "No column is the phone (call it Phone): patients who are new get no number and cannot be texted.",
        "ID is not used; MRN is.",
        "1 lines stood there twice and count once.",
        "Lines that sum up the list and are no patients: 4.",
        "Columns that are not used: Plan.",
    ]
    assert read(f"{HEADER}\n{LINE}\n")[1].notes() == []


def test_a_date_of_consent_alone_is_said_to_be_no_consent() -> None:
    """Who reads "0 would be texted" learns why."""
    _, reading = read("mrn,phone,consent date\n17,614-555-0100,2026-01-05\n")
    assert [note for note in reading.notes() if "Consent" in note]
    _, reading = read("mrn,phone,consent date,consent\n17,614-555-0100,2026-01-05,yes\n")
    assert reading.notes() == []


def test_only_the_first_hundred_problems_are_named() -> None:
    """And all are counted."""
    with pytest.raises(BadFile) as refused:
        read("mrn,phone\n" + "\n".join(f"{n},12" for n in range(250)))
    assert (len(refused.value.problems), refused.value.count) == (100, 250)
