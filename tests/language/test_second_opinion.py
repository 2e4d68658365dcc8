"""The second opinion about danger: it can make the bot ask, and nothing else; and it runs with or without a model."""

from __future__ import annotations

import json
from array import array
from pathlib import Path

import pytest

from bot.content import ContentError, load_content
from bot.core.lexicon import Lexicon
from bot.core.safety import read_alarm
from bot.core.second_opinion import SIZE, Row, SecondOpinion, doubts_stop, from_file, hear_alarm
from bot.understanding import read_line, understand_by_code

MEASURED = Path(__file__).parents[1] / "measure"
# Of the held-out wordings, which nothing was learnt from (docs/safety.md). Rules alone hear 0.3 and 0.5 of them.
HEARD = {"en": 0.83, "es": 0.75}
DOUBTED_WRONGLY = {"en": 0.12, "es": 0.07}

# No rule hears these, and no example is like them.
DOUBTFUL_STOP = {
    "en": "your messages are wearing me out every day",
    "es": "sus textos son una molestia para mi",
}

Lexicons = dict[str, Lexicon]


@pytest.fixture(scope="module")
def opinion() -> SecondOpinion:
    """The trained model."""
    found = load_content().second_opinion
    assert found is not None, "run: bot train"
    return found


def _is_now(body: str, lexicons: Lexicons, language: str, opinion: SecondOpinion | None) -> bool:
    alarm = hear_alarm(body, lexicons, language, (), opinion)
    return alarm is not None and alarm.urgency == "now"


