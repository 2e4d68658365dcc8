"""What a questionnaire file may hold: nesting, conditions, value sets, open choices, expressions; what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from bot.core import screening
from bot.core.answering import read_reply
from bot.core.instrument import Instrument
from bot.core.number_options import amounts, nearest
from bot.core.questionnaire import QuestionnaireError, read_questionnaire
from bot.core.scoring import alarm_of, score_answers
from bot.core.wording import question_text
from tests.instruments.files import lexicons

SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/"
OWN = "urn:followthrough:"
MESSAGES = {"question_position": "({number}/{total})"}


def resource(*items: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A questionnaire of these items."""
    return {"resourceType": "Questionnaire", "id": "t", "item": list(items), **more}


def yes_no(link_id: str, **more: Any) -> dict[str, Any]:
    """A yes-or-no item."""
    return {"linkId": link_id, "type": "boolean", "text": f"{link_id}?", **more}


def choice(link_id: str, *labels: str, **more: Any) -> dict[str, Any]:
    """A choice whose codes are its labels."""
    options = [{"valueCoding": {"code": label, "display": label}} for label in labels]
    return {"linkId": link_id, "type": "choice", "text": f"{link_id}?", "answerOption": options, **more}


def read(*items: dict[str, Any], **more: Any) -> Instrument:
    """The instrument of these items."""
    return read_questionnaire(resource(*items, **more))


def asked(instrument: Instrument, answers: dict[str, Any]) -> list[str]:
    """Which items are asked, in order, of somebody who answers so."""
    found, move = [], screening.start(instrument)
    while (link_id := move.progress.at) is not None:
        found.append(link_id)
        move = screening.answer(instrument, move.progress, answers[link_id])
    return found


def test_questions_under_questions_and_groups_are_asked_in_order_under_the_conditions_of_all() -> None:
    """A nested item needs its own condition and those of everything around it, each in its own way of joining."""
    when = [{"question": q, "operator": "=", "answerBoolean": True} for q in ("a", "b")]
    inner = yes_no("d", enableWhen=[{"question": "c", "operator": "=", "answerBoolean": True}])
    group = {
        "linkId": "g",
        "type": "group",
        "enableWhen": when,
        "enableBehavior": "any",
        "item": [yes_no("c", item=[inner])],
    }
    instrument = read(yes_no("a"), yes_no("b"), group, yes_no("e"))
    says = {"a": False, "b": True, "c": True, "d": True, "e": True}
    assert asked(instrument, says) == ["a", "b", "c", "d", "e"]
    assert asked(instrument, {**says, "c": False}) == ["a", "b", "c", "e"]
    assert asked(instrument, {**says, "b": False}) == ["a", "b", "e"]


@pytest.mark.parametrize(
    ("condition", "value", "holds"),
    [
        ({"operator": ">", "answerInteger": 2}, 3, True),
        ({"operator": ">=", "answerQuantity": {"value": 2, "unit": "h"}}, 1, False),
        ({"operator": "!=", "answerInteger": 2}, 2, False),
        ({"operator": "exists", "answerBoolean": True}, {"absent": "asked-declined"}, False),
        ({"operator": "exists", "answerBoolean": False}, {"absent": "asked-declined"}, True),
    ],
)
def test_conditions_on_numbers(condition: dict[str, Any], value: Any, holds: bool) -> None:
    """Every operator, and a left-out answer that is no answer."""
    count = {"linkId": "n", "type": "integer", "text": "How many?"}
    instrument = read(count, yes_no("x", enableWhen=[{"question": "n", **condition}]))
    assert screening.is_enabled(instrument.item("x"), {"n": value}, instrument) is holds


def test_dates_are_compared_as_dates() -> None:
    """An ISO date is later when it reads later."""
    day = {"linkId": "n", "type": "date", "text": "When?"}
    instrument = read(day, yes_no("x", enableWhen=[{"question": "n", "operator": ">", "answerDate": "2026-03-01"}]))
    assert screening.is_enabled(instrument.item("x"), {"n": "2026-11-22"}, instrument)
    assert not screening.is_enabled(instrument.item("x"), {"n": "2025-11-22"}, instrument)


