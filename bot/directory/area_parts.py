"""The parts of a service area in free words: each name with what it is on the map, or as not understood."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from bot.core.directory.words import AreaWords, plain_words
from bot.directory.gazetteer import Gazetteer
from bot.directory.states import BY_NAME, STATES

Kind = Literal["zip", "state", "county", "city", "nationwide", "statewide", "unread"]
_SPLIT = re.compile(r"(\s*[,;:/|()\[\]&+•·]\s*|\s+[-–—]+\s+|(?<=[a-z]{4})\.\s+|\s+(?:and|And|AND|or|y)\s+)")
_ZIP = re.compile(r"\b(\d{5})(?:-\d{4})?\b")
_COUNTY = re.compile(r"(.*\S) +(county|parish|borough|municipio|municipality|census area|co\.?|cty\.?)", re.I)
_COUNTIES = re.compile(r"(?:(.*\S) +)?(counties|parishes|boroughs|municipios)", re.I)
_OF_COUNTY = re.compile(r"(county|counties|parish|parishes|borough|boroughs) of +(.*\S)", re.I)
_OF_CITY = re.compile(r"(?:city|town|village|municipality) of +(.*\S)", re.I)
_INNER = re.compile(r"\b((?:[A-Z][\w.'-]* ){1,3})(County|Parish|Borough)\b")
_SINGULAR = {"counties": "county", "parishes": "parish", "boroughs": "borough", "municipios": "municipio"}
_TIES = (",", "(", "[")
_LISTS = (",", "and", "or", "&", "y", "/", "")


@dataclass
class Part:
    """A name and what it is. ``state`` is the one that it was given, ``tie`` what stands before it."""

    kind: Kind
    name: str
    state: str | None = None
    tie: str = ""
    is_whole: bool = False
    is_plural: bool = False
    after: str = ""
    name_said: str = ""

    @property
    def is_loose(self) -> bool:
        """Whether it may also be the first name of "Delaware and Union Counties"."""
        return self.kind in ("city", "unread") or self.may_be_city

    @property
    def may_be_city(self) -> bool:
        """Whether it is the name of a state, of which cities and counties are called, too."""
        return self.kind == "state" and not self.is_whole and len(self.name_said) > 2


def parts_of(said: str, gazetteer: Gazetteer, words: AreaWords, at: tuple[str, ...]) -> list[Part]:
    """Every part of the words. ``at`` are the states in which the places of the service lie."""
    reading = _Reading(gazetteer, words, at)
    pieces = _joined(_SPLIT.split(said), gazetteer)
    for index in range(0, len(pieces), 2):
        reading.take(pieces[index], pieces[index - 1].strip().lower() if index else "")
    return reading.settled()


def _joined(pieces: list[str], gazetteer: Gazetteer) -> list[str]:
    """Without the cuts through names such as "Lewis and Clark County"."""
    for index in range(len(pieces) - 3, -1, -2):
        whole = "".join(pieces[index : index + 3])
        if "and" in pieces[index + 1] and gazetteer.has_county(whole.strip()):
            pieces[index : index + 3] = [whole]
    return pieces


class _Reading:
    def __init__(self, gazetteer: Gazetteer, words: AreaWords, at: tuple[str, ...]) -> None:
        self._map, self._words, self._at = gazetteer, words, at
        self._parts: list[Part] = []

    def take(self, segment: str, tie: str) -> None:
        """One name, with the words around it."""
        self._parts += [Part("zip", found, tie=tie) for found in _ZIP.findall(segment)]
        left = " ".join(_ZIP.sub(" ", segment).split()).strip(" .\"'*-")
        name: str | None = left
        is_whole = False
        while name:
            found = self._recognized(name)
            if found:
                found[0].tie = tie
                found[0].is_whole = is_whole
                self._parts += found
                return
            name, more = self._shortened(name)
            is_whole = is_whole or more
        if name is None:
            self._parts += [*self._inside(left, tie), Part("unread", self._stripped(left), tie=tie)]

    def settled(self) -> list[Part]:
        """The parts, when all are known: lists of counties, states that say where the names before them lie."""
        self._spread_counties()
        self._give_states()
        return list(self._checked())

    def _recognized(self, name: str) -> list[Part]:
        plain = plain_words(name).replace(".", " ").strip()
        plain = " ".join(plain.split())
        if alias := self._alias(plain):
            return alias
        if plain in self._words.nationwide and (len(plain) > 3 or name.replace(".", "").replace(" ", "").isupper()):
            return [Part("nationwide", name)]
        if plain in self._words.statewide and ("state" in plain):
            return [Part("statewide", name)]
        return self._county(name) or self._state_or_city(name) or self._with_state(name)

    def _alias(self, plain: str) -> list[Part]:
        counties = self._words.names.get(plain, ())
        if not counties or (self._at and counties[0][-2:] not in self._at):
            return []
        return [Part("county", each[:-3], each[-2:], name_said=plain) for each in counties]

    def _county(self, name: str) -> list[Part]:
        if found := _COUNTIES.fullmatch(name):
            kind = _SINGULAR[found[2].lower()]
            return [Part("unread", found[1] or "", is_plural=True, after=kind)]
        if found := _OF_COUNTY.fullmatch(name):
            kind = _SINGULAR.get(found[1].lower(), found[1].lower())
            whole = f"{found[2]} {kind}"
            if self._map.has_county(whole):
                return [Part("county", whole, after=kind if found[1].lower() in _SINGULAR else "")]
        if found := _COUNTY.fullmatch(name):
            kind = "county" if found[2].lower().startswith(("co", "ct")) else found[2]
            name = f"{found[1]} {kind}"
        if not self._map.has_county(name):
            return []
        # A city that is a county of its own.
        return [Part("county", name), *([Part("city", name)] if self._map.has_city(name) else [])]

    def _state_or_city(self, name: str) -> list[Part]:
        if code := _state(name):
            return [Part("state", code, name_said=name)]
        named = _OF_CITY.fullmatch(name)
        city = named[1] if named else name
        if self._map.has_city(city):
            return [Part("city", city, is_whole=bool(named))]
        return []

    def _with_state(self, name: str) -> list[Part]:
        """ "Franklin County Ohio", "Athens OH": a name with its state behind it."""
        tokens = name.split()
        for length in (3, 2, 1):
            code = _state(" ".join(tokens[-length:])) if len(tokens) > length else None
            if code:
                before = " ".join(tokens[:-length])
                before = re.sub(r" in$", "", before, flags=re.I)
                found = self._county(before) or self._state_or_city(before)
                if found and found[0].kind in ("county", "city", "unread"):
                    return [*found, Part("state", code, tie=",", name_said=code)]
        return []

    def _shortened(self, name: str) -> tuple[str | None, bool]:
        """Without one of the words around names; None when there is none. And whether it meant a state as a whole."""
        lowered = name.lower()
        for word in self._words.statewide:
            if lowered.startswith(f"{word} "):
                return name[len(word) :].strip(), True
            if lowered.endswith(f" {word}"):
                return name[: -len(word)].strip(), True
        for word in self._words.around:
            if lowered == word:
                return "", False
            if lowered.startswith(f"{word} "):
                return name[len(word) :].strip(), False
            if lowered.endswith(f" {word}"):
                return name[: -len(word)].strip(), False
        return None, False

    def _stripped(self, name: str) -> str:
        shorter, _ = self._shortened(name)
        return name if not shorter else self._stripped(shorter)

    def _inside(self, said: str, tie: str) -> Iterator[Part]:
        """Counties named inside of a sentence."""
        for words, kind in _INNER.findall(said):
            tokens = words.split()
            names = (" ".join([*tokens[start:], kind]) for start in range(len(tokens)))
            known = next((name for name in names if self._map.has_county(name)), None)
            if known and not self._words.partly.search(plain_words(said)):
                yield Part("county", known, tie=tie)

    def _spread_counties(self) -> None:
        """ "Lake and Geauga Counties", "Counties of Lake and Geauga": the others are counties, too."""
        for index, part in enumerate(self._parts):
            if part.is_plural:
                first = index
                while first and self._parts[first - 1].is_loose and self._parts[first].tie in _LISTS:
                    first -= 1
                self._make_counties(range(first, index + 1), part.after)
            elif part.after:
                last = index + 1
                while last < len(self._parts) and self._parts[last].is_loose and self._parts[last].tie in _LISTS:
                    last += 1
                self._make_counties(range(index + 1, last), part.after)
        self._parts = [part for part in self._parts if part.name]

    def _make_counties(self, indexes: range, kind: str) -> None:
        for index in indexes:
            part = self._parts[index]
            said = part.name_said if part.kind == "state" else part.name
            whole = f"{said} {kind}"
            if said and self._map.has_county(whole):
                part.kind, part.name = "county", whole
            elif part.kind == "city":
                part.kind = "unread"

    def _give_states(self) -> None:
        """A state behind a comma says where the names before it lie, one before a colon where those behind it do."""
        waiting: list[Part] = []
        kept: list[Part] = []
        for part in self._parts:
            if part.kind == "state" and waiting and part.tie in _TIES and self._may_lie_in(waiting, part):
                for each in waiting:
                    _lies_in(each, part.name)
                waiting = []
                continue
            kept.append(part)
            if part.kind in ("county", "city", "unread") or (part.may_be_city and not waiting):
                waiting.append(part)
            elif part.kind != "zip":
                waiting = []
        if len(kept) > 1 and kept[0].kind == "state" and kept[1].tie in (":", "-", "–", "—", ",", "("):
            kept = self._led_by_state(kept)
        self._parts = kept

    def _led_by_state(self, kept: list[Part]) -> list[Part]:
        state, named = kept[0].name, [part for part in kept[1:] if part.kind in ("county", "city")]
        known = [part for part in named if part.state is None and self._is_in(part, state)]
        if not known or len(known) < len(named):
            return kept
        for part in known:
            part.state = state
        return kept[1:]

    def _is_in(self, part: Part, state: str) -> bool:
        has = self._map.has_county if part.kind == "county" else self._map.has_city
        return has(part.name, state)

    def _may_lie_in(self, waiting: list[Part], state: Part) -> bool:
        """The name of a state may be a city: "Nevada, MO". Two states in a row may be two states as well."""
        if waiting[0].kind != "state":
            return not state.is_whole
        is_code = len(state.name_said) == 2 or len(self._parts) == 2
        return is_code and len(waiting) == 1 and self._map.has_city(waiting[0].name_said, state.name)

    def _checked(self) -> Iterator[Part]:
        """What the map does not have, and what may mean two things, is not understood."""
        states = [part for part in self._parts if part.kind == "state"]
        for part in self._parts:
            if part.kind == "statewide":
                if not states:
                    yield from [Part("state", each) for each in self._at] or [Part("unread", part.name)]
            elif part.kind == "city" and part.state and (alias := self._words.names.get(_called(part))):
                yield from (Part("county", each[:-3], each[-2:]) for each in alias)
            elif part.kind in ("county", "city") and part.state and not self._is_in(part, part.state):
                yield Part("unread", part.name)
            else:
                yield part
                if self._is_doubtful(part):
                    yield Part("unread", "")

    def _is_doubtful(self, part: Part) -> bool:
        if part.is_whole or part.state:
            return False
        if part.kind == "city":
            is_here = not self._at or any(self._map.has_city(part.name, state) for state in self._at)
            return not is_here or self._may_be_county(part.name)
        if part.kind != "state" or len(part.name_said) == 2 or part.name in self._at:
            return False
        among_counties = any(other.kind == "county" for other in self._parts)
        by_name = any(self._map.has_city(part.name_said, state) for state in self._at)
        return by_name or ((among_counties or bool(self._at)) and self._may_be_county(part.name_said))

    def _may_be_county(self, name: str) -> bool:
        kinds = ("county", "parish")
        return any(self._map.has_county(f"{name} {kind}", state) for kind in kinds for state in self._at or (None,))


def _lies_in(part: Part, state: str) -> None:
    if part.kind == "state":
        part.kind, part.name, part.state = "city", part.name_said, state
    elif part.state and part.state != state:
        # "Manhattan, KS" is not the one that everybody means.
        part.kind, part.name, part.state = "city", part.name_said, state
    elif part.kind in ("county", "city"):
        part.state = state


def _called(part: Part) -> str:
    return plain_words(f"{part.name} {part.state}")


def _state(name: str) -> str | None:
    """A state by its name, or by its letters in capitals."""
    letters = name.replace(".", "").replace(" ", "")
    if len(letters) == 2:
        return letters if letters in STATES and letters.isupper() else None
    return BY_NAME.get(name.lower().strip(" ."))
