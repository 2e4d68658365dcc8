"""What a turn decided, and who decides: the words that :mod:`bot.turn` and its deciders share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.bootstrap import Deps
from bot.core.dialog import JsonObject, Reply
from bot.scene import Scene


@dataclass(frozen=True)
class Outcome:
    """What a turn decided: replies, events, the new state (None: unchanged), and a word for the record.

    ``final_words`` lets the replies out although the number is opted out: the one confirmation, a crisis reply.
    """

    name: str
    replies: tuple[Reply, ...] = ()
    events: tuple[JsonObject, ...] = ()
    state: JsonObject | None = None
    final_words: bool = False
    proactive: bool = False


Decider = Callable[[Deps, Scene], Outcome | None]
