"""What is said of the thread or of a place rather than in answer: "ok", "I did these already", "where is it"."""

from __future__ import annotations

from typing import Any

from bot.asked import Asked
from bot.content import Content
from bot.core.asides import ACKNOWLEDGES, OTHERS_PHONE, OVER, cuts, read_about_thread
from bot.core.dialog import Reading
from bot.core.picking import Choice, read_pick, read_status, says_of_place
from bot.core.text import tokens
from bot.core.yesno import read_yes_no

CANNOT_MAKE_IT, GOT_HELP = "cannot_make_it", "got_help"
# Whether a place may be told, in words of its own.
SHARING = {"share_yes": "affirm", "share_no": "deny"}
ORDINALS = "numbers.ordinals"
# What may be asked of a place.
QUESTIONS = frozenset({"address", "cost", "about"})
# The menu is closed: nothing of it is wanted.
CLOSED = 0
# Of the thanks there are three kinds: the usual, one that closes nothing, and a mere "ok".
KEPT, NOTED = "kept", "noted"
# What the words of a place are not looked at for.
WISHES = frozenset({"ask_person", "change_language", "later", "wrong_person", "maybe_wrong_person"})


def read_remark_on(content: Content, text: str, asked: Asked, command: Reading | None) -> Reading | None:
    """What ``text`` says where no question of a screening is open; None when it says nothing of the kind.

    ``command`` is what it says as a command: a plain wish counts before anything that is read here.
    """
    if asked.item is not None or asked.gate or asked.which or (command is not None and command.intent in WISHES):
        return None
    return _of_thread(content, text, asked, command) or _of_place(content, text, asked)


def wants_an_end(content: Content, text: str, asked: Asked) -> Reading | None:
    """That the questions were answered before, or are enough, while one is open: they rest, as with "later"."""
    if asked.item is None and not asked.gate:
        return None
    # No time to be texted again is looked for: the day in it is one that is past.
    return Reading("later", False) if read_about_thread(text, content.asides) == OVER else None


def _of_thread(content: Content, text: str, asked: Asked, command: Reading | None) -> Reading | None:
    said = read_about_thread(text, content.asides)
    if said == OTHERS_PHONE:
        return None if asked.agreed or not (asked.consent or asked.idle) else Reading("answering_for_other", "phone")
    if said == OVER:
        return _over(asked)
    if said != ACKNOWLEDGES:
        return None
    thanked = command is not None and command.intent == "thanks"
    if asked.menu:
        return Reading("give_answer", CLOSED)
    if asked.choice is not None and asked.choice.kind == "place":
        # Of one place alone, ok is a yes.
        means_yes = len(asked.choice.names) == 1 and not thanked and _is_yes(content, text)
        return None if means_yes else Reading("thanks", KEPT)
    return Reading("thanks", NOTED) if asked.idle and asked.decided and not thanked else None


def _over(asked: Asked) -> Reading | None:
    if asked.consent:
        return Reading("deny")
    if asked.menu:
        return Reading("give_answer", CLOSED)
    return Reading("thanks", NOTED) if asked.idle and asked.decided else None


def _is_yes(content: Content, text: str) -> bool:
    found = tokens(text)
    return any(read_yes_no(found, lexicon) for lexicon in content.lexicons.values())


def _of_place(content: Content, text: str, asked: Asked) -> Reading | None:
    said = says_of_place(text, content.about_places)
    lists_places = asked.choice is not None and asked.choice.kind == "place"
    if asked.share and said in SHARING:
        return Reading(SHARING[said])
    if said in QUESTIONS and (lists_places or asked.share or asked.referred):
        return Reading("ask_meaning", {"place": said, "number": _number(content, text, asked)})
    if said == CANNOT_MAKE_IT and not lists_places:
        return _cannot_make_it(asked)
    if not lists_places or asked.choice is None:
        return None
    if read_status(text, content.about_places, content.lexicons, asked.language) == GOT_HELP:
        return Reading("report_status", GOT_HELP)
    return _pick_and_yes(content, text, asked.choice, asked)


def _cannot_make_it(asked: Asked) -> Reading | None:
    """For the place that was told, else for a person."""
    if asked.choice is not None:
        return Reading("give_answer", CANNOT_MAKE_IT) if asked.choice.kind in ("status", "call") else None
    if not asked.agreed or asked.consent or asked.share:
        return None
    return Reading("report_status", CANNOT_MAKE_IT) if asked.told else Reading("ask_person") if asked.idle else None


def _number(content: Content, text: str, asked: Asked) -> int | None:
    """Which of the places that are shown the words name."""
    if asked.choice is None or not asked.choice.names:
        return None
    ordinals = {word: at for lexicon in content.lexicons.values() for word, at in lexicon.table(ORDINALS).items()}
    named = [at for word in tokens(text) if (at := ordinals.get(word) or (word.isdecimal() and int(word)))]
    return int(named[0]) if len(named) == 1 and 0 < int(named[0]) <= len(asked.choice.names) else None


def _pick_and_yes(content: Content, text: str, choice: Choice, asked: Asked) -> Reading | None:
    """A place, and beside it a yes to telling it: what it may be told is asked all the same, in full."""
    for left, right in cuts(text, content.asides):
        number: Any = read_pick(left, choice, content.about_places, content.lexicons, asked.language)
        if isinstance(number, int) and (
            says_of_place(right, content.about_places) == "share_yes" or _is_yes(content, right)
        ):
            return Reading("give_answer", number)
    return None
