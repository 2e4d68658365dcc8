"""Choices whose options are numbers themselves ("0, 1 … 7 days"): they are shown without numbers of their own.

A reply of "3" means the option called 3, not the third.
"""

from __future__ import annotations

from bot.core.instrument import Item, worded

_FEWEST = 3


def amounts(item: Item) -> dict[int, int] | None:
    """The option number of each amount, for a choice whose labels are amounts; None for any other item.

    The last option may be an open end ("150 or greater").
    """
    if item.kind != "choice" or len(item.options) < _FEWEST:
        return None
    labels = [worded(option.label, "en").strip() for option in item.options]
    if not all(label.isdecimal() for label in labels[:-1]):
        return None
    last = labels[-1].split()[:1]
    if not last or not last[0].isdecimal():
        return None
    found = {int(label.split()[0]): number for number, label in enumerate(labels, start=1)}
    return found if list(found) == sorted(found) and len(found) == len(labels) else None


def nearest(item: Item, amount: float) -> tuple[int, ...]:
    """The numbers of the options that ``amount`` may mean: one for certain, two when it lies between them.

    An amount over the last one means the last when that is an open end; empty when there is no such option.
    Raises ``ValueError`` for an item whose options are no amounts.
    """
    known = amounts(item)
    if known is None:
        raise ValueError(f"the options of {item.link_id} are no amounts")
    if amount in known:
        return (known[int(amount)],)
    if amount > max(known):
        return (len(item.options),) if is_open_ended(item) else ()
    if amount < min(known):
        return ()
    return known[max(a for a in known if a < amount)], known[min(a for a in known if a > amount)]


def is_open_ended(item: Item) -> bool:
    """Whether the last option is more than its number ("150 or greater")."""
    return not worded(item.options[-1].label, "en").strip().isdecimal()
