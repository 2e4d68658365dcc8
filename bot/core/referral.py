"""How a referral stands, worked out from everything that was said about it.

The patient, the partner, the community health worker (CHW) and the programme itself report; each report is kept as
it came. :func:`reconcile` folds them, in the order of their time, into one state. Which words there are, where each
leads and which contradict each other is data: ``dialogs/content/referral.yml``. A CHW's word leads anywhere: the CHW
settles what the others say.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

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
COMPLETED = "completed"
# A time that a place proposes lies within a year.
FURTHEST = timedelta(days=366)
DISPUTED = "disputed"


class UnknownReport(ValueError):
    """This source has no such word, or the word no such reason."""


@dataclass(frozen=True)
class Word:
    """What one source can say. ``state`` is where it leads, None for nowhere; ``then`` what the programme does.

    ``disputes``: it takes back an end as completed. ``calm``: things go well. ``needs_time``: it proposes a time.
    ``also`` are other names by which the API takes it.
    """

    state: str | None
    reason: str
    then: str | None = None
    reasons: tuple[str, ...] = ()
    disputes: bool = False
    calm: bool = False
    needs_time: bool = False
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Contradiction:
    """Words of ``later`` (source and words), said after words of ``earlier``, cannot both be true."""

    later: tuple[str, frozenset[str]]
    earlier: tuple[str, frozenset[str]]


@dataclass(frozen=True)
class Rules:
    """The table of transitions, the words of every source, and which words contradict each other.

    The table binds everybody but the CHW.
    """

    transitions: Mapping[str, frozenset[str]]
    words: Mapping[str, Mapping[str, Word]]
    contradictions: tuple[Contradiction, ...] = ()

    def named(self, source: str, name: str) -> str:
        """The word of the source that also goes by ``name``; ``name`` itself where there is none."""
        words = self.words.get(source, {})
        return name if name in words else next((each for each in words if name in words[each].also), name)

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


def as_counted(opened_at: datetime, recorded: Iterable[Report]) -> list[Report]:
    """The reports, in the order in which they were recorded, each with the time from which it counts.

    Nothing counts from before the referral was opened, nor from before the programme's last word, which was said
    because nothing was known. A CHW knows the record: their word counts after all that was recorded before it.
    """
    programme = latest = opened_at
    counted = []
    for report in recorded:
        at = max(report.at, latest if report.source == CHW else programme)
        programme = at if report.source == PROGRAMME else programme
        latest = max(latest, at)
        counted.append(replace(report, at=at))
    return counted


def may_be_proposed(at: datetime, now: datetime) -> bool:
    """Whether a place may propose this time: one that is to come, within a year. Both aware."""
    return now < at < now + FURTHEST


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
    if word.disputes and standing.state == COMPLETED and standing.said_by != CHW:
        return Standing("in_progress", DISPUTED, report.source)
    if word.state is None or not _leads(rules, standing, report.source, word.state):
        return standing
    return Standing(word.state, report.reason or word.reason, report.source)


def _leads(rules: Rules, standing: Standing, source: str, state: str) -> bool:
    return source == CHW or (state in rules.transitions[standing.state] and _may_undo(standing, source))


def _may_undo(standing: Standing, source: str) -> bool:
    """An end that a CHW gave is only undone by a CHW, one that the patient gave by the patient.

    A place may correct its own, and anybody one that only the programme gave, which knew of nothing.
    """
    if not standing.is_closed:
        return True
    if source == PROGRAMME or standing.said_by == CHW:
        return False
    return source == PATIENT or standing.said_by in (PROGRAMME, source)


def _contradicts(each: Contradiction, latest: Mapping[str, tuple[int, str]], settled: int) -> bool:
    later = latest.get(each.later[0])
    earlier = latest.get(each.earlier[0])
    if later is None or earlier is None or later[0] < settled:
        return False
    return later[0] > earlier[0] and later[1] in each.later[1] and earlier[1] in each.earlier[1]
