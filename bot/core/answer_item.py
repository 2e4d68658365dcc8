"""What an answer is read against, and what a reading of one is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bot.core.asking import Question

AnswerKind = Literal["boolean", "choice", "multi", "integer", "decimal", "quantity", "string", "date"]
AnswerValue = bool | int | float | str
Values = tuple[AnswerValue, ...]


@dataclass(frozen=True)
class Option:
    """One option as it is shown. ``key`` counts from 1; an ``exclusive`` one ("None of the above") stands alone.

    A ``refusal`` ("I choose not to answer") stands alone, too, but "none" does not mean it.
    """

    key: int
    label: str
    synonyms: tuple[str, ...] = ()
    exclusive: bool = False
    refusal: bool = False


@dataclass(frozen=True)
class AnswerItem:
    """The open question. ``strict`` (safety items) takes only what leaves no doubt at all.

    A boolean may have options, if it was shown with numbers: the first means yes, the second no.
    ``unit`` names a table under ``units`` in the lexicon: what a count is counted in. ``about``: what the words of
    the question tell, for replies that only mean something beside them.
    """

    kind: AnswerKind
    options: tuple[Option, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    unit: str = "count"
    strict: bool = False
    about: Question = Question()

    def option(self, key: int) -> Option | None:
        """The option with that number, or ``None``."""
        return next((option for option in self.options if option.key == key), None)


@dataclass(frozen=True)
class AnswerReading:
    """One of three things.

    ``values``: what was answered, for certain (option numbers, a truth value, a number, a text, an ISO date).
    ``ambiguous``: what it may mean; ask, offering these (one alone: "do you mean …?").
    ``problem``: it was an answer, but not one to this question: ``out_of_range``.
    """

    values: Values = ()
    ambiguous: tuple[Values, ...] = ()
    problem: str | None = None

    @property
    def is_sure(self) -> bool:
        """True when ``values`` may be recorded."""
        return bool(self.values)


OUT_OF_RANGE = AnswerReading(problem="out_of_range")


def sure(*values: AnswerValue) -> AnswerReading:
    """A certain answer."""
    return AnswerReading(values=values)


def unclear(*readings: Values) -> AnswerReading:
    """An answer to be asked about, with its possible readings."""
    return AnswerReading(ambiguous=tuple(dict.fromkeys(readings)))
