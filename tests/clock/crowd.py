"""People with phones: who answers, how soon, with what. Every phone has a chance of its own, by the seed."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.content import Content
from bot.core.dialog import JsonObject
from bot.core.instrument import Item

NEW_YORK, CHICAGO, DENVER = "America/New_York", "America/Chicago", "America/Denver"
# Nobody texts more than this without being asked something anew.
PATIENCE = 30
# In every ten phones there is one of each, whatever the seed: who says stop after so many texts, who asks to be texted
# tomorrow, who moves, who is silent, and one that two share.
ROLES = {1: "stops", 2: "puts off", 3: "moves", 4: "shared", 5: "silent"}
STOPS_AFTER = 6


@dataclass(frozen=True)
class Home:
    """Where somebody lives: what the clinic has written down, and which zones and state that leaves."""

    zip: str | None
    stored: str | None
    zones: tuple[str, ...]
    state: str | None


# In the first three there are places. Of the last two nothing is written down but the number.
HOMES = (
    Home("43215", None, (NEW_YORK,), "OH"),
    Home("60608", None, (CHICAGO,), "IL"),
    Home("79901", None, (DENVER,), "TX"),
    Home("19104", None, (NEW_YORK,), "PA"),
    Home(None, "Pacific/Honolulu", ("Pacific/Honolulu",), None),
)
BY_NUMBER = (Home(None, None, (NEW_YORK,), None), Home(None, None, (NEW_YORK, CHICAGO), None))
AREAS = {BY_NUMBER[1]: "850"}


@dataclass
class Household:
    """One phone and whoever it reaches. ``moves`` are its homes, each from a time on; ``stops`` what it said."""

    number: str
    patients: tuple[str, ...]
    temper: str
    moves: list[tuple[datetime, Home]]
    chance: random.Random
    role: str = ""
    patience: int = PATIENCE
    version: int = 0
    stopped: bool = False
    stops: list[tuple[datetime, bool]] = field(default_factory=list)
    wrote: list[datetime] = field(default_factory=list)
    promises: list[tuple[datetime, datetime]] = field(default_factory=list)
    asked_for: datetime | None = None

    def home(self, at: datetime) -> Home:
        """Where it was at that time."""
        return next(home for since, home in reversed(self.moves) if since <= at)

    def opted_out(self, at: datetime) -> bool:
        """Whether it had said stop, and not start since. The answer to either goes out in that very instant."""
        said = [stop for since, stop in self.stops if since < at or (since == at and not stop)]
        return bool(said) and said[-1]

    def reply(self, seen: Seen) -> tuple[timedelta, str] | None:
        """What it texts back and after how long; None for nothing."""
        self.asked_for = None
        if self.temper == "silent" or self.stopped or self.patience <= 0:
            return None
        if self.temper == "fades" and self.chance.random() < 0.3:
            return None
        body = self._says(seen)
        if body is None:
            return None
        self.patience -= 1
        return self._delay(), body

    def _delay(self) -> timedelta:
        if self.temper == "late" and self.chance.random() < 0.15:
            return timedelta(minutes=self.chance.randrange(30, 4000))
        return timedelta(seconds=self.chance.randrange(5, 300))

    def _says(self, seen: Seen) -> str | None:
        die = self.chance.random()
        if die < 0.004 or (self.role == "stops" and not self.stops and len(self.wrote) >= STOPS_AFTER):
            return self.chance.choice(("STOP", "stop", "please stop texting me", "unsubscribe"))
        if die < 0.012 and seen.form:
            return self.chance.choice(("why do you ask", "who is this", "is this private"))
        asked = seen.form == "screening_form" and len(self.home(seen.now).zones) == 1
        if asked and (die < 0.05 or (self.role == "puts off" and not self.promises)):
            return self._puts_off(seen)
        return self._answers(seen)

    def _puts_off(self, seen: Seen) -> str:
        zone = ZoneInfo(self.home(seen.now).zones[0])
        tomorrow = seen.now.astimezone(zone).date() + timedelta(days=1)
        hour, words = self.chance.choice(
            ((15, "text me tomorrow at 3"), (10, "tomorrow at 10am"), (19, "can you text me tomorrow at 7 pm"))
        )
        self.asked_for = datetime.combine(tomorrow, datetime.min.time().replace(hour=hour), zone)
        return words

    def _answers(self, seen: Seen) -> str | None:
        pick = self._one_of
        if seen.form == "consent_form":
            return "yes" if self.role == "stops" else pick(("yes", 92), ("no", 4), ("wrong number", 3))
        if seen.form == "screening_form":
            return self._screening(seen)
        if seen.form == "places_form":
            return pick(("1", 60), ("2", 15), ("MORE", 10), ("no", 12))
        if seen.form == "share_form":
            return pick(("yes", 80), ("no", 20))
        if seen.form == "offer_form":
            return pick(("yes", 55), ("no", 45))
        if seen.form == "check_in_form":
            return self._check_in(seen.stage)
        return pick((None, 94), ("thanks", 3), ("i lost my job", 2), ("i need help with food", 2))

    def _screening(self, seen: Seen) -> str:
        if seen.item is None:
            return self._one_of(("yes", 60), ("no", 40)) or "no"
        if self.chance.random() < 0.04:
            return "skip"
        if seen.item.options:
            return str(self.chance.randrange(1, len(seen.item.options) + 1))
        return str(self.chance.choice((0, 0, 1, 2, 3)))

    def _check_in(self, stage: str) -> str | None:
        if stage == "call":
            return self._one_of(("yes", 60), ("no", 40))
        if stage == "barrier":
            return str(self.chance.randrange(1, 7))
        if stage == "which":
            return "1"
        return self._one_of(
            ("1", 25), ("2", 25), ("3", 15), ("4", 8), ("5", 8), ("6", 5), ("still waiting", 7), ("i got help", 7)
        )

    def _one_of(self, *weighted: tuple[str | None, int]) -> str | None:
        chosen: str | None = self.chance.choices([body for body, _ in weighted], [weight for _, weight in weighted])[0]
        return chosen


@dataclass(frozen=True)
class Seen:
    """What whoever holds the phone sees to be asked: the form, its stage, and the question of a screening."""

    now: datetime
    form: str | None
    stage: str
    item: Item | None

    @classmethod
    def of(cls, now: datetime, state: JsonObject | None, content: Content) -> Seen:
        """What the last state of a conversation asks."""
        slots: dict[str, Any] = (state or {}).get("slots", {})
        asked = slots.get("screening") or {}
        instrument = content.instruments.get(asked.get("instrument", ""))
        link_id = None if asked.get("gate") else asked.get("at")
        item = instrument.item(link_id) if instrument is not None and link_id else None
        stage = (slots.get("places") or {}).get("stage") or ""
        return cls(now, (state or {}).get("form"), stage, item)


def households(count: int, seed: int, began: datetime) -> list[Household]:
    """So many patients on somewhat fewer phones: every tenth phone is that of two."""
    made: list[Household] = []
    number = 0
    while number < count:
        role = ROLES.get(len(made) % 10, "")
        shared = role == "shared" and number + 1 < count
        patients = tuple(f"y-{number + each}" for each in range(2 if shared else 1))
        made.append(_household(patients, random.Random(f"{seed}:{number}"), began, len(made), role))
        number += len(patients)
    return made


def _household(patients: Sequence[str], chance: random.Random, began: datetime, place: int, role: str) -> Household:
    temper = chance.choices(("answers", "late", "fades", "silent"), (50, 18, 17, 15))[0]
    home = chance.choices((*HOMES, *BY_NUMBER), (30, 20, 15, 10, 8, 8, 9))[0]
    if role:
        temper = "silent" if role == "silent" else "answers"
        home = home if home.zip else HOMES[0]
    area = AREAS.get(home, "202")
    return Household(f"+1{area}456{place:04}", tuple(patients), temper, [(began, home)], chance, role)
