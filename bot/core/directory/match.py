"""Which listings fit a person: pure, and quick enough to look at every listing of a directory."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.core.directory.area import covers, miles
from bot.core.directory.opening import Hours, hours_at
from bot.core.directory.rules import Rules
from bot.core.directory.service import Place, Service, ZipPlace
from bot.core.directory.wish import Found, Match, Wish

SOON = timedelta(days=2)
TOLL_FREE = ("800", "833", "844", "855", "866", "877", "888")
# Of latitude, and rather less: what this rules out without more ado is surely too far.
MILES_A_DEGREE = 68.0
FALLBACK_ZONE = "America/New_York"
NOWHERE = Place(id="")
ZipBook = Callable[[str], ZipPlace | None]


@dataclass(frozen=True)
class _View:
    """What every listing is held against; ``seen`` learns how near the others came, for the reason."""

    wish: Wish
    home: ZipPlace | None
    rules: Rules
    seen: set[str]


@dataclass(frozen=True)
class _Candidate:
    """A place that fits, before its hours are looked at: ``base`` is the score without them."""

    service: Service
    place: Place
    need: str
    distance: float | None
    base: float
    why: tuple[str, ...]
    is_sure: bool

    @property
    def rank(self) -> tuple[float, str, str]:
        return self.base, self.service.name, self.service.id


def find(services: Iterable[Service], wish: Wish, rules: Rules, book: ZipBook) -> Found:
    """The listings that fit the wish, best first, at most ``wish.limit``; for several needs taken in turn.

    Left out: what is private or closed for good; what is not for this age or this place; what is too far for the
    need; everything about violence unless ``safety`` is asked for at a safe time.

    The order is that of the score, in miles: the distance (a phone line counts as ``elsewhere``), and on top what
    speaks against it (not quite for this need, not in the person's language, costs money, old, closed for the next two
    days, hours not known, not certain to serve where the person lives) less what speaks for it (open now). The weights
    are data. Equal ones go by name and id, so that the same question always has the same answer.
    """
    if wish.needs == ("safety",) and not wish.safe_contact:
        return Found(reason="not_a_safe_time")
    view = _View(wish, book(wish.zip) if wish.zip else None, rules, set())
    candidates = {need: list[_Candidate]() for need in wish.needs}
    for service in services:
        for need in wish.needs:
            candidates[need].extend(_judge(view, service, need))
    ranked = [_settle(view, candidates[need]) for need in wish.needs]
    chosen = tuple(_in_turn(ranked, wish.limit))
    return Found(chosen) if chosen else Found(reason=_reason(view.seen))


def _judge(view: _View, service: Service, need: str) -> Sequence[_Candidate]:
    """The places of the listing that fit the need."""
    if need not in service.needs or service.status != "active" or not _may_be_told(service, need, view.wish):
        return ()
    served = covers(service.areas, view.home) if view.home and service.areas else None
    if served is False or not _is_of_age(service, view.wish.age):
        view.seen.add("not_theirs")
        return ()
    if view.wish.everywhere and view.home is None and not _serves_everywhere(service):
        view.seen.add("far")
        return ()
    if service.id in view.wish.not_ids:
        view.seen.add("offered")
        return ()
    found = tuple(_at_places(view, service, need, served))
    if not found:
        view.seen.add("far")
    return found


def _may_be_told(service: Service, need: str, wish: Wish) -> bool:
    """Help for people hurt at home is told of to those who asked for it, at a safe time, and to nobody else."""
    return wish.safe_contact if need == "safety" else not service.is_violence


def _serves_everywhere(service: Service) -> bool:
    """Nationwide in its own words; else a line without a place or an area, that is free to call from anywhere."""
    if any(area.nationwide for area in service.areas):
        return True
    if service.areas or any(place.latitude is not None or place.state for place in service.places):
        return False
    return _is_free_line(service, NOWHERE)


def _is_of_age(service: Service, age: int | None) -> bool:
    if age is None:
        return True
    return (service.min_age is None or age >= service.min_age) and (service.max_age is None or age <= service.max_age)


def _at_places(view: _View, service: Service, need: str, served: bool | None) -> Iterator[_Candidate]:
    farthest, home = view.rules.miles_for(need), view.home
    for place in service.places or (NOWHERE,):
        if home and place.latitude and abs(place.latitude - home.latitude) * MILES_A_DEGREE > farthest:
            continue
        distance, costs = _way(view, service, place, served)
        if costs is None or (distance is not None and distance > farthest):
            continue
        against, why = _weigh(view, service, place, service.needs[need])
        near = ("near",) if distance is not None and distance <= farthest / 2 else ()
        is_sure = served is not None or home is None or not service.areas
        against += 0.0 if is_sure else view.rules.weights["area_not_certain"]
        yield _Candidate(service, place, need, distance, costs + against, near + why, is_sure)


def _settle(view: _View, candidates: Sequence[_Candidate]) -> list[Match]:
    """The best matches of one need, as many as can be shown, each listing at its best place.

    Opening hours cost the most to look at and change a score by little, so only those are looked at that may still
    come in among the best.
    """
    enough = view.wish.limit * len(view.wish.needs)
    best: dict[str, Match] = {}
    worst_shown = math.inf
    for candidate in sorted(candidates, key=lambda each: each.rank):
        if candidate.base + min(view.rules.weights["open_now"], 0) > worst_shown:
            break
        match = _with_hours(view, candidate)
        known = best.get(match.service.id)
        if known is None or match.score < known.score:
            best[match.service.id] = match
        if len(best) >= enough:
            worst_shown = sorted(each.score for each in best.values())[enough - 1]
    return sorted(best.values(), key=lambda match: (match.score, match.service.name, match.service.id))[:enough]


def _with_hours(view: _View, candidate: _Candidate) -> Match:
    service, place, at = candidate.service, candidate.place, view.wish.at
    hours = hours_at(
        place.schedules or service.schedules, at, zone_of(place.timezone, view.home.timezone if view.home else "")
    )
    old = view.rules.is_old(service.verified_on, at.date())
    shown = None if place.is_hidden or candidate.distance is None else round(candidate.distance, 1)
    why = candidate.why + (("open_now",) if hours.is_open else ())
    score = candidate.base + _weigh_hours(view.rules, hours, at)
    call_first = old or hours.is_open is None or not candidate.is_sure
    return Match(service, place, candidate.need, shown, hours, why, call_first, score, view.wish.age is None)


def _weigh_hours(rules: Rules, hours: Hours, at: datetime) -> float:
    if hours.is_open is None:
        return rules.weights["hours_not_known"]
    if hours.is_open:
        return rules.weights["open_now"]
    late = hours.next_open is None or hours.next_open - at > SOON
    return rules.weights["closed_for_two_days"] if late else 0.0


def _way(view: _View, service: Service, place: Place, served: bool | None) -> tuple[float | None, float | None]:
    """The distance if it can be told, and what the way counts in the score; None when it does not serve them."""
    home, elsewhere = view.home, view.rules.weights["elsewhere"]
    if home is None:
        return None, elsewhere if place.latitude is None else 0.0
    if place.latitude is not None and place.longitude is not None:
        distance = miles((home.latitude, home.longitude), (place.latitude, place.longitude))
        return distance, distance
    if place.state and place.state != home.state and served is not True:
        return None, None
    if served or place.state:
        return None, elsewhere
    return None, _by_phone_alone(service, place, home, view.rules)


def _by_phone_alone(service: Service, place: Place, home: ZipPlace, rules: Rules) -> float | None:
    """A line that says nothing of whom it serves: taken when its number is free to call or from around there."""
    if _is_free_line(service, place) or _area_codes(service, place).intersection(home.area_codes):
        return rules.weights["elsewhere"] + rules.weights["area_not_said"]
    return None


def _is_free_line(service: Service, place: Place) -> bool:
    short = any(not phone.number.startswith("+") for phone in service.phones)
    return short or bool(_area_codes(service, place).intersection(TOLL_FREE))


def _area_codes(service: Service, place: Place) -> set[str]:
    return {phone.number[2:5] for phone in (*place.phones, *service.phones) if phone.number.startswith("+1")}


def zone_of(*names: str) -> ZoneInfo:
    """The first of these zones that there is; Eastern time where none is known."""
    for name in names:
        try:
            if name:
                return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            continue
    return ZoneInfo(FALLBACK_ZONE)


def _weigh(view: _View, service: Service, place: Place, fit: int) -> tuple[float, tuple[str, ...]]:
    """What counts for and against it apart from way and hours, in miles, and the words for what counts for it."""
    spoken = _speaks(service, place, view.wish.language)
    counts = {
        "fit_2": fit == 2,
        "fit_3": fit > 2,
        "not_their_language": spoken is False,
        "language_not_said": spoken is None,
        "costs_money": service.is_free is False,
        "age_not_known": view.wish.age is None and (service.min_age or 0, service.max_age or 200) != (0, 200),
        "no_way_to_reach": not (place.phones or service.phones or place.address),
        "old": view.rules.is_old(service.verified_on, view.wish.at.date()),
    }
    reasons = {
        "for_this": fit == 1,
        "language": spoken is True and view.wish.language != "en",
        "free": service.is_free is True,
    }
    against = sum(view.rules.weights[name] for name, holds in counts.items() if holds)
    return against, tuple(word for word, holds in reasons.items() if holds)


def _speaks(service: Service, place: Place, language: str) -> bool | None:
    """English is taken for granted; another language is known to be spoken, known not to be, or not known."""
    spoken = {*service.languages, *place.languages}
    if language in spoken or service.interpretation:
        return True
    return True if language == "en" else (False if spoken else None)


def _in_turn(ranked: Sequence[Sequence[Match]], limit: int) -> Iterator[Match]:
    """The best of each need, then the second best of each, and so on; no listing twice."""
    taken: set[str] = set()
    for row in range(max((len(matches) for matches in ranked), default=0)):
        for matches in ranked:
            if len(taken) == limit:
                return
            if row < len(matches) and matches[row].service.id not in taken:
                taken.add(matches[row].service.id)
                yield matches[row]


def _reason(seen: set[str]) -> str:
    for name, reason in (("offered", "no_more"), ("far", "nothing_near"), ("not_theirs", "nothing_for_them")):
        if name in seen:
            return reason
    return "nothing_for_this"
