"""Counts over labelled replies and how they were read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from bot.content import Content
from bot.understanding import Parse, Understood, read_line, understand
from tests.measure.replies import READINGS, Reply

BATCH = 500


@dataclass(frozen=True)
class Read:
    """A reply and its reading."""

    reply: Reply
    found: Understood

    @property
    def is_right(self) -> bool:
        """As it should be."""
        return self.reply.is_right(self.found.reading, self.found.value)

    @property
    def is_answer(self) -> bool:
        """An answer would be recorded."""
        return self.found.reading == "answer"

    @property
    def is_wrong_answer(self) -> bool:
        """An answer would be recorded that was not given."""
        return self.is_answer and not self.is_right


@dataclass(frozen=True)
class Scores:
    """Of one label against all other replies."""

    label: str
    wanted: int
    found: int
    right: int

    @property
    def recall(self) -> float:
        """Of those wanted, how many were found."""
        return self.right / self.wanted if self.wanted else 1.0

    @property
    def precision(self) -> float:
        """Of those found, how many were wanted."""
        return self.right / self.found if self.found else 1.0

    @property
    def f1(self) -> float:
        """The harmonic mean of the two."""
        both = self.recall + self.precision
        return 2 * self.recall * self.precision / both if both else 0.0


def read_all(content: Content, parse: Parse, replies: Iterable[Reply]) -> list[Read]:
    """Every reply with its reading."""
    kept = list(replies)
    read: list[Read] = []
    for start in range(0, len(kept), BATCH):
        part = kept[start : start + BATCH]
        lines = [read_line(content, reply.line) for reply in part]
        read += [Read(*both) for both in zip(part, understand(content, lines, parse), strict=True)]
    return read


def score(label: str, reads: Sequence[Read]) -> Scores:
    """How well one label is told from everything else.

    A reading that is right for a reply with another label is not held against this one.
    """
    kept = [each for each in reads if not each.reply.aside]
    ours = [each for each in kept if each.reply.label == label]
    others = [each for each in kept if each.reply.label != label and each.found.reading in READINGS[label]]
    strays = [each for each in others if each.found.reading not in READINGS.get(each.reply.label, ())]
    right = sum(each.is_right for each in ours)
    found = sum(each.found.reading in READINGS[label] for each in ours) + len(strays)
    return Scores(label, wanted=len(ours), found=found, right=right)


def share(part: int, whole: int) -> float:
    """A ratio; 0 of nothing."""
    return part / whole if whole else 0.0


def misread(reads: Iterable[Read], wrong: Callable[[Read], bool] = lambda each: not each.is_right) -> list[Any]:
    """What to look at: reply, expectation, reading."""
    return [
        (each.reply.text, each.reply.expected, each.found.reading, each.found.value, each.found.by)
        for each in reads
        if wrong(each) and not each.reply.aside
    ]
