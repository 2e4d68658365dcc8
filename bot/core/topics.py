"""Which earlier answer a message wants to change: "the food one should be never", "change my answer about housing"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.core import text
from bot.core.lexicon import Lexicon
from bot.core.matcher import Matcher
from bot.core.numbers import cardinal, ordinal
from bot.core.patterns import PatternReader

_LONGEST = 40
_NAMED = "named"


@dataclass(frozen=True)
class Change:
    """The codes of the items that may be meant, and the words of the new answer (empty when none were said).

    ``place``: instead of codes, the place of the item among those that were asked, from 1.
    """

    codes: tuple[str, ...]
    words: str
    place: int | None = None


@dataclass(frozen=True, eq=False)
class Topics:
    """The topics of one language, compiled. ``names`` is what we call an item when we ask which one is meant."""

    names: Mapping[str, str]
    lexicon: Lexicon
    frames: Matcher
    changing: Matcher
    numbered: Matcher
    words: Matcher

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], lexicon: Lexicon) -> Topics:
        """Compile the parsed ``topics.yml`` for the language of ``lexicon``.

        Raises ``KeyError`` for a place that is missing and ``ValueError`` for a pattern that cannot be read.
        """
        language = lexicon.language
        items = {code: each[language] for code, each in data["items"].items()}
        called = sorted({word for each in items.values() for word in each["words"]})
        reader = PatternReader(
            {**data["sets"][language], "topic": called}, lambda piece: lexicon.spell(text.words(piece))
        )
        return cls(
            names={code: str(each["name"]) for code, each in items.items()},
            lexicon=lexicon,
            frames=Matcher({_NAMED: [reader.read(pattern) for pattern in data["frames"][language]]}),
            changing=Matcher({_NAMED: [reader.read(pattern) for pattern in data["changing"][language]]}),
            numbered=Matcher({_NAMED: [reader.read(pattern) for pattern in data["numbered"][language]]}),
            words=Matcher({code: [reader.read(word) for word in each["words"]] for code, each in items.items()}),
        )

    def find(self, body: str) -> Change | None:
        """The change that the whole of ``body`` asks for; None when it asks for none. Takes any string."""
        found = text.words(body)
        if not found or len(found) > _LONGEST:
            return None
        spelt = self.lexicon.spell(found)
        for core in self.lexicon.cores(spelt, front="commands.fillers", end="commands.fillers"):
            numbered = self.numbered.longest(core)
            if numbered:
                return self._placed(core[:numbered], core[numbered:])
            end = self.frames.longest(core)
            if 0 < end < len(core):
                return self._change(core[:end], core[end:])
            if self.changing.whole(core):
                return self._change(core, [])
        return None

    def _placed(self, opening: Sequence[str], rest: Sequence[str]) -> Change | None:
        """The place that the opening names. An ordinal comes before a number: in "the first one" the one is none."""
        ordinals = [place for word in opening if (place := ordinal([word], self.lexicon))]
        places = ordinals or [int(number) for word in opening if (number := cardinal([word], self.lexicon))]
        return Change((), " ".join(rest), places[0]) if places else None

    def _change(self, opening: Sequence[str], rest: Sequence[str]) -> Change | None:
        """The items that the longest name in the opening may mean."""
        spans = [(end - start, start, end) for start, end in self.words.spans(opening)]
        if not spans:
            return None
        _, start, end = max(spans)
        return Change(tuple(sorted(self.words.labels_in(opening[start:end]))), " ".join(rest))


def find_change(body: str, topics: Mapping[str, Topics], language: str) -> Change | None:
    """As :meth:`Topics.find`, the patient's language first."""
    for name in sorted(topics, key=lambda other: other != language):
        change = topics[name].find(body)
        if change is not None:
            return change
    return None
