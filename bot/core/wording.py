"""How a question looks in a text: position, exact intro and wording, numbered options."""

from __future__ import annotations

from collections.abc import Mapping

from bot.core.instrument import Instrument, Item, worded
from bot.core.screening import Progress, open_item

Messages = Mapping[str, str]


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
    lines += [f"{number}. {worded(option.label, language)}" for number, option in enumerate(item.options, start=1)]
    if item.kind == "boolean":
        lines += [f"1. {messages['answer_yes']}", f"2. {messages['answer_no']}"]
    if item.kind == "multi":
        lines.append(messages["choose_several"])
    return "\n".join(lines)


def not_understood_key(item: Item | None, gate: bool) -> str:
    """Which message asks again: it says what kind of reply the open question takes."""
    if gate or item is None:
        return "private_again"
    if item.kind == "multi":
        return "not_understood_several"
    return "not_understood_number" if item.kind in ("integer", "decimal", "quantity") else "not_understood"
