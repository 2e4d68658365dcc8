"""What is known of a place that helps: one service of one organization, at one or more places."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from typing import Literal

Frequency = Literal["DAILY", "WEEKLY", "MONTHLY", "YEARLY", "DATES"]
# active: may be offered. private: kept, never shown to a patient. inactive: the directory says that it is closed.
Status = Literal["active", "inactive", "private"]


@dataclass(frozen=True)
class Phone:
    """A number to call. ``number`` is E.164, or a short number such as ``211``; ``kind`` as in HSDS."""

    number: str
    extension: str | None = None
    kind: str = "voice"


@dataclass(frozen=True)
class Address:
    """Where to go."""

    street: str
    city: str = ""
    state: str = ""
    zip: str = ""


@dataclass(frozen=True)
class Schedule:
    """When the doors are open, as in HSDS (a part of RFC 5545).

    ``weekdays`` count from Monday, 0. ``nth`` are pairs such as ``(2, 1)``, the second Tuesday of a month, or
    ``(-1, 4)``, the last Friday. ``DATES``: on ``dates``, or from ``start`` to ``until``; ``YEARLY``: between the two,
    every year. A schedule that ``replaces`` stands instead of all others on its days; without hours it is closed then.
    ``opens`` equal to ``closes`` is the whole day; ``closes`` before ``opens`` is the next morning.
    """

    freq: Frequency
    weekdays: tuple[int, ...] = ()
    nth: tuple[tuple[int, int], ...] = ()
    month_days: tuple[int, ...] = ()
    dates: tuple[date, ...] = ()
    interval: int = 1
    start: date | None = None
    until: date | None = None
    opens: time | None = None
    closes: time | None = None
    replaces: bool = False


@dataclass(frozen=True)
class Place:
    """One place of a service. A hidden place has no address, and coordinates of its region only."""

    id: str
    name: str = ""
    address: Address | None = None
    latitude: float | None = None
    longitude: float | None = None
    state: str = ""
    timezone: str = ""
    phones: tuple[Phone, ...] = ()
    schedules: tuple[Schedule, ...] = ()
    languages: tuple[str, ...] = ()
    is_hidden: bool = False


@dataclass(frozen=True)
class Area:
    """Whom a service is for, by where they live. All parts empty: the words say nothing that we can check.

    ``around`` are the counties in which its cities lie: who lives there, in no such city, may be served all the same.
    Not ``is_certain``: the words say more than was understood, so that others may be served, too.
    """

    words: str = ""
    nationwide: bool = False
    states: tuple[str, ...] = ()
    counties: tuple[str, ...] = ()
    cities: tuple[str, ...] = ()
    zips: tuple[str, ...] = ()
    around: tuple[str, ...] = ()
    is_certain: bool = True


@dataclass(frozen=True)
class Service:
    """One listing.

    ``needs`` gives for each need that it helps with how well it fits: 1 is what it is for, 2 helps, 3 only mentions
    it. ``is_violence`` marks help for people hurt at home: nothing but its phone is ever shown, and only at a safe
    time. ``email`` is for us and not for patients. ``verified_on`` is the day on which somebody last made sure.
    ``languages`` are codes such as ``es``.
    """

    id: str
    source: str
    external_id: str
    name: str
    organization: str = ""
    description: str = ""
    status: Status = "active"
    phones: tuple[Phone, ...] = ()
    places: tuple[Place, ...] = ()
    schedules: tuple[Schedule, ...] = ()
    languages: tuple[str, ...] = ()
    interpretation: bool = False
    eligibility: str = ""
    min_age: int | None = None
    max_age: int | None = None
    documents: tuple[str, ...] = ()
    cost: str = ""
    is_free: bool | None = None
    how_to_apply: str = ""
    email: str = ""
    areas: tuple[Area, ...] = ()
    verified_on: date | None = None
    terms: tuple[str, ...] = ()
    needs: Mapping[str, int] = field(default_factory=dict)
    is_violence: bool = False


@dataclass(frozen=True)
class ZipPlace:
    """What is known of a ZIP code: its middle, where it lies, its zone and its area codes."""

    zip: str
    latitude: float
    longitude: float
    state: str
    county: str
    city: str
    timezone: str
    area_codes: tuple[str, ...] = ()
