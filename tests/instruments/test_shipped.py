"""The shipped instruments are the tools as published, and one encoding serves where two instruments share items."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bot.content.instruments import missing
from bot.core.instrument import Instrument
from bot.core.questionnaire import read_questionnaire
from tests.instruments.files import DIALOGS, SHARED_FOLDER, SHIPPED, read

DERIVED = SHARED_FOLDER / "ahc_hrsn_26_loinc_derived.json"
PHQ_9 = "us-core/Questionnaire-phq-9-example.json"
needs_shared = pytest.mark.skipif(not DERIVED.exists(), reason="../shared/data is not here")


def shipped(name: str) -> Instrument:
    """A shipped instrument."""
    return read_questionnaire(read(DIALOGS / "questionnaires" / name / "questionnaire.json"))


def test_the_core_items_of_the_whole_tool_are_those_of_the_core_instrument() -> None:
    """Same groups, items, texts, marks and rules, letter for letter; the supplement follows."""
    core, whole = (read(DIALOGS / "questionnaires" / n / "questionnaire.json") for n in ("ahc-hrsn-core", "ahc-hrsn"))
    assert whole["item"][: len(core["item"])] == core["item"]
    assert [e for e in core["extension"] if e not in whole["extension"]] == []


@needs_shared
def test_wording_codes_marks_and_points_are_those_of_the_published_tool() -> None:
    """All 27 rows: every letter, every LOINC and LA code, every mark and every point."""
    whole = shipped("ahc-hrsn")
    rows = json.loads(DERIVED.read_text(encoding="utf-8"))["items"]
    assert len(rows) == 27
    assert [i.link_id for i in whole.items if i.link_id != "emergency-visits"] == [row["number"] for row in rows]
    for row in rows:
        item = whole.item(row["number"])
        instruction = f" ({row['instruction']})" if "instruction" in row else ""
        assert (item.text["en"], item.code) == (row["text"] + instruction, row["loinc"])
        found = [(o.code, o.label["en"], o.need) for o in item.options]
        assert found == [(a["code"], a["display"], a.get("need", False)) for a in row["answers"]]
        points = [a.get("score") for a in row["answers"]]
        if any(point is not None for point in points):
            assert [o.score for o in item.options] == points
        if item.intro:
            assert item.intro["en"] == row["group_intro"]


def test_days_and_minutes_bring_their_own_number_of_points() -> None:
    """Items 17 and 18: the label is the amount; "150 or greater" counts as 150."""
    whole = shipped("ahc-hrsn")
    for link_id in ("17", "18"):
        assert [o.score for o in whole.item(link_id).options] == [
            int(o.label["en"].split()[0]) for o in whole.item(link_id).options
        ]


@needs_shared
@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("phq-9", PHQ_9),
        ("phq-2", PHQ_9),
        ("hunger-vital-sign", "us-core/Questionnaire-hunger-vital-sign-example.json"),
        ("prapare", "mycareplanner/PRAPARE-questionnaire.json"),
        ("audit-c", "us-core/Questionnaire-AUDIT-C.json"),
    ],
)
def test_answers_are_those_of_the_published_encoding(name: str, file: str) -> None:
    """Codes, wording and points of every answer, item by item; what we add to it is ours by its system."""
    theirs = {i.code: i for i in read_questionnaire(read(SHARED_FOLDER / file)).items}
    for item in shipped(name).items:
        if item.code not in theirs:
            assert item.code == "68518-0"  # the shared AUDIT-C has another first question
            continue
        published = [(o.code, o.label["en"]) for o in theirs[item.code].options]
        assert [(o.code, o.label["en"]) for o in item.options if o.system == "http://loinc.org"] == published
        points = [o.score for o in theirs[item.code].options]
        if any(point is not None for point in points):
            assert [o.score for o in item.options] == points


@pytest.mark.parametrize("path", SHIPPED, ids=[path.parent.name for path in SHIPPED])
def test_each_shipped_instrument_lacks_nothing(path: Path) -> None:
    """English and Spanish, help, rules with policies, a notice; Spanish is marked as a draft."""
    instrument = read_questionnaire(read(path))
    assert list(missing(instrument, ("en", "es"))) == []
    assert instrument.notes == ()
    assert instrument.unofficial == ("es",)
    safety = {i.link_id for i in instrument.items if i.private}
    assert {i.link_id for i in instrument.items if not i.help} <= safety
    assert "loinc.org" in instrument.copyright


def test_safety_mood_and_substance_items_are_for_the_patient_alone() -> None:
    """Items 7 to 10 and 19 to 24 of the tool; the rest may be answered by a relative."""
    alone = {i.link_id for i in shipped("ahc-hrsn").items if i.not_by_proxy}
    assert alone == {"7", "8", "9", "10", "19", "20", "21", "22", "23a", "23b", "24"}
    for name in ("phq-2", "phq-9", "audit-c"):
        assert all(item.not_by_proxy for item in shipped(name).items)
    assert {i.code for i in shipped("prapare").items if i.not_by_proxy} == {"93038-8", "93026-3", "76501-6"}


def test_only_the_thoughts_of_self_harm_raise_an_alarm() -> None:
    """PHQ-9 item 9, every answer above "Not at all"; nothing else in any instrument."""
    raised: dict[tuple[str, str], list[Any]] = {
        (path.parent.name, item.link_id): [option.alarm for option in item.options]
        for path in SHIPPED
        for item in read_questionnaire(read(path)).items
        if item.alarm or any(option.alarm for option in item.options)
    }
    assert raised == {("phq-9", "44260-8"): [None, "crisis", "crisis", "crisis"]}


@needs_shared
def test_the_alarm_is_raised_by_a_file_that_does_not_mark_it() -> None:
    """The LOINC code of the item is enough; so it is for the privacy of safety items."""
    phq = {i.code: i for i in read_questionnaire(read(SHARED_FOLDER / PHQ_9)).items}
    assert [o.alarm for o in phq["44260-8"].options] == [None, "crisis", "crisis", "crisis"]
    core = read_questionnaire(read(SHARED_FOLDER / "mycareplanner/AHC-questionnaire.json"))
    assert {i.code for i in core.items if i.private} == {"95618-5", "95617-7", "95616-9", "95615-1"}
