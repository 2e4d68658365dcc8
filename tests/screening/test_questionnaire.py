"""The core instrument is the tool as published; a file that cannot be run is refused with its places."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.core.instrument import Instrument
from bot.core.questionnaire import QuestionnaireError, read_questionnaire
from tests.screening.conftest import SHARED

DERIVED = SHARED / "instruments" / "ahc_hrsn_26_loinc_derived.json"
needs_shared = pytest.mark.skipif(not DERIVED.exists(), reason="../shared/data is not here")


@needs_shared
def test_wording_codes_and_scores_are_those_of_the_published_tool(core: Instrument) -> None:
    """Every letter of the ten items, every LOINC and LA code, every mark and every score."""
    published = [row for row in json.loads(DERIVED.read_text())["items"] if row["part"] == "core"]
    assert len(published) == 10
    for row, item in zip(published, core.items, strict=False):
        instruction = f" ({row['instruction']})" if "instruction" in row else ""
        assert item.text["en"] == row["text"] + instruction
        assert item.code == row["loinc"]
        expected = [(a["code"], a["display"], a.get("score"), a.get("need", False)) for a in row["answers"]]
        assert [(o.code, o.label["en"], o.score, o.need) for o in item.options] == expected


@needs_shared
def test_group_texts_stand_before_the_first_item_of_their_group(core: Instrument) -> None:
    """The exact introductions to the food statements and to the safety items."""
    published = {row["number"]: row for row in json.loads(DERIVED.read_text())["items"]}
    assert core.item("3").intro["en"] == published["3"]["group_intro"]
    assert core.item("7").intro["en"] == published["7"]["group_intro"]
    assert not core.item("4").intro
    assert not core.item("8").intro


def test_the_core_instrument_has_ten_items_and_the_emergency_question(core: Instrument) -> None:
    """In the order of the tool, the four safety items private, both languages complete."""
    assert [item.link_id for item in core.items] == [str(n) for n in range(1, 11)] + ["emergency-visits"]
    assert [item.link_id for item in core.items if item.private] == ["7", "8", "9", "10"]
    assert core.languages == ("en", "es")
    assert core.unofficial == ("es",)


@pytest.mark.parametrize(
    ("resource", "problem"),
    [
        pytest.param({"resourceType": "Patient"}, "resourceType", id="another resource"),
        pytest.param({"type": "reference"}, "item[0] (linkId a).type: 'reference' is not supported", id="unknown type"),
        pytest.param({"type": "choice"}, "item[0] (linkId a).answerOption", id="choice without options"),
        pytest.param({"linkId": None}, "item[0]: an item needs linkId and text", id="no link id"),
        pytest.param(
            {"enableWhen": [{"question": "x", "operator": "=", "answerBoolean": True}]}, "no item 'x'", id="enableWhen"
        ),
        pytest.param(
            {"enableWhen": [{"question": "a", "operator": "~"}]}, "item[0] (linkId a).enableWhen[0]", id="operator"
        ),
    ],
)
def test_what_cannot_be_run_is_refused_with_its_place(resource: dict[str, Any], problem: str) -> None:
    """The message names where and what."""
    item = {"linkId": "a", "type": "boolean", "text": "Well?"}
    if "resourceType" not in resource:
        resource = {"resourceType": "Questionnaire", "id": "t", "item": [{**item, **resource}]}
    with pytest.raises(QuestionnaireError) as refused:
        read_questionnaire(resource)
    assert problem in str(refused.value)


def test_two_items_of_one_link_id_are_refused() -> None:
    """A link id names one item."""
    item = {"linkId": "a", "type": "boolean", "text": "Well?"}
    with pytest.raises(QuestionnaireError, match="linkId a: stands twice"):
        read_questionnaire({"resourceType": "Questionnaire", "id": "t", "item": [item, item]})
