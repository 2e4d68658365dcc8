"""How a referral stands, worked out from everything that was said about it.

The patient, the partner, the community health worker (CHW) and the programme itself report; each report is kept as
it came. :func:`reconcile` folds them, in the order of their time, into one state. Which words there are, where each
leads and which contradict each other is data: ``dialogs/content/referral.yml``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

PATIENT, PARTNER, CHW, PROGRAMME = "patient", "partner", "chw", "programme"
SOURCES = (PATIENT, PARTNER, CHW, PROGRAMME)
STATES = (
    "offered",
    "accepted",
    "requested",
    "contacted",
    "in_progress",
    "waitlisted",
    "completed",
    "declined",
    "rejected",
    "failed",
    "cancelled",
)
CLOSED = frozenset({"completed", "declined", "rejected", "failed", "cancelled"})
FIRST = "offered"
DISPUTED = "disputed"


class UnknownReport(ValueError):
    """This source has no such word, or the word no such reason."""


@dataclass(frozen=True)
class Word:
    """What one source can say. ``state`` is where it leads, None for nowhere; ``then`` what the programme does.

    ``disputes``: it takes back an end as completed. ``calm``: things go well.
    """

    state: str | None
    reason: str
    then: str | None = None
    reasons: tuple[str, ...] = ()
    disputes: bool = False
    calm: bool = False


@dataclass(frozen=True)
class Contradiction:
    """Words of ``later`` (source and words), said after words of ``earlier``, cannot both be true."""

    later: tuple[str, frozenset[str]]
    earlier: tuple[str, frozenset[str]]


@dataclass(frozen=True)
class Rules:
    """The table of transitions, the words of every source, and which words contradict each other."""

    transitions: Mapping[str, frozenset[str]]
    words: Mapping[str, Mapping[str, Word]]
    contradictions: tuple[Contradiction, ...] = ()

    def word(self, source: str, name: str, reason: str | None = None) -> Word:
        """What this means. Raises :class:`UnknownReport` for what the source cannot say."""
        word = self.words.get(source, {}).get(name)
        if word is None:
            raise UnknownReport(f"{source} cannot report {name}")
        if reason is not None and reason not in word.reasons and reason != word.reason:
            raise UnknownReport(f"{name} has no reason {reason}")
        return word


@dataclass(frozen=True)
class Report:
    """What ``source`` said at ``at`` (aware); ``reason`` where the word allows one."""

    source: str
    word: str
    at: datetime
    reason: str | None = None


@dataclass(frozen=True)
class Standing:
    """Where a referral is, why, and by whose word. ``conflict``: two sources said what cannot both be true."""

    state: str = FIRST
    reason: str | None = None
    said_by: str | None = None
    conflict: bool = False

    @property
    def is_closed(self) -> bool:
        """Whether it has ended."""
        return self.state in CLOSED


def reconcile(rules: Rules, reports: Iterable[Report]) -> Standing:
    """The standing after all reports, whatever their order: they are taken in the order of their time.

    A report that the table does not allow from where the referral stands is heard and changes nothing. Raises
    :class:`UnknownReport`.
    """
    ordered = sorted(reports, key=lambda report: report.at)
    standing = Standing()
    for report in ordered:
        standing = _after(rules, standing, report)
    return Standing(standing.state, standing.reason, standing.said_by, in_conflict(rules, ordered))


def in_conflict(rules: Rules, ordered: Sequence[Report]) -> bool:
    """Whether the last words of two sources contradict each other and no CHW has spoken since; oldest first."""
    latest: dict[str, tuple[int, str]] = {}
    for place, report in enumerate(ordered):
        if rules.word(report.source, report.word).state or rules.word(report.source, report.word).disputes:
            latest[report.source] = (place, report.word)
    settled = latest.get(CHW, (-1, ""))[0]
    return any(_contradicts(each, latest, settled) for each in rules.contradictions)


def is_calm(rules: Rules, reports: Iterable[Report]) -> bool:
    """Whether the last word of patient, partner or CHW says that things go well."""
    heard = [report for report in sorted(reports, key=lambda each: each.at) if report.source != PROGRAMME]
    return bool(heard) and rules.word(heard[-1].source, heard[-1].word).calm


def _after(rules: Rules, standing: Standing, report: Report) -> Standing:
    word = rules.word(report.source, report.word, report.reason)
    if word.disputes and standing.state == "completed" and standing.said_by != CHW:
        return Standing("in_progress", DISPUTED, report.source)
    if word.state is None or word.state not in rules.transitions[standing.state]:
        return standing
    if not _may_undo(standing, report):
        return standing
    return Standing(word.state, report.reason or word.reason, report.source)


def _may_undo(standing: Standing, report: Report) -> bool:
    """An end is only undone by the patient or a CHW, and a CHW's by a CHW."""
    if not standing.is_closed:
        return True
    return report.source == CHW or (report.source == PATIENT and standing.said_by != CHW)


def _contradicts(each: Contradiction, latest: Mapping[str, tuple[int, str]], settled: int) -> bool:
    later = latest.get(each.later[0])
    earlier = latest.get(each.earlier[0])
    if later is None or earlier is None or later[0] < settled:
        return False
    return later[0] > earlier[0] and later[1] in each.later[1] and earlier[1] in each.earlier[1]
