"""Reads a message by code, against what is open in the thread. What code cannot read goes to the NLU as words."""

from __future__ import annotations

from dataclasses import dataclass
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


@dataclass(frozen=True)
class Asked:
    """What a message meets: the open item, the menu or the privacy check, or nothing; and the thread's language."""

    language: str
    item: Item | None = None
    gate: bool = False
    menu: bool = False

    @property
    def labels(self) -> tuple[str, ...]:
        """The option labels of the open item in every language: words that are an answer, whatever they say."""
        return () if self.item is None else tuple(text for each in self.item.options for text in each.label.values())


def asked(content: Content, scene: Scene) -> Asked:
    """What is open in the scene's thread."""
    progress = scene.progress if scene.screening_form_open else None
    gate = progress is not None and progress.gate
    return Asked(scene.language, _open_item(content, scene), gate, scene.form == "menu_form")


def read_message(content: Content, scene: Scene, *, late: bool = False) -> Reading | None:
    """As :func:`read_words`, for the message of the scene."""
    return read_words(content, scene.claimed.body, asked(content, scene), late=late)


def read_words(content: Content, text: str, asked: Asked, *, late: bool = False) -> Reading | None:
    """What ``text`` means, or None when only the NLU can tell.

    A ``late`` reply to a private item is not read as an answer: the privacy check is asked again. What else the
    patient says (wrong person, later, a person please) counts.
    """
    command = _command(content, text, asked)
    if late:
        return Reading("resume") if command is None or command.intent in ANSWER_LIKE else command
    if asked.item is not None and asked.item.private and command is not None and command.intent not in ANSWER_LIKE:
        return command
    if asked.gate:
        return _privacy(content, text, asked, command)
    return _answer(content, text, asked) or command


def open_labels(content: Content, scene: Scene) -> tuple[str, ...]:
    """See :attr:`Asked.labels`."""
    return asked(content, scene).labels


def _privacy(content: Content, text: str, asked: Asked, command: Reading | None) -> Reading | None:
    """A reply to the privacy check. A soft yes is no yes here: it is asked again."""
    alone = read_privacy(text, content.privacy, content.lexicons, asked.language)
    if alone is not None:
        return Reading("affirm" if alone else "deny")
    if command is not None and command.intent == "affirm":
        return Reading("give_answer")
    return command


def _answer(content: Content, text: str, asked: Asked) -> Reading | None:
    if asked.menu:
        number = read_choice_number(text, MENU_CHOICES, content.lexicons, asked.language)
        return None if number is None else Reading("give_answer", number)
    if asked.item is None:
        return None
    answered = read_reply(text, asked.item, content.lexicons, asked.language)
    return None if answered is None else Reading("give_answer", answered.value)


def _command(content: Content, text: str, asked: Asked) -> Reading | None:
    command = read_command(text, content.lexicons, asked.language)
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
