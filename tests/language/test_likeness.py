"""Questions that are known by their answers' labels, and what is said of a situation there."""

from __future__ import annotations

import pytest

from bot.core.answering import read_reply
from bot.core.instrument import Item, Option
from bot.core.lexicon import Lexicon
from bot.core.likeness import known_as

Lexicons = dict[str, Lexicon]

HOUSING = ("I have stable housing", "I have a home now but might lose it", "I am homeless")
VIVIENDA = ("Tengo vivienda estable", "Tengo casa por ahora", "No tengo casa")
PROBLEMS = ("Bugs or rodents", "Mold", "No heat", "Stove not working", "None")
PROBLEMAS = ("Insectos", "Moho", "Sin calefacción", "Estufa descompuesta", "Ninguno")


def asked(labels: tuple[str, ...], language: str, kind: str = "choice") -> Item:
    """A question without a code of its own."""
    options = tuple(Option(str(at), "", {language: label}) for at, label in enumerate(labels, 1))
    return Item("own", None, kind, {language: ""}, "", options=options)


@pytest.mark.parametrize(
    ("labels", "language", "reply", "want"),
    [
        (HOUSING, "en", "sleeping in our van", 3),
        (HOUSING, "en", "we own our house", 1),
        (HOUSING, "en", "2 months late on the rent", 2),
        (VIVIENDA, "es", "dormimos en un albergue", 3),
        (VIVIENDA, "es", "tengo miedo de perderla", 2),
        (PROBLEMS, "en", "rats", 1),
        (PROBLEMS, "en", "furnace is dead", 3),
        (PROBLEMS, "en", "rats and the stove", None),
        (PROBLEMAS, "es", "chinches", 1),
        (PROBLEMAS, "es", "el calentón no prende", 3),
        (PROBLEMAS, "es", "moho y la estufa", None),
        (("Yes", "No", "Already shut off"), "en", "they turned our lights off monday", 3),
    ],
)
def test_situations_are_read(
    labels: tuple[str, ...], language: str, reply: str, want: int | None, lexicons: Lexicons
) -> None:
    """As at the question that the labels are those of; what names two where one is wanted is asked."""
    answered = read_reply(reply, asked(labels, language), lexicons, language)
    assert (answered.value if answered else None) == want


def test_other_questions_stay_as_they_are(lexicons: Lexicons) -> None:
    """Labels that are those of no known question, or of one with a code of its own."""
    other = asked(("Red", "Blue", "Green"), "en")
    assert known_as(other, lexicons, "en") is other
