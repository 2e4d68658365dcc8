"""Reads a message by code, against what is open in the thread. What code cannot read goes to the NLU as words."""

from __future__ import annotations

from datetime import timedelta

from bot.content import Content
from bot.core.answering import read_choice_number, read_privacy, read_reply
from bot.core.commands import read_command
from bot.core.dialog import Reading
from bot.core.instrument import Item
from bot.core.screening import guard, open_item
from bot.scene import Scene

PRIVATE_ITEM_STALE_AFTER = timedelta(minutes=30)
MENU_CHOICES = 3
# Rasa keeps some intent names for itself.
RASA_INTENTS = {"back": "go_back"}
# Commands that may as well be an answer to the open item.
ANSWER_LIKE = frozenset({"affirm", "deny", "unsure", "thanks", "greet", "resume"})


def guard_private(content: Content, scene: Scene) -> Scene:
    """The scene behind a new privacy check when a private item has been open for long: who holds the phone now?"""
    progress = scene.progress
    if progress is None or not _private_and_late(content, scene):
        return scene
    guarded = guard(content.instruments[progress.instrument], progress)
    return scene.with_progress(guarded)


def read_message(content: Content, scene: Scene, *, late: bool = False) -> Reading | None:
    """What the message means, or None when only the NLU can tell.

    A ``late`` reply to a private item is not read as an answer: the privacy check is asked again. What else the
    patient says (wrong person, later, a person please) counts.
    """
    command = _command(content, scene)
    if late:
        return Reading("resume") if command is None or command.intent in ANSWER_LIKE else command
    if _private_item_open(content, scene) and command is not None and command.intent not in ANSWER_LIKE:
        return command
    if scene.progress is not None and scene.screening_form_open and scene.progress.gate:
        return _privacy(content, scene, command)
    return _answer(content, scene) or command


def open_labels(content: Content, scene: Scene) -> tuple[str, ...]:
    """The option labels of the open item in every language: words that are an answer, whatever they say."""
    item = _open_item(content, scene)
    return () if item is None else tuple(text for option in item.options for text in option.label.values())


def _privacy(content: Content, scene: Scene, command: Reading | None) -> Reading | None:
    """A reply to the privacy check. A soft yes is no yes here: it is asked again."""
    alone = read_privacy(scene.claimed.body, content.privacy, content.lexicons, scene.language)
    if alone is not None:
        return Reading("affirm" if alone else "deny")
    if command is not None and command.intent == "affirm":
        return Reading("give_answer")
    return command


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


def _private_item_open(content: Content, scene: Scene) -> bool:
    item = _open_item(content, scene)
    return item is not None and item.private


def _private_and_late(content: Content, scene: Scene) -> bool:
    if not _private_item_open(content, scene) or scene.last_turn_at is None:
        return False
    return scene.now - scene.last_turn_at > PRIVATE_ITEM_STALE_AFTER
