"""What a reply picks from a short list: one of the places, other places, how it went, what got in the way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from bot.core import text
from bot.core.answer_item import AnswerItem, Option
from bot.core.answers import read_answer
from bot.core.commands import named_value
from bot.core.dialog import JsonObject
from bot.core.lexicon import Lexicon
from bot.core.matcher import Matcher
from bot.core.patterns import PatternReader
from bot.core.zips import DIGITS, read_zip

STATUSES = ("got_help", "waiting", "never_heard", "could_not_go", "not_eligible", "no_longer_needed")
BARRIERS = ("transport", "fear", "cost", "language", "hours", "other")
# What may be asked for without a screening, in the order of the menu; the last is said in words.
NEEDS = ("food", "housing", "transportation", "utilities")
MORE, NONE = "more", "none"
# In reply to "did they call?".
CALLED = "called"
_CHANGED = "changed"
_LONGEST = 60

Lexicons = Mapping[str, Lexicon]


@dataclass(frozen=True)
class Choice:
    """What can be picked: one of ``names`` (``place``, ``which``), a ``need``, ``zip``, ``status``, ``barrier`` or
    ``call``.
    """

    kind: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class PlaceWords:
    """One language's words about places, compiled."""

    lexicon: Lexicon
    wishes: Matcher
    changed: Matcher
    called: Matcher
    barriers: Matcher
    said: Matcher
    about_zip: frozenset[str]

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], lexicon: Lexicon) -> PlaceWords:
        """Compile one language of ``places.yml``. Raises ``KeyError`` for a place that is missing, ``ValueError``
        for a pattern that cannot be read or a barrier that is none."""
        reader = PatternReader(data.get("words", {}), lambda piece: lexicon.spell(text.words(piece)))
        unknown = data["barriers"].keys() - set(BARRIERS)
        if unknown:
            raise ValueError(f"there is no barrier {', '.join(sorted(unknown))}")
        compiled = {
            group: {name: [reader.read(each) for each in said] for name, said in data[group].items()}
            for group in ("wishes", "barriers", "said")
        }
        changed = Matcher({_CHANGED: [reader.read(each) for each in data["changed"]]})
        called = Matcher({CALLED: [reader.read(each) for each in data["called"]]})
        about_zip = frozenset(word for each in data["zip"] for word in lexicon.spell(text.words(str(each))))
        wishes, barriers, said = (Matcher(compiled[group]) for group in ("wishes", "barriers", "said"))
        return cls(lexicon, wishes, changed, called, barriers, said, about_zip)

    def wish(self, body: str) -> str | None:
        """``more`` or ``none`` when the whole of ``body`` says so."""
        return self._whole(self.wishes, body)

    def says(self, body: str) -> str | None:
        """What the whole of ``body`` says or asks about a place: one of the names under ``said``, else None."""
        return self._whole(self.said, body)

    def says_changed(self, body: str) -> bool:
        """Whether ``body`` says that things are not as they were."""
        return self._whole(self.changed, body) is not None

    def says_called(self, body: str) -> bool:
        """Whether ``body`` says that a place was in touch, and nothing of help. No word is left aside: "no" counts."""
        found = text.words(body)
        return 0 < len(found) <= _LONGEST and self.called.whole(self.lexicon.spell(found)) is not None

    def only_gives_a_zip(self, body: str) -> bool:
        """Whether ``body`` is a ZIP code and, beside it, no word but those that speak of one."""
        found = self.lexicon.spell(text.words(body))
        return all(word.isdecimal() or word in self.about_zip for word in found)

    def before_contrast(self, body: str) -> str:
        """``body`` up to the first "but"."""
        contrast = self.lexicon.words("answers.contrast")
        return " ".join(takewhile(lambda word: word not in contrast, text.words(body)))

    def barrier(self, body: str) -> str | None:
        """The barrier that ``body`` names, the first one of the file."""
        found = self.barriers.labels_in(self.lexicon.spell(text.words(body)))
        return min(found, key=self.barriers.order_of) if found else None

    def _whole(self, matcher: Matcher, body: str) -> str | None:
        found = text.words(body)
        if not found or len(found) > _LONGEST:
            return None
        cores = self.lexicon.cores(self.lexicon.spell(found), front="commands.fillers", end="commands.fillers")
        return next((said for core in cores if (said := matcher.whole(core))), None)


def open_choice(form: str | None, kept: JsonObject) -> Choice | None:
    """What can be picked in ``form``, with ``kept`` what the dialog keeps of places; None in every other form."""
    if form == "places_form":
        if kept.get("stage") in ("need", "zip"):
            return Choice(str(kept["stage"]))
        return Choice("place", tuple(str(place["name"]) for place in kept.get("places", ())))
    if form == "check_in_form":
        names = tuple(str(each["place"]) for each in kept.get("which", ()))
        return Choice(str(kept.get("stage") or "status"), names)
    return None


