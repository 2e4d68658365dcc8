"""A second opinion about danger and about wanting no more texts: a small linear model, read in plain Python.

It goes by words and pieces of words. It is asked when the rules of :mod:`bot.core.safety` found nothing that cannot
wait, and those of :mod:`bot.core.keywords` no demand, and it can only make the bot ask: its alarms are never certain,
it opts nobody out, and no certain rule is silenced by it. ``dialogs/second_opinion.py`` makes the model from the
examples in ``dialogs/safety``; docs/safety.md says how the shares below were chosen.
"""

from __future__ import annotations

import math
import zlib
from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from bot.core import text
from bot.core.keywords import is_partial_stop, sounds_like_no_stop
from bot.core.lexicon import Lexicon
from bot.core.safety import Alarm, AlarmKind, is_label, read_alarm, sounds_harmless, without_losing_home

SIZE = 1 << 17
# From here on the bot asks; and where the rules know a figure of speech, a denial or a need in the same message.
ASKS_FROM = 0.6
ASKS_AGAINST_RULES_FROM = 0.95
# The same for whether to stop texting; what only sounds like a demand to stop is known to the rules, too.
ASKS_STOP_FROM = 0.5
ASKS_STOP_AGAINST_RULES_FROM = 0.75
_LONGEST = 400
_SHORTEST = 2
_PIECES = (3, 4, 5)
_PHRASES = (1, 2, 3)

# Where the features of each family stand. Each family has length one, so that long and short texts compare.
Features = tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Suspicion:
    """The kind of danger that a text is most like, and how likely it is that it tells of any (0 to 1)."""

    kind: AlarmKind
    probability: float


@dataclass(frozen=True, eq=False, repr=False)
class Row:
    """What one question adds up: where it begins, and :data:`SIZE` weights in units of ``scale``."""

    begins: float
    scale: float
    weights: array[int]

    def score(self, features: Features) -> float:
        """How much speaks for it; below 0, more speaks against it."""
        weights = self.weights
        return self.begins + self.scale * sum(
            share_of(family) * sum(weights[place] for place in family) for family in features
        )


@dataclass(frozen=True, eq=False, repr=False)
class SecondOpinion:
    """Whether a text tells of danger, which kind it is most like, and whether it asks for no more texts."""

    danger: Row
    stop: Row
    kinds: Mapping[AlarmKind, Row]

    def read(self, body: str) -> Suspicion:
        """What ``body`` is most like. The same text always gets the same answer; any string is taken."""
        features = features_of(body)
        kind = max(self.kinds, key=lambda each: self.kinds[each].score(features))
        return Suspicion(kind, _likely(self.danger.score(features)))

    def read_stop(self, body: str) -> float:
        """How likely ``body`` asks for no more texts (0 to 1)."""
        return _likely(self.stop.score(features_of(body)))


def hear_alarm(
    body: str,
    lexicons: Mapping[str, Lexicon],
    language: str,
    option_labels: Iterable[str] = (),
    opinion: SecondOpinion | None = None,
) -> Alarm | None:
    """As :func:`read_alarm`; where the rules find nothing that cannot wait, ``opinion`` may raise a doubt.

    Never doubted are a label of the open question, one word alone, and what holds no word: numbers, emoji.
    """
    labels = tuple(option_labels)
    alarm = read_alarm(body, lexicons, language, labels)
    if opinion is None or (alarm is not None and alarm.urgency == "now"):
        return alarm
    rest = without_losing_home(body, lexicons)
    if _says_little(rest) or is_label(body, labels):
        return alarm
    found = opinion.read(rest)
    against = alarm is not None or sounds_harmless(body, lexicons)
    if found.probability < (ASKS_AGAINST_RULES_FROM if against else ASKS_FROM):
        return alarm
    return Alarm(found.kind, "now", False, language)


def doubts_stop(
    body: str, lexicons: Mapping[str, Lexicon], option_labels: Iterable[str] = (), opinion: SecondOpinion | None = None
) -> bool:
    """Whether a text without a demand that the rules know may be one, so that the bot asks.

    The rules doubt a demand about one matter only ("stop asking me about my home"), the model what else is like one.
    Never doubted are a label of the open question, one word alone, and what holds no word.
    """
    if _says_little(body) or is_label(body, option_labels):
        return False
    if is_partial_stop(body, lexicons):
        return True
    if opinion is None:
        return False
    against = sounds_like_no_stop(body, lexicons)
    return opinion.read_stop(body) >= (ASKS_STOP_AGAINST_RULES_FROM if against else ASKS_STOP_FROM)


def _says_little(body: str) -> bool:
    """One word alone, or none: numbers, emoji."""
    return sum(token.isalpha() for token in text.words(body)) < _SHORTEST


def features_of(body: str) -> Features:
    """Where a text's phrases, and its pieces of words, stand in the model."""
    words = text.words(body)[:_LONGEST]
    return _places("w", set(_phrases(words))), _places("c", {piece for word in words for piece in _pieces(word)})


def share_of(family: tuple[int, ...]) -> float:
    """What each feature of a family counts for."""
    return 1 / math.sqrt(max(len(family), 1))


def _likely(score: float) -> float:
    return 1 / (1 + math.exp(-max(min(score, 50.0), -50.0)))


def _places(family: str, found: set[str]) -> tuple[int, ...]:
    return tuple(zlib.crc32((family + each).encode()) % SIZE for each in found)


def _phrases(words: list[str]) -> Iterator[str]:
    around = ["^", *words, "$"]
    for size in _PHRASES:
        yield from (" ".join(around[at : at + size]) for at in range(len(around) - size + 1))


def _pieces(word: str) -> Iterator[str]:
    around = f" {word} "
    for size in _PIECES:
        yield from (around[at : at + size] for at in range(len(around) - size + 1))


def from_file(data: bytes) -> SecondOpinion:
    """The model that :func:`to_file` wrote. Raises ``ValueError`` for anything else."""
    rows: dict[str, Row] = {}
    lines, _, packed = data.partition(b"\n\n")
    numbers = array("h")
    try:
        numbers.frombytes(zlib.decompress(packed))
        for at, line in enumerate(lines.decode("ascii").splitlines()):
            name, begins, scale = line.split()
            rows[name] = Row(float(begins), float(scale), numbers[at * SIZE : (at + 1) * SIZE])
        danger, stop = rows.pop("danger?"), rows.pop("stop?")
    except (KeyError, UnicodeDecodeError, zlib.error) as error:
        raise ValueError("not a second opinion") from error
    if not rows or len(numbers) != SIZE * (len(rows) + 2):
        raise ValueError("not a whole second opinion")
    return SecondOpinion(danger, stop, {cast(AlarmKind, name): row for name, row in rows.items()})


def to_file(danger: Row, stop: Row, kinds: Mapping[AlarmKind, Row]) -> bytes:
    """The model as a file: a line for each row, an empty line, then the weights."""
    rows: dict[str, Row] = {"danger?": danger, "stop?": stop, **dict(kinds.items())}
    lines = [f"{name} {row.begins!r} {row.scale!r}" for name, row in rows.items()]
    weights = b"".join(row.weights.tobytes() for row in rows.values())
    return "\n".join(lines).encode("ascii") + b"\n\n" + zlib.compress(weights, 9)
