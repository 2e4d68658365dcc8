"""Reads the reply to "Did you mean 2. Sometimes true or 3. Never true?"."""

from __future__ import annotations

from typing import Any

from bot.core import text
from bot.core.answering import Lexicons, read_choice_number
from bot.core.commands import read_command


def read_offered(reply: str, maybe: tuple[Any, ...], lexicons: Lexicons, language: str) -> Any:
    """The one of the values that were offered which ``reply`` names by its place ("the second one"), else None.

    A value that was offered alone is taken by a yes. Numbers and labels are not read here: they name an option of
    the item.
    """
    if len(maybe) == 1:
        command = read_command(reply, lexicons, language)
        return maybe[0] if command is not None and command.intent == "affirm" else None
    ordinals = {word for lexicon in lexicons.values() for word in lexicon.table("numbers.ordinals")}
    if not maybe or ordinals.isdisjoint(text.tokens(reply)):
        return None
    place = read_choice_number(reply, len(maybe), lexicons, language)
    return None if place is None else maybe[place - 1]


def names_a_place(reply: str, maybe: tuple[Any, ...], lexicons: Lexicons) -> bool:
    """Whether ``reply`` counts among what was offered ("the last one"), so that it must not be read as an option."""
    ordinals = {word for lexicon in lexicons.values() for word in lexicon.table("numbers.ordinals")}
    return len(maybe) > 1 and not ordinals.isdisjoint(text.tokens(reply))
