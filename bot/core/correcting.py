"""Going back in a screening, and changing what was answered: pure moves beside those of :mod:`bot.core.screening`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from bot.core.instrument import Instrument, Item
from bot.core.screening import JsonObject, Move, Progress, ask_next, is_enabled, public_value

Read = Callable[[Item], Any]


def go_back(instrument: Instrument, progress: Progress) -> Move:
    """Open the item before again and withdraw its answer; at the first item, say that it is the first."""
    before = previous_item(instrument, progress)
    if before is None:
        return Move(replace(progress, failures=0, maybe=(), which=()), say=("first_question",))
    return reopen(instrument, progress, before.link_id, "went_back")


def reopen(instrument: Instrument, progress: Progress, link_id: str, say: str) -> Move:
    """Open an item that was passed again, a private one behind its privacy check; its answer is withdrawn.

    The screening then goes on where it stood. Raises ``KeyError`` for an unknown item.
    """
    item = instrument.item(link_id)
    answers = {k: v for k, v in progress.answers.items() if k != link_id}
    asked = tuple(i for i in progress.asked if i != link_id)
    gate = item.private and not progress.cleared
    opened = replace(progress, at=link_id, gate=gate, failures=0, maybe=(), which=(), answers=answers, asked=asked)
    return Move(opened, ({"type": "answer_withdrawn", "link_id": link_id},), (say,))


def correct(instrument: Instrument, progress: Progress, link_id: str, value: Any) -> Move:
    """Replace the answer to an item that was passed with ``value``.

    Stays at the open item unless the new answer changes what is to be asked; answers to items that are no longer
    asked are withdrawn. Raises ``KeyError`` for an unknown item.
    """
    item = instrument.item(link_id)
    kept = {"text": True} if isinstance(value, Mapping) and "text" in value else value
    answers = {**progress.answers, link_id: kept}
    events: list[JsonObject] = [
        {"type": "answer_recorded", "link_id": link_id, "code": item.code, "value": public_value(item, value)}
    ]
    for each in instrument.items:
        if each.link_id in answers and each.link_id != link_id and not is_enabled(each, answers, instrument):
            del answers[each.link_id]
            events.append({"type": "answer_withdrawn", "link_id": each.link_id})
    asked = tuple(i for i in progress.asked if i in answers)
    settled = replace(progress, failures=0, which=(), becoming=None, answers=answers, asked=asked)
    move = ask_next(instrument, settled)
    maybe = progress.maybe if move.progress.at == progress.at else ()
    moved = replace(move.progress, maybe=maybe)
    return Move(moved, (*events, *move.events), ("corrected",))


def correct_named(instrument: Instrument, progress: Progress, codes: tuple[str, ...], read: Read) -> Move | None:
    """Change the answer that the patient named by its topic: ``codes`` are the items that the topic may mean.

    ``read`` reads the new value against an item (None: cannot be read). An item without a readable value, and a
    private item that is not open to view, is asked again. Where several items are meant alike, the patient is asked
    which. None when no item with these codes was passed.
    """
    meant = [item for item in passed(instrument, progress) if item.code in codes]
    if not meant:
        return None
    values = {item.link_id: None if item.private and not progress.cleared else read(item) for item in meant}
    # An answer that stands already is not the one to be changed.
    differing = [i for i in meant if values[i.link_id] is None or values[i.link_id] != progress.answers[i.link_id]]
    if len(differing) > 1:
        which = tuple(item.link_id for item in differing)
        return Move(replace(progress, which=which, becoming={link_id: values[link_id] for link_id in which}))
    chosen = (differing or meant)[-1]
    return change(instrument, progress, chosen.link_id, values[chosen.link_id])


def change(instrument: Instrument, progress: Progress, link_id: str, value: Any) -> Move:
    """Correct the item when there is a value, else open it again."""
    if value is None:
        return reopen(instrument, progress, link_id, "reopened")
    return correct(instrument, progress, link_id, value)


def previous_item(instrument: Instrument, progress: Progress) -> Item | None:
    """The item that was passed last."""
    return instrument.item(progress.asked[-1]) if progress.asked else None


def passed(instrument: Instrument, progress: Progress) -> tuple[Item, ...]:
    """The items that were answered or left out in the screening, the latest last."""
    return tuple(instrument.item(link_id) for link_id in progress.asked)