def read_pick(body: str, choice: Choice, words: Mapping[str, PlaceWords], lexicons: Lexicons, language: str) -> Any:
    """What ``body`` picks; None when it picks nothing for certain.

    The number of a place from 1, ``more`` or ``none``; a ZIP code, also where places are shown; the name of a need, a
    status or a barrier; ``{"status", "barrier"}`` of somebody who could not go and says why.
    """
    if choice.kind in ("place", "zip"):
        wish = _first(each.wish(body) for each in _ordered(words, language))
        number = _numbered(body, choice.names, lexicons, language)
        return number or read_zip(body, lexicons, language) or (wish if choice.names or wish == NONE else None)
    if choice.kind == "which":
        return _numbered(body, choice.names, lexicons, language)
    if choice.kind == "need":
        return _of(NEEDS, body, lexicons, language) or named_value(body, "state_need", lexicons, language)
    if choice.kind == "barrier":
        return _of(BARRIERS, body, lexicons, language) or read_barrier(body, words, language)
    said = read_status(body, words, lexicons, language)
    if choice.kind == "call":
        return CALLED if _begins_with_a_call(body, words) else said
    return _of(STATUSES, body, lexicons, language) or _with_barrier(body, said, words, language)


def _with_barrier(body: str, status: str | None, words: Mapping[str, PlaceWords], language: str) -> Any:
    """The status; of somebody who could not go and says why, with the barrier."""
    barrier = read_barrier(body, words, language) if status == "could_not_go" else None
    return status if barrier is None else {"status": status, "barrier": barrier}


def read_barrier(body: str, words: Mapping[str, PlaceWords], language: str) -> str | None:
    """What got in the way, as ``body`` says it in its words."""
    return _first(each.barrier(body) for each in _ordered(words, language))


def is_zip(picked: Any) -> bool:
    """Whether a ZIP code was picked."""
    return isinstance(picked, str) and len(picked) == DIGITS and picked.isdecimal()


def stated_zip(body: str, words: Mapping[str, PlaceWords], lexicons: Lexicons, language: str) -> str | None:
    """The ZIP code, when all that ``body`` says in any language is where somebody lives; else None."""
    if not any(each.only_gives_a_zip(body) for each in words.values()):
        return None
    return read_zip(body, lexicons, language)


def read_status(body: str, words: Mapping[str, PlaceWords], lexicons: Lexicons, language: str) -> str | None:
    """How it went with a place, as ``body`` says it. To be called is to wait on: it is no help yet."""
    return "waiting" if says_called(body, words) else named_value(body, "report_status", lexicons, language)


def says_called(body: str, words: Mapping[str, PlaceWords]) -> bool:
    """Whether ``body`` says in any language that a place was in touch, and nothing of help."""
    return any(each.says_called(body) for each in words.values())


def _begins_with_a_call(body: str, words: Mapping[str, PlaceWords]) -> bool:
    """Whether ``body`` says that a place was in touch, with or without a "but" and what follows it."""
    return any(each.says_called(each.before_contrast(body)) for each in words.values())


def says_of_place(body: str, words: Mapping[str, PlaceWords]) -> str | None:
    """What ``body`` says or asks about a place, or about what it may be told, in any language; else None."""
    return _first(each.says(body) for each in words.values())


def says_changed(body: str, words: Mapping[str, PlaceWords]) -> bool:
    """Whether ``body`` says in any language that things are not as they were at the last questions."""
    return any(each.says_changed(body) for each in words.values())


def _of(values: tuple[str, ...], body: str, lexicons: Lexicons, language: str) -> str | None:
    number = _numbered(body, tuple(str(number) for number in range(1, len(values) + 1)), lexicons, language)
    return None if number is None else values[number - 1]


def _numbered(body: str, names: tuple[str, ...], lexicons: Lexicons, language: str) -> int | None:
    if not names:
        return None
    options = tuple(Option(number, name) for number, name in enumerate(names, start=1))
    reading = read_answer(body, AnswerItem("choice", options), lexicons, language)
    return int(reading.values[0]) if reading is not None and reading.is_sure else None


def _ordered(words: Mapping[str, PlaceWords], language: str) -> Iterable[PlaceWords]:
    return (words[name] for name in sorted(words, key=lambda other: other != language))


def _first(found: Iterable[str | None]) -> str | None:
    return next((each for each in found if each is not None), None)