@pytest.mark.parametrize(
    "held",
    [
        {
            "compose": {
                "include": [
                    {"system": "s", "concept": [{"code": "1", "display": "One"}, {"code": "2", "display": "Two"}]}
                ]
            }
        },
        {"expansion": {"contains": [{"code": "1", "display": "One"}, {"code": "2", "display": "Two"}]}},
    ],
)
def test_options_may_stand_in_a_value_set_of_the_file(held: dict[str, Any]) -> None:
    """Enumerated or expanded; a value set elsewhere is refused with its place."""
    item = {"linkId": "a", "type": "choice", "text": "Which?", "answerValueSet": "#vs"}
    instrument = read(item, contained=[{"resourceType": "ValueSet", "id": "vs", **held}])
    assert [o.label["en"] for o in instrument.item("a").options] == ["One", "Two"]
    with pytest.raises(QuestionnaireError, match=r"\(linkId a\).answerValueSet: http://x is not contained"):
        read({**item, "answerValueSet": "http://x"})


def test_an_open_choice_takes_an_option_or_words_of_ones_own() -> None:
    """Words are kept in the record alone, and count for nothing in the rules."""
    rule = {
        "url": f"{OWN}need-rule",
        "extension": [{"url": "domain", "valueCode": "food"}, {"url": "item", "valueString": "a"}],
    }
    instrument = read({**choice("a", "Bread", "Milk"), "type": "open-choice"}, extension=[rule])
    item = instrument.item("a")
    assert getattr(read_reply("2", item, lexicons(), "en"), "value", None) == 2
    words = read_reply("diapers size four", item, lexicons(), "en")
    assert words is not None
    move = screening.answer(instrument, screening.start(instrument).progress, words.value)
    assert move.events[0]["value"] == "diapers size four"
    assert move.progress.answers == {"a": {"text": True}}
    assert score_answers(instrument, {"a": "diapers size four"}).needs[0].positive is False


def test_what_is_computed_or_hidden_is_not_asked_and_noted() -> None:
    """Read-only, calculated and hidden items; expressions are left aside with their place."""
    calculated = {"url": f"{SDC}sdc-questionnaire-calculatedExpression", "valueExpression": {"expression": "1"}}
    enabled = {"url": f"{SDC}sdc-questionnaire-enableWhenExpression", "valueExpression": {"expression": "true"}}
    hidden = {"url": "http://hl7.org/fhir/StructureDefinition/questionnaire-hidden", "valueBoolean": True}
    instrument = read(
        yes_no("a", extension=[enabled]),
        yes_no("b", readOnly=True),
        yes_no("c", extension=[calculated]),
        yes_no("d", extension=[hidden]),
    )
    assert [item.link_id for item in instrument.items] == ["a"]
    assert list(instrument.notes) == [
        "item[0] (linkId a): the expression enableWhenExpression is left aside",
        "item[1] (linkId b): not asked: it is read-only",
        "item[2] (linkId c): not asked: its value is calculated",
        "item[3] (linkId d): not asked: it is hidden",
    ]


def test_introductions_stand_where_they_belong() -> None:
    """A display before the next question, a sentence of a group before its first, a marked one before each."""
    shown = {"linkId": "i", "type": "display", "text": "Now to you."}
    stem = {
        "linkId": "s",
        "type": "display",
        "text": "How often?",
        "extension": [{"url": f"{OWN}every-item", "valueBoolean": True}],
    }
    group = {"linkId": "g", "type": "group", "text": "In two weeks:", "item": [stem, yes_no("b"), yes_no("c")]}
    titled = {"linkId": "t", "type": "group", "text": "Title", "item": [yes_no("d")]}
    instrument = read(shown, yes_no("a"), group, titled)
    intros = {i.link_id: i.intro.get("en", "") for i in instrument.items}
    assert intros == {"a": "Now to you.", "b": "In two weeks: How often?", "c": "How often?", "d": ""}


def test_help_beside_an_item_is_its_help() -> None:
    """A display under a question is what "what do you mean?" shows."""
    item = yes_no("a", item=[{"linkId": "h", "type": "display", "text": "Think of today."}])
    assert read(item).item("a").help == {"en": "Think of today."}


