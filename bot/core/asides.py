"""What is said beside the questions: where a message with two things in it can be cut, what somebody needs, for whom
they answer, and bad words for the bot."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.core import text
from bot.core.commands import named_value
from bot.core.lexicon import Lexicon
from bot.core.matcher import Matcher
from bot.core.patterns import PatternReader

_LONGEST = 200
_LONGEST_REMARK = 40
_WISH = "wish"
_REMARKS = {"for_other": "answering_for_other", "insults": "insult"}
# Of what concerns the thread: what was said is seen, the questions are over, the phone is somebody else's.
ACKNOWLEDGES, OVER, OTHERS_PHONE = "acknowledgements", "over", "others_phone"
_NO_LISTS = ("joiners", "wishes", *_REMARKS, ACKNOWLEDGES, OVER, OTHERS_PHONE)
_STOPS = r"\s*[.!?;,:\n]+|\s+[-–—]+\s"
_NUMBER_FIRST = re.compile(r"^\s*\d{1,2}(?=\s+\D)")
_WORD_FIRST = re.compile(r"^\s*[^\W\d_]+(?=\s+\w)")


@dataclass(frozen=True, eq=False)
class Asides:
    """One language's: the words at which a message is cut, openings of wishes, and remarks by their intent."""

    lexicon: Lexicon
    cut: re.Pattern[str]
    wishes: Matcher
    remarks: Matcher
    about_thread: Matcher

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], lexicon: Lexicon) -> Asides:
        """Compile one language of ``asides.yml``. Raises ``KeyError`` for a place that is missing, ``ValueError``
        for a pattern that cannot be read."""
        reader = PatternReader(
            {name: words for name, words in data.items() if name not in _NO_LISTS},
            lambda piece: lexicon.spell(text.words(piece)),
        )
        joiners = "|".join(re.escape(word) for word in data["joiners"])
        return cls(
            lexicon=lexicon,
            cut=re.compile(rf"{_STOPS}|\s+(?=(?:{joiners})\s)", re.IGNORECASE),
            wishes=Matcher({_WISH: [reader.read(pattern) for pattern in data["wishes"]]}),
            remarks=Matcher({intent: [reader.read(each) for each in data[name]] for name, intent in _REMARKS.items()}),
            about_thread=Matcher(
                {name: [reader.read(each) for each in data[name]] for name in (ACKNOWLEDGES, OVER, OTHERS_PHONE)}
            ),
        )

    def wishes_for_something(self, body: str) -> bool:
        """Whether ``body`` opens by saying that something is needed."""
        spelt = self.lexicon.spell(text.words(body))
        return any(
            0 < self.wishes.longest(core) < len(core) for core in self.lexicon.cores(spelt, front="commands.fillers")
        )


def cuts(body: str, asides: Mapping[str, Asides], *, after_first_word: bool = False) -> Iterator[tuple[str, str]]:
    """Every way to cut ``body`` in two at a sentence end, a comma or a joining word, or behind a number in front.

    ``after_first_word``: behind any first word, too ("yes who is this").
    """
    if len(body) > _LONGEST:
        return
    first = _NUMBER_FIRST.match(body) or (_WORD_FIRST.match(body) if after_first_word else None)
    if first:
        yield body[: first.end()], body[first.end() :]
    for each in asides.values():
        for found in each.cut.finditer(body):
            # The mark stays with what it ends: a question mark is part of the question.
            left, right = body[: found.end()].strip(), body[found.end() :].strip()
            if left and right:
                yield left, right


def read_need(body: str, asides: Mapping[str, Asides], lexicons: Mapping[str, Lexicon], language: str) -> str | None:
    """The domain of the need that ``body`` states for certain: an opening that wishes, and something to wish for."""
    if not any(each.wishes_for_something(body) for each in asides.values()):
        return None
    return named_value(body, "state_need", lexicons, language)


def read_remark(body: str, asides: Mapping[str, Asides]) -> str | None:
    """``answering_for_other`` or ``insult`` when the whole of ``body`` is one, else None."""
    found = text.words(body)
    for each in asides.values():
        for core in each.lexicon.cores(each.lexicon.spell(found), front="commands.fillers", end="commands.fillers"):
            said = each.remarks.whole(core)
            if said:
                return said
    return None


def read_about_thread(body: str, asides: Mapping[str, Asides]) -> str | None:
    """:data:`ACKNOWLEDGES`, :data:`OVER` or :data:`OTHERS_PHONE` when all that ``body`` says is that, else None."""
    found = text.words(body)
    if not found or len(found) > _LONGEST_REMARK:
        return None
    for each in asides.values():
        spelt = each.lexicon.spell(found)
        said = each.about_thread.whole(spelt) or next(
            (
                other
                for core in each.lexicon.cores(spelt, front="commands.fillers", end="commands.fillers")
                if (other := each.about_thread.whole(core))
            ),
            None,
        )
        if said:
            return said
    return None
