"""Which needs a listing helps with: its categories and words, held against the table of the content folder."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# A word in the description alone says less than one in the name or among the categories.
MENTIONED = 3
DOMAINS = (
    "housing",
    "food",
    "transportation",
    "utilities",
    "safety",
    "financial",
    "employment",
    "support",
    "education",
    "activity",
    "substance",
    "mental_health",
    "stress",
    "disability",
)

_MORE = ("hints", "refuge", "names", "harmless", "hidden", "people", "among", "others", "no_place")


class CrosswalkError(ValueError):
    """The table of needs and categories cannot be used; the message says where."""


@dataclass(frozen=True)
class Line:
    """Categories and words that show that a listing fits a need this well: 1 is what it is for, 2 helps."""

    fit: int
    terms: frozenset[str]
    words: re.Pattern[str] | None


@dataclass(frozen=True)
class Violence:
    """What shows that a listing is for people hurt at home, and that it is a place to hide.

    ``hints`` say so only beside a ``refuge`` in the same sentence; ``names`` only in the name of a listing.
    ``harmless`` is taken out before ("substance abuse"). ``hidden`` words hide an address and say no more.

    ``words`` in a sentence without ``among`` ("survivors of domestic violence are welcome") say whom a listing serves,
    and ``shelter`` anywhere in it that it is a place to stay: with ``people`` in that sentence, or where
    neither ``others`` nor ``among`` stand anywhere. ``no_place`` in the name: its help is of another kind.
    """

    terms: frozenset[str]
    words: re.Pattern[str]
    shelter: re.Pattern[str]
    hints: re.Pattern[str] | None = None
    refuge: re.Pattern[str] | None = None
    names: re.Pattern[str] | None = None
    harmless: re.Pattern[str] | None = None
    hidden: re.Pattern[str] | None = None
    people: re.Pattern[str] | None = None
    among: re.Pattern[str] | None = None
    others: re.Pattern[str] | None = None
    no_place: re.Pattern[str] | None = None

    def is_refuge(self, name: str, words: str) -> bool:
        """Whether a listing is a place to hide by its name, or by what is said about it. Both are plain."""
        if _found(self.names, name):
            return True
        sentences = self._left(words).split(".")
        if any(_found(self.hints, part) and _found(self.refuge, part) for part in sentences):
            return True
        return not _found(self.no_place, name) and _found(self.shelter, words) and self._serves(sentences)

    def may_be_refuge(self, words: str) -> bool:
        """Whether hint and refuge stand anywhere in plain words, or a hidden one: enough to hide an address."""
        if _found(self.hidden, words):
            return True
        left = self._left(words)
        return _found(self.hints, left) and _found(self.refuge, left)

    def _serves(self, sentences: Sequence[str]) -> bool:
        clear = [part for part in sentences if self.words.search(part) and not _found(self.among, part)]
        if any(_found(self.people, part) for part in clear):
            return True
        return bool(clear) and not any(_found(self.others, part) or _found(self.among, part) for part in sentences)

    def _left(self, words: str) -> str:
        return words if self.harmless is None else self.harmless.sub(" ", words)


@dataclass(frozen=True)
class Crosswalk:
    """The table: for each need its lines, and the words that rule a listing out for it."""

    lines: Mapping[str, Sequence[Line]]
    never: Mapping[str, re.Pattern[str]]
    violence: Violence

    def needs(self, name: str, terms: Iterable[str], description: str, is_violence: bool) -> dict[str, int]:
        """Each need that a listing helps with, and how well it fits; help against violence is for ``safety`` alone."""
        if is_violence:
            return {"safety": 1}
        shown = frozenset(plain(each) for each in terms)
        heading, body = plain(f"{name} . {' . '.join(shown)}"), plain(description)
        found = {need: self._fit(need, shown, heading, body) for need in self.lines}
        return {need: fit for need, fit in found.items() if fit}

    def is_violence(self, name: str, terms: Iterable[str], description: str = "") -> bool:
        """Whether by its name or categories it is help for people hurt at home, or by any words a place to hide."""
        shown = [plain(each) for each in terms]
        heading = plain(f"{name} . {' . '.join(shown)}")
        if not self.violence.terms.isdisjoint(shown) or self.violence.words.search(heading):
            return True
        return self.violence.is_refuge(plain(name), f"{heading} . {plain(description)}")

    def hides(self, words: str) -> bool:
        """Whether these words speak of a shelter from violence, whose place must not be shown."""
        text = plain(words)
        stated = self.violence.words.search(text) and self.violence.shelter.search(text)
        return bool(stated) or self.violence.may_be_refuge(text)

    def _fit(self, need: str, terms: frozenset[str], heading: str, body: str) -> int:
        never = self.never.get(need)
        if never and never.search(heading):
            return 0
        for line in self.lines[need]:
            if not line.terms.isdisjoint(terms) or (line.words and line.words.search(heading)):
                return line.fit
        mentioned = any(line.words.search(body) for line in self.lines[need] if line.words)
        return MENTIONED if mentioned and not (never and never.search(body)) else 0


def plain(text: str) -> str:
    """Lower case, no accents, words with one space between them; a full stop stays as a boundary."""
    bare = text.lower()
    if not bare.isascii():
        bare = "".join(c for c in unicodedata.normalize("NFKD", bare) if not unicodedata.combining(c))
    return " ".join(re.findall(r"[a-z0-9]+|\.", bare))


def read_crosswalk(table: Any) -> Crosswalk:
    """The table as read from its file. Raises :class:`CrosswalkError` for a need that is missing or not one."""
    if not isinstance(table, dict) or not isinstance(table.get("needs"), dict):
        raise CrosswalkError("there is no table of needs")
    needs, hurt = table["needs"], table.get("violence") or {}
    wrong = sorted(set(needs) ^ set(DOMAINS))
    if wrong:
        raise CrosswalkError(f"these needs are missing or unknown: {', '.join(wrong)}")
    if not (hurt.get("words") and hurt.get("shelter")):
        raise CrosswalkError("violence needs words and shelter")
    words, shelter = _pattern(hurt["words"]), _pattern(hurt["shelter"])
    more = {part: _pattern(hurt.get(part) or ()) for part in _MORE}
    assert words is not None
    assert shelter is not None
    never = {need: pattern for need, rows in needs.items() if (pattern := _pattern(rows.get("never") or ()))}
    return Crosswalk(
        {
            need: [_line(need, fit, rows.get(key)) for fit, key in ((1, "best"), (2, "helps")) if rows.get(key)]
            for need, rows in needs.items()
        },
        never,
        Violence(frozenset(plain(each) for each in hurt.get("terms") or ()), words, shelter, **more),
    )


def _line(need: str, fit: int, row: Any) -> Line:
    if not isinstance(row, dict) or not set(row) <= {"terms", "words"}:
        raise CrosswalkError(f"{need}: a line has terms and words")
    return Line(fit, frozenset(plain(each) for each in row.get("terms") or ()), _pattern(row.get("words") or ()))


def _found(pattern: re.Pattern[str] | None, words: str) -> bool:
    return pattern is not None and pattern.search(words) is not None


def _pattern(words: Iterable[str]) -> re.Pattern[str] | None:
    """Any of the words, whole, also in the plural."""
    shown = [re.escape(plain(each)) for each in words]
    return re.compile(rf"\b(?:{'|'.join(shown)})(?:s|es)?\b") if shown else None
