"""What is said beside the questions, or of a place, is read by code against what is open."""

from __future__ import annotations

from typing import Any

import pytest

from bot.asked import Asked
from bot.content import load_content
from bot.core.picking import Choice
from bot.reading import read_words

CONTENT = load_content()
ITEM = CONTENT.instruments["ahc-hrsn-core"].item("3")
NAMES = ("Maple Street Food Pantry", "Ready Rides", "Open Table Kitchen")
OPEN = {
    "menu": Asked("en", menu=True, decided=True, agreed=True),
    "question": Asked("en", item=ITEM, decided=True, agreed=True),
    "consent": Asked("en", consent=True),
    "list": Asked("en", choice=Choice("place", NAMES), decided=True, agreed=True),
    "one place": Asked("en", choice=Choice("place", NAMES[:1]), decided=True, agreed=True),
    "share": Asked("en", share=True, decided=True, agreed=True),
    "check-in": Asked("en", choice=Choice("status"), decided=True, agreed=True, referred=True, told=True),
    "nothing": Asked("en", idle=True, decided=True, agreed=True),
    "nothing, a place was told": Asked("en", idle=True, decided=True, agreed=True, referred=True, told=True),
    "nothing, a stranger": Asked("en", idle=True),
}
NOTED, KEPT, CLOSED = ("thanks", "noted"), ("thanks", "kept"), ("give_answer", 0)
CANNOT_GET_THERE = ("give_answer", {"status": "could_not_go", "barrier": "transport"})
HAS_TO_WORK = ("give_answer", {"status": "could_not_go", "barrier": "hours"})
NO_TIME = ("report_status", "cannot_make_it")


@pytest.mark.parametrize(
    ("where", "said", "read"),
    [
        *(("menu", said, CLOSED) for said in ("ok", "thanks", "ok thank you bye", "gracias", "bueno, gracias", "👍")),
        *(("menu", said, CLOSED) for said in ("i already did these", "done", "no more questions please")),
        ("menu", "ya contesté esas preguntas la semana pasada", CLOSED),
        ("menu", "1", ("give_answer", 1)),
        *(("nothing", said, NOTED) for said in ("ok", "k", "sounds good", "got it", "vale", "i already did this")),
        ("nothing", "thanks", ("thanks", None)),
        ("nothing", "ok i am back", ("resume", None)),
        ("nothing", "yes", ("affirm", None)),
        ("nothing, a stranger", "ok", ("affirm", None)),
        *(("question", said, ("later", False)) for said in ("i already did these", "i answered these last week")),
        ("question", "done", ("later", False)),
        *(("question", said, ("later", False)) for said in ("no more questions please", "no quiero más preguntas")),
        ("question", "ok", ("affirm", None)),
        ("consent", "i already did these", ("deny", None)),
        ("consent", "this is my moms phone, im her daughter", ("answering_for_other", "phone")),
        ("consent", "este es el teléfono de mi mamá", ("answering_for_other", "phone")),
        ("nothing, a stranger", "you are texting my dads phone", ("answering_for_other", "phone")),
        *(("list", said, KEPT) for said in ("ok thanks", "bye", "ok", "gracias")),
        ("one place", "ok", ("affirm", None)),
        ("one place", "ok thanks", KEPT),
        ("list", "whats the address", ("ask_meaning", {"place": "address", "number": None})),
        ("list", "where is the second one", ("ask_meaning", {"place": "address", "number": 2})),
        ("list", "cuál es la dirección", ("ask_meaning", {"place": "address", "number": None})),
        ("list", "do they cost money", ("ask_meaning", {"place": "cost", "number": None})),
        ("list", "what is the first one", ("ask_meaning", {"place": "about", "number": 1})),
        ("list", "ready rides, ok yes you can share", ("give_answer", 2)),
        ("list", "ya me ayudaron gracias", ("report_status", "got_help")),
        *(("share", said, ("deny", None)) for said in ("no you can't share my name", "no dont share")),
        *(("share", said, ("deny", None)) for said in ("dont give them my number please", "i will call them myself")),
        *(("share", said, ("deny", None)) for said in ("no quiero que les den mi nombre", "mejor yo los llamo")),
        *(("share", said, ("affirm", None)) for said in ("yes you can share", "sí les pueden dar mi número")),
        ("share", "what is the address", ("ask_meaning", {"place": "address", "number": None})),
        ("check-in", "i couldnt go, no bus out there", CANNOT_GET_THERE),
        ("check-in", "no pude ir porque tuve que trabajar", HAS_TO_WORK),
        ("check-in", "that time doesnt work for me", ("give_answer", "cannot_make_it")),
        ("nothing, a place was told", "i cant do friday i work, can they call monday", NO_TIME),
        ("nothing, a place was told", "no puedo el viernes, ¿pueden llamar el lunes?", NO_TIME),
        ("nothing, a place was told", "what is their address", ("ask_meaning", {"place": "address", "number": None})),
        ("nothing", "that day does not work for me", ("ask_person", None)),
        ("nothing", "i want to change my food answer", ("correct", None)),
        ("nothing", "does it cost anything", ("ask_cost", None)),
    ],
)  # fmt: skip
def test_what_is_said_is_read_against_what_is_open(where: str, said: str, read: tuple[str, Any]) -> None:
    """The same words are an acknowledgement here, and an answer there."""
    found = read_words(CONTENT, said, OPEN[where])
    assert found is not None
    assert (found.intent, found.value) == read


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("question", "i already did my taxes"),
        ("nothing", "i already have a house"),
        ("list", "i am good with computers"),
        ("share", "how would they find me"),
        ("nothing, a place was told", "my friend is there"),
    ],
)
def test_what_only_sounds_so_is_left_to_the_model(where: str, said: str) -> None:
    """Only whole messages count."""
    assert read_words(CONTENT, said, OPEN[where]) is None
