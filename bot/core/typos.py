"""Slips of the thumb: which known word an unknown one was meant to be, if that is certain."""

from __future__ import annotations

from collections.abc import Iterable

SHORTEST = 5
SHORTEST_SWAPPED = 3
LONGEST = 20


def edit_distance(left: str, right: str, limit: int) -> int:
    """Letters to add, drop, change or swap with a neighbour; any number above ``limit`` comes back as ``limit + 1``."""
    if abs(len(left) - len(right)) > limit:
        return limit + 1
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        older, before, row = before, row, [i]
        for j, b in enumerate(right, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
        if min(row) > limit:
            return limit + 1
    return min(row[-1], limit + 1)


def _shortened(word: str) -> set[str]:
    """The word with any one letter left out, and the word."""
    return {word[:i] + word[i + 1 :] for i in range(len(word))} | {word}


class Typos:
    """Finds the one known word that is a single slip away. Known words under five letters are left alone: too
    many real words lie one letter apart (stop, step, shop).
    """

    def __init__(self, known: Iterable[str]) -> None:
        self._index: dict[str, set[str]] = {}
        for word in known:
            if len(word) >= SHORTEST:
                for form in _shortened(word):
                    self._index.setdefault(form, set()).add(word)

    def find(self, token: str) -> str | None:
        """The word meant by ``token``; ``None`` when there is none, or more than one."""
        fits = self.near(token)
        return fits[0] if len(fits) == 1 else None

    def near(self, token: str) -> list[str]:
        """Every known word that is a single slip away, in alphabetical order."""
        if not SHORTEST - 1 <= len(token) <= LONGEST:
            return []
        near = {word for form in _shortened(token) for word in self._index.get(form, ())}
        return sorted(word for word in near if edit_distance(token, word, 1) <= 1)


class Swaps:
    """Finds the short known word of which two neighbouring letters were swapped, or a double letter typed once or
    three times. Of other slips too many make another real word.
    """

    def __init__(self, known: Iterable[str]) -> None:
        self._index: dict[str, set[str]] = {}
        for word in known:
            if SHORTEST_SWAPPED <= len(word) <= SHORTEST and word.isalpha():
                for form in _swapped(word):
                    self._index.setdefault(form, set()).add(word)

    def find(self, token: str) -> str | None:
        """The word meant by ``token``; ``None`` when there is none, or more than one."""
        fits = self._index.get(token, set())
        return next(iter(fits)) if len(fits) == 1 else None


def _swapped(word: str) -> set[str]:
    swapped = {word[:i] + word[i + 1] + word[i] + word[i + 2 :] for i in range(len(word) - 1)}
    doubled = [i for i in range(len(word) - 1) if word[i] == word[i + 1]]
    once = {word[:i] + word[i + 1 :] for i in doubled if len(word) > SHORTEST_SWAPPED}
    return (swapped | once | {word[: i + 1] + word[i:] for i in doubled}) - {word}
