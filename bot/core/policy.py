"""The rules of texting unasked, as read from the content: hours, caps, and what is special about each kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from bot.core.caps import Caps
from bot.core.hours import HoursTable


@dataclass(frozen=True)
class KindRule:
    """What holds for one kind of follow-up.

    ``wish``: the patient asked for this time, so that it is kept in the wider hours. ``capped``: the caps hold it
    back. ``waits_for_topic``: it waits while a screening is open. ``waits_for_number``: it waits for a number that
    works. ``dropped_after``: so long after its planned time
    it is not sent any more (None: it is replanned, however late); what tells of a time to come is not sent once that
    has passed, and until then it is not late. ``bulk``: it gives way to everything else.
    ``silent``: nothing is sent, so the gate is not asked.
    """

    wish: bool = False
    capped: bool = True
    waits_for_topic: bool = True
    waits_for_number: bool = False
    dropped_after: timedelta | None = None
    bulk: bool = False
    silent: bool = False


@dataclass(frozen=True)
class Cadence:
    """When something is asked again: a screening that was left, a question that was answered long ago.

    ``reminders``: so long after the last move. ``rests_after``: then a screening that was left is ended as partial.
    ``rescreen_with_needs`` and ``rescreen_without``: so long after a screening ended. ``screened_recently``: who was
    screened so recently is not invited by a campaign.
    """

    reminders: tuple[timedelta, ...]
    rests_after: timedelta
    rescreen_with_needs: timedelta
    rescreen_without: timedelta
    screened_recently: timedelta


@dataclass(frozen=True)
class Policy:
    """Everything that the gate must know beside the person.

    ``fresh_for``: so long a written text may wait unsent. ``thread_rests_after``: so long after a turn a phone is not
    used to speak of something else.
    """

    hours: HoursTable
    caps: Caps
    kinds: Mapping[str, KindRule]
    cadence: Cadence
    fresh_for: timedelta
    thread_rests_after: timedelta

    def rule(self, kind: str) -> KindRule:
        """What holds for ``kind``; for one without a row, what holds for ``other``."""
        return self.kinds.get(kind) or self.kinds["other"]
