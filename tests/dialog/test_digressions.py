"""Every digression at every question of the core tool comes back to the same question, and nothing is lost."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.adapters.dialog_client import HttpDialog
from bot.content import load_content
from bot.core.wording import question_text
from tests.dialog.thread import Thread

CONTENT = load_content()
CORE = CONTENT.instruments["ahc-hrsn-core"]
ANSWERS: dict[str, Any] = {
    "1": "1", "2": "2 4", "3": "1", "4": "3", "5": "2", "6": "2", "7": "1", "8": "2", "9": "1", "10": "1",
}  # fmt: skip
PLACES = [*ANSWERS, "emergency-visits", "gate"]
# What is said in words, by language, and the message that answers it; None: a text of the instrument's own.
SAID: dict[str, dict[str, str | None]] = {
    "en": {
        "why are you asking": "why",
        "who is this": "who",
        "is this private": "privacy",
        "does this cost anything": "cost",
        "how long is this": "how_long",
        "repeat that": None,
        "what do you mean": None,
        "can i talk to somebody": "person",
        "i need diapers": "need_noted",
        "thank you": "thanks",
        "you suck": "insult",
        "can we do this in french": "language_not_spoken",
        "this is her husband": "wrong_person_check",
        "english please": "language_changed",
    },
    "es": {
        "por qué preguntan": "why",
        "quién es": "who",
        "quién va a ver mis respuestas": "privacy",
        "cuánto cuesta": "cost",
        "cuántas preguntas faltan": "how_long",
        "repita la pregunta": None,
        "qué quiere decir": None,
        "quiero hablar con alguien": "person",
        "necesito pañales": "need_noted",
        "gracias": "thanks",
        "son unos idiotas": "insult",
        "en francés por favor": "language_not_spoken",
        "soy su esposo": "wrong_person_check",
        "en español por favor": "language_changed",
    },
}
# Asks who holds the phone, so that a private question is hidden behind the privacy check again.
GUARDS = "wrong_person_check"


def _at(thread: Thread, place: str) -> None:
    """Answer up to ``place``."""
    yes = "si" if thread.language == "es" else "yes"
    thread.say("hola" if thread.language == "es" else "hello")
    thread.say(yes)
    for link_id, answer in ANSWERS.items():
        if link_id == "7" and place not in ANSWERS.keys() - {"7", "8", "9", "10"}:
            if place == "gate":
                return
            thread.say(yes)
        if link_id == place:
            return
        thread.say(answer)


@pytest.mark.parametrize("language", sorted(SAID))
@pytest.mark.parametrize("place", PLACES)
def test_a_digression_comes_back_to_the_same_question(dialog_url: str, language: str, place: str) -> None:
    """The question is asked again in its exact words, every answer stands, and none was added."""
    thread = Thread(HttpDialog(dialog_url), CONTENT, language)
    _at(thread, place)
    before, stored = thread.progress, thread.state
    assert (before.at, before.gate) == (("7", True) if place == "gate" else (place, False))
    question = question_text(CORE, before, language, CONTENT.messages[language])
    for said, key in SAID[language].items():
        thread.state, thread.events = stored, []
        result = thread.say(said)
        after = thread.progress
        assert (after.at, after.answers, after.asked) == (before.at, before.answers, before.asked), said
        assert after.gate or not before.gate
        assert not {e["type"] for e in thread.events} & {"answer_recorded", "answer_withdrawn"}, said
        if key != GUARDS:
            assert result.replies[-1].text == question, said
        else:
            hidden = question_text(CORE, after, language, CONTENT.messages[language])
            assert result.replies[-1].text == hidden
            assert after.gate == CORE.item(after.at or "").private
        assert len(result.replies) == (1 if said.startswith("rep") else 2), said
        if key is not None:
            assert result.replies[0].purpose == key, said
        assert json.loads(thread.state)["form"] == "screening_form"


@pytest.mark.parametrize("language", sorted(SAID))
@pytest.mark.parametrize("place", PLACES)
def test_a_pause_comes_back_to_the_same_question(dialog_url: str, language: str, place: str) -> None:
    """Later, and the way back; a private question is behind the privacy check again."""
    thread = Thread(HttpDialog(dialog_url), CONTENT, language)
    _at(thread, place)
    before = thread.progress
    thread.say("luego" if language == "es" else "later")
    assert "form" not in json.loads(thread.state)
    thread.say("continuar" if language == "es" else "continue")
    after = thread.progress
    assert (after.at, after.answers, after.asked) == (before.at, before.answers, before.asked)
    assert after.gate == CORE.item(after.at or "").private


@pytest.mark.parametrize("place", [place for place in PLACES if place not in ("1", "gate")])
def test_back_and_an_answer_come_back_to_the_same_question(dialog_url: str, place: str) -> None:
    """The question before is asked again; once it is answered as before, everything stands as it stood."""
    thread = Thread(HttpDialog(dialog_url), CONTENT, "en")
    _at(thread, place)
    before = thread.progress
    thread.say("back")
    went_to = thread.progress
    assert went_to.at == before.asked[-1]
    if went_to.gate:
        thread.say("yes")
    thread.say(ANSWERS[before.asked[-1]])
    after = thread.progress
    assert (after.at, after.answers, after.asked) == (before.at, before.answers, before.asked)
