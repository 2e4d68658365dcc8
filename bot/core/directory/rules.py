"""How places are chosen: the numbers of ``dialogs/content/directory.yml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

WEIGHTS = (
    "fit_2",
    "fit_3",
    "not_their_language",
    "language_not_said",
    "costs_money",
    "old",
    "age_not_known",
    "open_now",
    "closed_for_two_days",
    "hours_not_known",
    "elsewhere",
    "area_not_said",
    "area_not_certain",
    "no_way_to_reach",
)
A_DAY = timedelta(days=1)


class RulesError(ValueError):
    """The file cannot be used; the message says what is wrong."""


@dataclass(frozen=True)
class Rules:
    """After how long a listing is old, how far is too far, and what counts like how many miles."""

    call_first_after: timedelta
    link_lives: timedelta
    farthest: Mapping[str, float]
    weights: Mapping[str, float]

    def miles_for(self, need: str) -> float:
        """How far a place for this need may be."""
        return self.farthest.get(need, self.farthest["default"])

    def is_old(self, verified_on: date | None, today: date) -> bool:
        """Whether to call before going: nobody made sure for too long, or it is not known when.

        A day that is still to come says nothing; tomorrow may be today where the listing comes from.
        """
        return verified_on is None or not -A_DAY <= today - verified_on <= self.call_first_after


def read_rules(table: Any) -> Rules:
    """The rules as read from their file. Raises :class:`RulesError`."""
    try:
        rules = Rules(
            call_first_after=timedelta(days=int(table["call_first_after_days"])),
            link_lives=timedelta(days=int(table["link_days"])),
            farthest={str(need): float(miles) for need, miles in table["farthest"].items()},
            weights={str(name): float(miles) for name, miles in table["weights"].items()},
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise RulesError(f"a number is missing or wrong: {error}") from None
    if set(rules.weights) != set(WEIGHTS) or "default" not in rules.farthest:
        raise RulesError(f"weights must be {', '.join(WEIGHTS)}, and farthest needs a default")
    return rules