def test_options_that_are_amounts_are_shown_without_numbers_and_read_as_amounts() -> None:
    """ "3" means three, not the third; an amount between two is offered; an open end takes what is over it."""
    instrument = read(choice("a", "0", "1", "2", "3", "5", "10 or more"))
    item = instrument.item("a")
    assert question_text(instrument, screening.start(instrument).progress, "en", MESSAGES).endswith(
        "0, 1, 2, 3, 5, 10 or more"
    )
    for reply, value in [("3", 4), ("0", 1), ("ten", 6), ("12", 6), ("10 or more", 6), ("none", 1)]:
        assert getattr(read_reply(reply, item, lexicons(), "en"), "value", None) == value, reply
    between = read_reply("4", item, lexicons(), "en")
    assert between is not None
    assert (between.value, between.maybe) == (None, (4, 5))
    assert nearest(read(choice("b", "1", "2", "3")).item("b"), 9) == ()
    assert amounts(read(choice("b", "1", "2", "3 or 4")).item("b")) == {1: 1, 2: 2, 3: 3}
    assert amounts(read(choice("b", "1 or 2", "3 or 4", "5 or 6")).item("b")) is None
    with pytest.raises(ValueError, match="no amounts"):
        nearest(read(yes_no("c")).item("c"), 1)


def test_a_refusal_is_not_what_none_means() -> None:
    """ "None" and "no" never choose "I choose not to answer"; the refusal stands alone all the same."""
    refusal = {"valueCoding": {"code": "LA30122-8", "display": "I choose not to answer this question"}}
    raw = choice("a", "Food", "Clothing", repeats=True)
    raw["answerOption"].append(refusal)
    item = read(raw).item("a")
    for reply in ("none", "no", "nothing"):
        found = read_reply(reply, item, lexicons(), "en")
        assert found is None or found.value is None, reply
    assert getattr(read_reply("1 2", item, lexicons(), "en"), "value", None) == [1, 2]
    assert getattr(read_reply("3", item, lexicons(), "en"), "value", None) == [3]
    assert getattr(read_reply("1 3", item, lexicons(), "en"), "value", 0) is None


def test_a_yes_may_raise_an_alarm() -> None:
    """Marked on a boolean item; a no and a left-out answer raise none."""
    instrument = read(yes_no("a", extension=[{"url": f"{OWN}alarm", "valueCode": "crisis"}]))
    raised = [alarm_of(instrument, "a", value) for value in (True, False, {"absent": "asked-declined"})]
    assert raised == ["crisis", None, None]


def rule(kind: str, /, **parts: Any) -> dict[str, Any]:
    """A rule of the questionnaire with these parts."""
    inner = [{"url": k, "valueInteger" if isinstance(v, int) else "valueString": v} for k, v in parts.items()]
    return {"url": OWN + kind, "extension": inner}


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        (rule("score", item="a"), "score: has no name"),
        (rule("score", name="s", item="x"), "score s: there is no item 'x'"),
        (rule("score", name="s", item="a"), "score s: the item 'a' has an option without ordinalValue"),
        (rule("score", name="s", item="n"), "score s: the item 'n' needs minValue and maxValue"),
        (rule("score", name="s", item="y"), "score s: the item 'y' gives no points"),
        (rule("score", name="s", item="r"), "score s: the item 'r' is never asked"),
        (rule("score", name="s", operation="mean"), "score s: operation: 'mean' is none of sum, product"),
        (rule("need-rule", item="a"), "need rule: has no domain"),
        (rule("need-rule", domain="food"), "need rule food: needs either items or a score"),
        (rule("need-rule", domain="food", score="s"), "need rule food: a score needs a threshold or cuts"),
        (rule("need-rule", domain="food", score="s", threshold=1), "need rule food: there is no score 's'"),
        (rule("need-rule", domain="food", item="a", missing="zero"), "need rule food: missing: 'zero' is none of"),
        (rule("navigation-rule", item="a", atLeast=2), "navigation rule: the item 'a' takes no number"),
    ],
)
def test_a_rule_that_cannot_be_applied_is_refused(wrong: dict[str, Any], problem: str) -> None:
    """The message names the rule and what is wrong with it."""
    count = {"linkId": "n", "type": "integer", "text": "How many?"}
    items = (choice("a", "x", "y"), count, yes_no("y"), yes_no("r", readOnly=True))
    with pytest.raises(QuestionnaireError) as refused:
        read(*items, extension=[wrong])
    assert any(line.startswith(problem) for line in refused.value.problems), refused.value.problems


@pytest.mark.parametrize(
    "broken",
    [
        [],
        "x",
        {"resourceType": "Questionnaire", "id": "t", "item": ["x"]},
        {
            "resourceType": "Questionnaire",
            "id": "t",
            "item": [{"linkId": "a", "type": "choice", "text": "?", "answerOption": 5}],
        },
    ],
)
def test_what_has_not_the_form_of_a_questionnaire_is_refused(broken: Any) -> None:
    """Never another error, whatever the JSON is."""
    with pytest.raises(QuestionnaireError):
        read_questionnaire(broken)
