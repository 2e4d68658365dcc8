"""How a question looks in a text: position, exact intro and wording, numbered options."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.core.instrument import Instrument, Item, worded
from bot.core.number_options import amounts
from bot.core.screening import Progress, open_item

Messages = Mapping[str, str]

# Kinds of items that take a number.
COUNTED = ("integer", "decimal", "quantity")


def question_text(instrument: Instrument, progress: Progress, language: str, messages: Messages) -> str:
    """The open question in ``language``: the privacy check, or the item with its intro, wording and options.

    The validated wording is sent as it stands in the file. Raises ``ValueError`` when the screening is finished.
    """
    item = open_item(instrument, progress)
    if progress.gate:
        return messages["private_check"]
    place = messages["question_position"].format(
        number=instrument.position(item.link_id) + 1, total=len(instrument.items)
    )
    question = f"{place} {worded(item.text, language)}"
    intro = worded(item.intro, language) if item.intro else ""
    lines = [line for line in (intro, question) if line]
    labels = [worded(option.label, language) for option in item.options]
    if amounts(item) is None:
        lines += [f"{number}. {label}" for number, label in enumerate(labels, start=1)]
    else:
        # A number before a number would leave it open which of the two the answer names.
        lines.append(", ".join(labels))
    if item.kind == "boolean":
        lines += [f"1. {messages['answer_yes']}", f"2. {messages['answer_no']}"]
    if item.kind == "multi":
        lines.append(messages["choose_several"])
    return "\n".join(lines)


def choice_text(item: Item, value: Any, language: str, messages: Messages) -> str:
    """A value for the item (as in :class:`Progress`) as it stands in the question: ``2. Sometimes true``.

    What stands in brackets behind a long label is left out.
    """
    if item.kind == "multi":
        return "\n".join(choice_text(replace(item, kind="choice"), each, language, messages) for each in value)
    if item.kind == "choice":
        return f"{value}. {worded(item.option(int(value)).label, language).split(' (')[0]}"
    if item.kind == "boolean":
        return f"1. {messages['answer_yes']}" if value else f"2. {messages['answer_no']}"
    return str(value["text"] if isinstance(value, Mapping) else value)


def not_understood_key(item: Item | None, gate: bool) -> str:
    """Which message asks again: it says what kind of reply the open question takes."""
    if gate or item is None:
        return "private_again"
    if item.kind == "multi":
        return "not_understood_several"
    return "not_understood_number" if item.kind in COUNTED else "not_understood"


def which_key(item: Item) -> str:
    """Which message asks again after a reply that holds an answer, but not a certain one."""
    if item.kind == "multi":
        return "ambiguous_several"
    return "ambiguous_number" if item.kind in COUNTED else "ambiguous"
