"""The fear of losing the home is an answer and no danger; the fear of a person is heard as ever."""

from __future__ import annotations

import pytest

from bot.content.load import load_content
from bot.understanding import Understood, read_line, understand_by_code

HOUSING = "71802-3"
FEARED = {
    "en": [
        "im scared they will kick us out",
        "afraid theyll throw me out",
        "i got a apartment but behind on rent and scared they gonna put me out",
        "im scared my landlord is gonna throw us out",
        "we r afraid they are going to take our house",
        "i have a place but im scared of getting evicted",
    ],
    "es": [
        "tengo casa pero debo la renta y tengo miedo q nos saquen",
        "tengo miedo que me corran de mi casa",
        "tengo miedo q me saquen del apartamento",
        "tengo miedo de que me echen de mi casa",
        "vivo con miedo de que me saquen de aqui",
        "tengo mucho miedo de que el dueño nos saque",
        "temo que nos boten del apartamento",
        "tengo miedo de quedarme sin casa",
    ],
}
A_PERSON = {
    "en": [
        "im scared he will kick me out and hurt me",
        "im scared they will kick us out and beat us",
        "im scared of my landlord he comes in my room",
        "im scared she will put me out",
        "im afraid to go home",
    ],
    "es": [
        "tengo miedo que mi esposo me saque de la casa a golpes",
        "tengo miedo que me saquen del apartamento y me golpeen",
        "tengo miedo de que me corra de la casa y me pegue",
        "tengo miedo que me saquen a golpes",
        "tengo miedo que me saque de la casa",
        "tengo miedo de estar en mi casa",
    ],
}


def _read(text: str, language: str, question: str | None = HOUSING) -> Understood | None:
    content = load_content()
    return understand_by_code(content, read_line(content, {"text": text, "lang": language, "question": question}))


@pytest.mark.parametrize(("language", "text"), [(each, text) for each, texts in FEARED.items() for text in texts])
def test_who_fears_for_the_home_has_answered(language: str, text: str) -> None:
    """A place to live, and worried about losing it; anywhere else it is neither danger nor a demand to stop."""
    read = _read(text, language)
    assert read is not None
    assert (read.reading, read.value) == ("answer", 2)
    assert _read(text, language, None) is None


@pytest.mark.parametrize(("language", "text"), [(each, text) for each, texts in A_PERSON.items() for text in texts])
def test_who_fears_a_person_is_in_danger(language: str, text: str) -> None:
    """Also where the home is spoken of, or lost to that person."""
    read = _read(text, language)
    assert read is not None
    assert read.reading == "danger"


def test_other_fears_of_cost_are_no_danger() -> None:
    """That the light is cut off, or the rent goes up."""
    for text in ("tengo miedo de que me corten la luz", "tengo miedo que me suban la renta"):
        assert _read(text, "es", None) is None


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (
            "en",
            "w my cousin since i lost my apartment, he says i gotta be out by the first idk what im gonna do",
        ),
        ("en", "they evicting us next month i dont know what im gonna do"),
        ("es", "perdi mi casa y no se que voy a hacer"),
        ("es", "me van a sacar del apartamento no se que hacer"),
    ],
)
def test_who_loses_the_home_and_is_at_a_loss_is_not_asked_about_suicide(language: str, text: str) -> None:
    """Not to know what to do is said of the home there."""
    read = _read(text, language)
    assert read is None or read.reading not in ("crisis", "danger")


@pytest.mark.parametrize(
    "text",
    [
        "i lost my apartment and i want to die idk what im gonna do",
        "getting evicted and i dont wanna be here anymore idk what im gonna do",
        "we lost our house he said hes gonna kill us i dont know what to do",
        "idk what im gonna do with myself",
        "perdi mi casa y ya no quiero vivir no se que voy a hacer",
    ],
)
def test_grave_words_beside_a_lost_home_are_heard(text: str) -> None:
    """Only the one sentence is left out, and for the second opinion alone."""
    read = _read(text, "en", None)
    assert read is not None
    assert read.reading in ("crisis", "danger")
