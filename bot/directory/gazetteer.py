"""Which counties and cities there are, in which states: what a name in the free text of a listing may mean."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from bot.core.directory.area import place_key


class Gazetteer:
    """Names of counties and cities, compared by :func:`bot.core.directory.area.place_key`; and the zones of states."""

    def __init__(self, places: Iterable[tuple[str, str, str]], zones: Iterable[tuple[str, str]]) -> None:
        """``places`` are states, counties and cities that lie in one another; ``zones`` are states with a zone each."""
        self._counties: dict[str, set[str]] = defaultdict(set)
        self._cities: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        self._zones: dict[str, set[str]] = defaultdict(set)
        for state, county, city in places:
            if county:
                self._counties[place_key(county)].add(state)
            self._cities[place_key(city)][state] |= {f"{county}|{state}".lower()} if county else set()
        for state, zone in zones:
            self._zones[state].add(zone)

    def has_county(self, name: str, state: str | None = None) -> bool:
        """Whether there is a county of this name, with its "County" or "Parish", in that state or anywhere."""
        states = self._counties.get(place_key(name), ())
        return state in states if state else bool(states)

    def has_city(self, name: str, state: str | None = None) -> bool:
        """Whether there is a city of this name in that state or anywhere."""
        states = self._cities.get(place_key(name), {})
        return state in states if state else bool(states)

    def counties_of(self, city: str, state: str | None = None) -> tuple[str, ...]:
        """The counties in which the city lies, as ``name|st``; of all cities of this name without a state."""
        states = self._cities.get(place_key(city), {})
        found = states.get(state, ()) if state else {each for counties in states.values() for each in counties}
        return tuple(sorted(found))

    def zone_of(self, state: str) -> str:
        """The zone of a state that has one alone; empty for the others."""
        zones = self._zones.get(state, set())
        return next(iter(zones)) if len(zones) == 1 else ""
