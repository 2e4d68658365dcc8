"""Reads a message by code, against what is open in the thread. What code cannot read goes to the NLU as words."""

from __future__ import annotations

from datetime import timedelta

from bot.content import Content
from bot.core.answering import read_choice_number, read_reply
from bot.core.commands import read_command
from bot.core.dialog import Reading
from bot.core.instrument import Item
from bot.core.screening import open_item
from bot.scene import Scene

PRIVATE_ITEM_STALE_AFTER = timedelta(minutes=30)
MENU_CHOICES = 3
# Rasa keeps some intent names for itself.
RASA_INTENTS = {"back": "go_back"}


def read_message(content: Content, scene: Scene) -> Reading | None:
    """What the message means, or None when only the NLU can tell.

    A reply to a private item that comes late is not read at all: who holds the phone now is not known, so the
    privacy check is asked again.
    """
    if _private_and_late(content, scene):
        return Reading("resume")
    return _answer(content, scene) or _command(content, scene)


def open_labels(content: Content, scene: Scene) -> tuple[str, ...]:
    """The option labels of the open item in every language: words that are an answer, whatever they say."""
    item = _open_item(content, scene)
    return () if item is None else tuple(text for option in item.options for text in option.label.values())


def _answer(content: Content, scene: Scene) -> Reading | None:
    text = scene.claimed.body
    if scene.form == "menu_form":
        number = read_choice_number(text, MENU_CHOICES, content.lexicons, scene.language)
        return None if number is None else Reading("give_answer", number)
    item = _open_item(content, scene)
    if item is None:
        return None
    answered = read_reply(text, item, content.lexicons, scene.language)
    return None if answered is None else Reading("give_answer", answered.value)


def _command(content: Content, scene: Scene) -> Reading | None:
    command = read_command(scene.claimed.body, content.lexicons, scene.language)
    if command is None:
        return None
    return Reading(RASA_INTENTS.get(command.intent, command.intent), command.value)


def _open_item(content: Content, scene: Scene) -> Item | None:
    progress = scene.progress
    if not scene.screening_form_open or progress is None or progress.gate or progress.at is None:
        return None
    return open_item(content.instruments[progress.instrument], progress)


def _private_and_late(content: Content, scene: Scene) -> bool:
    item = _open_item(content, scene)
    if item is None or not item.private or scene.last_turn_at is None:
        return False
    return scene.now - scene.last_turn_at > PRIVATE_ITEM_STALE_AFTER
