"""What the page of places shows of each listing; nothing that must not be told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.content import Content
from bot.core.directory.match import zone_of
from bot.core.directory.opening import hours_at, week
from bot.core.directory.rules import Rules
from bot.core.directory.service import Phone, Place, Service
from bot.core.directory.texts import hours_text, phone_text, span_text, weekday_name

Messages = Mapping[str, str]
MOST_PLACES, MOST_PHONES = 3, 3
SPOKEN = ("voice", "hotline", "cell", "toll-free", "tty", "textphone", "text", "sms")


@dataclass(frozen=True)
class PhoneView:
    """A number to tap: where it leads and how it reads."""

    link: str
    shown: str


@dataclass(frozen=True)
class PlaceView:
    """One listing as it is shown. What the directory says in its own words is in ``its_words``, by heading."""

    name: str
    organization: str
    phones: Sequence[PhoneView]
    addresses: Sequence[str]
    hours: Sequence[str]
    its_words: Sequence[tuple[str, str]]
    languages: Sequence[str]
    note: str


def view(
    service: Service, content: Content, language: str, rules: Rules, now: datetime, *, is_current: bool
) -> PlaceView:
    """The listing in these words. ``is_current``: it is still in the directory."""
    messages = content.messages[language]
    places = service.places[:MOST_PLACES]
    phones = dict.fromkeys([*(phone for place in places for phone in place.phones), *service.phones])
    return PlaceView(
        name=service.name,
        organization="" if service.organization == service.name else service.organization,
        phones=[_phone(each, messages) for each in phones if each.kind in SPOKEN][:MOST_PHONES],
        addresses=[] if service.is_violence else [line for place in places if (line := _address(place))],
        hours=_hours(service, messages, now),
        its_words=() if service.is_violence else tuple(_its_words(service, messages)),
        languages=[content.messages[each]["language_name"] for each in service.languages if each in content.messages],
        note=_note(service, messages, rules, now, is_current),
    )


def _phone(phone: Phone, messages: Messages) -> PhoneView:
    extension = f";ext={phone.extension}" if phone.extension else ""
    return PhoneView(f"tel:{phone.number}{extension}", phone_text(phone, messages))


def _address(place: Place) -> str:
    if place.is_hidden or place.address is None:
        return ""
    at = place.address
    return ", ".join(part for part in (at.street, at.city, f"{at.state} {at.zip}".strip()) if part)


def _hours(service: Service, messages: Messages, now: datetime) -> list[str]:
    """The ordinary week; where there is none, the next time; where that is not known either, nothing."""
    place = next(iter(service.places), None)
    schedules = (place.schedules if place else ()) or service.schedules
    zone: ZoneInfo = zone_of(place.timezone if place else "")
    days = week(schedules, now.astimezone(zone).date())
    if days:
        return _days_together(
            [(day, ", ".join(_span(o, c, messages) for o, c in spans)) for day, spans in days], messages
        )
    soon = hours_text(hours_at(schedules, now, zone), messages, now)
    return [soon] if soon else []


def _span(opens: object, closes: object, messages: Messages) -> str:
    return messages["place_page_all_day"] if opens == closes else span_text(opens, closes)  # type: ignore[arg-type]


def _days_together(days: Sequence[tuple[int, str]], messages: Messages) -> list[str]:
    """``Mon-Fri 9am-5pm`` instead of five lines."""
    runs: list[tuple[int, int, str]] = []
    for day, hours in days:
        if runs and runs[-1][1] == day - 1 and runs[-1][2] == hours:
            runs[-1] = (runs[-1][0], day, hours)
        else:
            runs.append((day, day, hours))
    return [f"{_run(first, last, messages)} {hours}" for first, last, hours in runs]


def _run(first: int, last: int, messages: Messages) -> str:
    name = weekday_name(first, messages)
    return name if first == last else f"{name}-{weekday_name(last, messages)}"


def _its_words(service: Service, messages: Messages) -> list[tuple[str, str]]:
    who = service.eligibility or _ages(service)
    cost = messages["place_page_free"] if service.is_free else service.cost
    said = [("bring", "; ".join(service.documents)), ("who", who), ("cost", cost), ("apply", service.how_to_apply)]
    return [(messages[f"place_page_{key}"], words) for key, words in said if words]


def _ages(service: Service) -> str:
    low, high = service.min_age, service.max_age
    if low is None and high is None:
        return ""
    return f"{low or 0}-{high}" if high is not None else f"{low}+"


def _note(service: Service, messages: Messages, rules: Rules, now: datetime, is_current: bool) -> str:
    if not is_current or service.status != "active":
        return messages["place_page_gone"]
    return messages["place_page_old"] if rules.is_old(service.verified_on, now.date()) else ""
