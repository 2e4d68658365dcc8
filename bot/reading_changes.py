"""Reads the wish to change an earlier answer, against the questions that were asked."""

from __future__ import annotations

from collections.abc import Callable

from bot.asked import Asked
from bot.content import Content
from bot.core.answering import read_reply
from bot.core.dialog import Reading
from bot.core.instrument import Item
from bot.core.topics import find_change

Answer = Callable[[Content, str, Asked], Reading | None]


def read_change(content: Content, text: str, asked: Asked, answer: Answer) -> Reading | None:
    """The wish to change the answer to an item that the patient names and that was passed, by what it is about or by
    its place ("my first answer"); None for any other text. ``answer`` reads a reply to what is open.
    """
    change = find_change(text, content.topics, asked.language)
    if change is None:
        return None
    if change.place is not None:
        return _at_place(content, change.place, change.words, asked, answer)
    meant = [item for item in asked.passed if item.code in change.codes]
    if asked.awaits_nothing:
        # Nothing is open any more; what can be done about it is said.
        return Reading("correct")
    if not meant and asked.item is not None and asked.item.code in change.codes:
        # It is the open one, which has no answer yet.
        return (answer(content, change.words, asked) if change.words else None) or Reading("repeat")
    if change.words and not any(_reads(content, change.words, item, asked.language) for item in meant):
        return None
    return Reading("correct", {"codes": list(change.codes), "words": change.words}) if meant else None


def _at_place(content: Content, place: int, words: str, asked: Asked, answer: Answer) -> Reading | None:
    """The wish to change the answer to the question that was asked as the first, the second …

    Where nothing was asked yet it is the wish to go back; the open question, and one that was not asked, is repeated.
    """
    if not asked.passed:
        return None
    item = asked.shown[place - 1] if place <= len(asked.shown) else None
    if item is not None and item in asked.passed:
        known = words if words and _reads(content, words, item, asked.language) else ""
        return Reading("correct", {"codes": [item.code], "words": known})
    return (answer(content, words, asked) if item is not None and words else None) or Reading("repeat")


def _reads(content: Content, text: str, item: Item, language: str) -> bool:
    answered = read_reply(text, item, content.lexicons, language)
    return answered is not None and answered.value is not None
