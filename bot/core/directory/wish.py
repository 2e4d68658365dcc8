"""What somebody looks for, and what was found."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from bot.core.directory.opening import Hours
from bot.core.directory.service import Phone, Place, Schedule, Service


@dataclass(frozen=True)
class Wish:
    """What somebody looks for.

    ``needs`` are domains, the most pressing first. ``at`` is an aware time. What is not known is None and rules
    nothing out. ``not_ids`` were offered before. ``safe_contact``: the person said that this is a safe time to get
    texts about violence; without it there is never a match for ``safety``. ``everywhere``: while it is not
    known where the person lives, only what serves people wherever they live, rather than everything.
    """

    needs: tuple[str, ...]
    at: datetime
    zip: str | None = None
    language: str = "en"
    age: int | None = None
    limit: int = 3
    not_ids: Collection[str] = ()
    safe_contact: bool = False
    everywhere: bool = False


@dataclass(frozen=True)
class Match:
    """A listing that fits, at the place of it that is best for this person.

    ``why`` are words for what speaks for it: near, open_now, language, free, for_this. ``distance_miles`` is None
    where there is none to tell: a phone line, a hidden place, a person without ZIP. ``call_first``: the listing is
    old, its hours are not known, or whom it serves is not certain. ``age_unknown``: the person's, so that an age limit
    has to be said.
    """

    service: Service
    place: Place
    need: str
    distance_miles: float | None
    hours: Hours
    why: tuple[str, ...]
    call_first: bool
    score: float
    age_unknown: bool = False

    @property
    def phone(self) -> Phone | None:
        """The number to call: of the place, else of the service; voice before anything else."""
        phones = [*self.place.phones, *self.service.phones]
        spoken = [phone for phone in phones if phone.kind in ("voice", "hotline", "cell", "toll-free")]
        return next(iter(spoken or [phone for phone in phones if phone.kind in ("text", "sms")]), None)

    @property
    def address(self) -> str | None:
        """The street and the town to go to; None where it must not be told, or is not known."""
        where = None if self.service.is_violence or self.place.is_hidden else self.place.address
        return ", ".join(part for part in (where.street, where.city) if part) if where else None

    @property
    def schedules(self) -> tuple[Schedule, ...]:
        """The hours of the place, else of the service."""
        return self.place.schedules or self.service.schedules


@dataclass(frozen=True)
class Found:
    """The matches, best first; when there is none, why: ``nothing_for_this``, ``nothing_near``,
    ``nothing_for_them`` (age, or who is served), ``no_more`` (all were offered before) or ``not_a_safe_time``.
    """

    matches: tuple[Match, ...] = ()
    reason: str | None = None