@pytest.mark.parametrize("language", ["en", "es"])
def test_wordings_that_nothing_was_learnt_from_are_heard(
    language: str, lexicons: Lexicons, opinion: SecondOpinion
) -> None:
    """Recall of danger, and how much of what only sounds like it the model adds to the false alarms of the rules."""
    lines = (MEASURED / f"safety_heldout_{language}.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    grave = [row["text"] for row in rows if row["kind"] != "none"]
    others = [row["text"] for row in rows if row["kind"] == "none"]
    missed = [text for text in grave if not _is_now(text, lexicons, language, opinion)]
    doubted = [
        text
        for text in others
        if _is_now(text, lexicons, language, opinion) and not _is_now(text, lexicons, language, None)
    ]
    assert len(missed) <= (1 - HEARD[language]) * len(grave), missed
    assert len(doubted) <= DOUBTED_WRONGLY[language] * len(others), doubted


def test_it_only_asks_and_silences_no_rule(lexicons: Lexicons, opinion: SecondOpinion) -> None:
    """What the rules hear stays as it is; what only the model hears is doubtful."""
    certain = read_alarm("i want to kill myself", lexicons, "en")
    assert hear_alarm("i want to kill myself", lexicons, "en", (), opinion) == certain
    doubt = hear_alarm("i poured every pill i own into my hand, goodbye everybody", lexicons, "en", (), opinion)
    assert doubt is not None
    assert (doubt.certain, doubt.urgency) == (False, "now")


@pytest.mark.parametrize(
    "reply",
    ["yes", "no", "never", "often", "4", "2 and 3", "i do", "nope", "idk", "👍", "", "rarely", "sometimes true"],
)
def test_a_plain_answer_is_never_doubted(reply: str, lexicons: Lexicons, opinion: SecondOpinion) -> None:
    """Short common replies in a thread of either language."""
    assert [hear_alarm(reply, lexicons, thread, (), opinion) for thread in ("en", "es")] == [None, None]


@pytest.mark.parametrize(
    "reply",
    ["red or blue", "hour and a half", "send it again my phone deleted it", "my mom watches my kids", "nobody hits me",
     "el arroz se me quemo", "una hora y media", "mi mama me cuida a los niños", "aqui nadie me grita ni me pega"],
)  # fmt: skip
def test_an_ordinary_answer_is_never_doubted(reply: str, lexicons: Lexicons, opinion: SecondOpinion) -> None:
    """Choices, times, a phone that failed, children who are looked after, denials."""
    assert [hear_alarm(reply, lexicons, thread, (), opinion) for thread in ("en", "es")] == [None, None]
    assert not doubts_stop(reply, lexicons, (), opinion)


@pytest.mark.parametrize("reply", [DOUBTFUL_STOP["en"], DOUBTFUL_STOP["es"]])
def test_a_demand_to_stop_that_no_rule_knows_is_doubted(reply: str, opinion: SecondOpinion) -> None:
    """It is asked about, and shows so when a reply is explained."""
    found = understand_by_code(load_content(), read_line(load_content(), {"text": reply, "lang": ""}))
    assert found is not None
    assert (found.reading, found.confidence) == ("opt_out", 0.5)


@pytest.mark.parametrize(
    "reply",
    ["dont stop texting me", "no dejen de escribirme", "text me later im at work", "stop", "2", "no more than two",
     "they stopped my food stamps", "me cortaron las estampillas"],
)  # fmt: skip
def test_what_only_sounds_like_stop_is_not_doubted(reply: str, lexicons: Lexicons, opinion: SecondOpinion) -> None:
    """Nor is one word alone, which the rules know."""
    assert not doubts_stop(reply, lexicons, (), opinion)


def test_a_label_of_the_open_question_is_never_doubted(lexicons: Lexicons) -> None:
    """Word for word, capitals aside, whatever the model makes of it."""
    sure = _always_sure()
    assert hear_alarm("some days are hard", lexicons, "en", ("Some days are hard",), sure) is None
    assert hear_alarm("some days are hard", lexicons, "en", ("Other",), sure) is not None
    assert not doubts_stop("no more of it", lexicons, ("No more of it",), sure)
    assert doubts_stop("no more of it", lexicons, (), sure)
    assert not doubts_stop("no more of it", lexicons)


def test_how_a_doubt_shows_when_a_reply_is_explained(opinion: SecondOpinion) -> None:
    """The reading with confidence 0.5; a demand to stop is looked through by the rules alone."""
    said = "i poured every pill i own into my hand, goodbye everybody"
    line = read_line(load_content(), {"text": said, "lang": "en"})
    found = understand_by_code(load_content(), line)
    assert found is not None
    assert (found.reading, found.confidence) == ("crisis", 0.5)
    stop = understand_by_code(
        load_content(), read_line(load_content(), {"text": "stop texting me please", "lang": "en"})
    )
    assert stop is not None
    assert stop.reading == "opt_out"


def test_without_a_model_the_rules_go_on(tmp_path: Path, lexicons: Lexicons) -> None:
    """A missing model is no reason not to run; a broken one is, and says what to do."""
    assert load_content(models=tmp_path).second_opinion is None
    assert hear_alarm("i want to kill myself", lexicons, "en") is not None
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "second_opinion.bin").write_bytes(b"nothing of the kind")
    with pytest.raises(ContentError, match="bot train"):
        load_content(models=broken)


@pytest.mark.parametrize("data", [b"", b"danger? 0 0\n\n", b"\xff\xfe\n\n\x00", b"a b c d\n\nxx"])
def test_a_file_that_is_no_model_is_refused(data: bytes) -> None:
    """Whatever stands in it."""
    with pytest.raises(ValueError):
        from_file(data)


def test_the_same_text_always_gets_the_same_answer(opinion: SecondOpinion) -> None:
    """Case, accents and spacing aside; any string is taken."""
    assert opinion.read("No Siento la CARA") == opinion.read("no  siento la cará")
    for odd in ("", "👻" * 50, "\x00", "a" * 5000, "١٢٣"):
        assert 0 <= opinion.read(odd).probability <= 1


def _always_sure() -> SecondOpinion:
    """A model that finds danger in everything."""
    row = Row(50.0, 0.0, array("h", bytes(2 * SIZE)))
    return SecondOpinion(row, row, {"crisis": row})
