"""What an import did, and what it refused and why: file, row and column."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

# What is kept for the report; more of the same says nothing new, and memory has an end.
MOST_KEPT = 2000


@dataclass(frozen=True)
class Where:
    """A place in a package: the file, its row (CSV: the line of the header is 1) or item, from 1."""

    file: str
    row: int | None = None


@dataclass(frozen=True)
class Problem:
    """Something that was refused or changed. ``refused`` is what was left out: ``listing``, or a part of it."""

    where: Where
    column: str
    why: str
    refused: str

    def to_json(self) -> dict[str, Any]:
        """As JSON, for ``--report``."""
        place = {"file": self.where.file, "row": self.where.row, "column": self.column}
        return {**place, "why": self.why, "refused": self.refused}

    def __str__(self) -> str:
        row = "" if self.where.row is None else f", row {self.where.row}"
        column = f", {self.column}" if self.column else ""
        return f"{self.where.file}{row}{column}: {self.why} ({self.refused} left out)"


@dataclass
class Report:
    """Collects problems while a package is read; keeps the first ones, counts all."""

    problems: list[Problem] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    _seen: set[int] = field(default_factory=set)

    def refuse(self, where: Where, column: str, why: str, refused: str = "listing") -> None:
        """Note that something was left out."""
        problem = Problem(where, column, why, refused)
        # What belongs to several listings is read with each of them.
        if hash(problem) in self._seen:
            return
        self._seen.add(hash(problem))
        self.counts[refused] += 1
        if len(self.problems) < MOST_KEPT:
            self.problems.append(problem)

    @property
    def refused(self) -> int:
        """How many whole listings were refused."""
        return self.counts["listing"]
