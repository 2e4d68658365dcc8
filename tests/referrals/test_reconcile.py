"""What everybody said becomes one state: for every sequence, in any order of arrival."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.content.referral import load_referral
from bot.core.referral import (
    CHW,
    CLOSED,
    PARTNER,
    PATIENT,
    PROGRAMME,
    SOURCES,
    STATES,
    Report,
    Standing,
    UnknownReport,
    as_counted,
    reconcile,
)

CONTENT = load_referral()
RULES = CONTENT.rules
BEGAN = datetime(2026, 3, 3, 15, tzinfo=UTC)
WORDS = [(source, word) for source in SOURCES for word in RULES.words[source]]
# The shortest way into each state.
WAYS: dict[str, list[tuple[str, str]]] = {
    "offered": [],
    "accepted": [("patient", "agreed")],
    "requested": [("patient", "agreed"), ("programme", "told_partner")],
    "contacted": [("patient", "agreed"), ("programme", "told_partner"), ("partner", "accepted")],
    "in_progress": [("patient", "agreed"), ("programme", "told_partner"), ("partner", "appointment")],
    "waitlisted": [("patient", "agreed"), ("programme", "told_partner"), ("partner", "waitlisted")],
    "completed": [("patient", "agreed"), ("patient", "got_help")],
    "declined": [("patient", "declined")],
    "rejected": [("patient", "agreed"), ("partner", "declined")],
    "failed": [("patient", "agreed"), ("programme", "no_response")],
    "cancelled": [("patient", "agreed"), ("patient", "no_longer_needed")],
}


def said(*words: tuple[str, str]) -> list[Report]:
    """These words, one a day."""
    return [Report(source, word, BEGAN + timedelta(days=day)) for day, (source, word) in enumerate(words)]


reports = st.lists(st.sampled_from(WORDS), max_size=12).map(lambda words: said(*words))


@given(reports)
def test_no_report_moves_a_referral_where_the_table_does_not_lead(sequence: list[Report]) -> None:
    """Each step is one of the table, or the word of a CHW."""
    states = [reconcile(RULES, sequence[:end]).state for end in range(len(sequence) + 1)]
    steps = zip(itertools.pairwise(states), sequence, strict=True)
    moved = [(one, two) for (one, two), by in steps if one != two and by.source != CHW]
    assert all(two in RULES.transitions[one] for one, two in moved)


@given(reports)
def test_an_end_is_only_undone_by_whom_it_is_for(sequence: list[Report]) -> None:
    """A CHW's by a CHW, the patient's by these two, a place's by these and itself, and none by the programme."""
    standings = [reconcile(RULES, sequence[:end]) for end in range(len(sequence) + 1)]
    may = {CHW: {CHW}, PATIENT: {CHW, PATIENT}, PARTNER: {CHW, PATIENT, PARTNER}, PROGRAMME: {CHW, PATIENT, PARTNER}}
    disputed = {word for word in RULES.words[PATIENT] if RULES.words[PATIENT][word].disputes}
    for (one, two), by in zip(itertools.pairwise(standings), sequence, strict=True):
        if one.is_closed and one.state != two.state:
            assert one.said_by is not None
            assert by.source in may[one.said_by] or (by.word in disputed and one.said_by != CHW)


@given(reports)
def test_every_sequence_ends_closed_with_a_reason_when_time_runs_out(sequence: list[Report]) -> None:
    """Whatever was said before, the end of time closes it, and says why and by whose word."""
    ended = reconcile(RULES, [*sequence, Report("programme", "time_reached", BEGAN + timedelta(days=365))])
    assert ended.is_closed
    assert ended.reason
    assert ended.said_by in SOURCES


@given(reports, st.randoms(use_true_random=False))
def test_the_order_of_arrival_does_not_matter(sequence: list[Report], random: object) -> None:
    """Reports are taken in the order of their time."""
    shuffled = list(sequence)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert reconcile(RULES, shuffled) == reconcile(RULES, sequence)


@given(reports)
def test_the_word_of_a_chw_settles_every_conflict(sequence: list[Report]) -> None:
    """After a CHW has spoken there is none until somebody speaks again."""
    settled = reconcile(RULES, [*sequence, Report(CHW, "in_progress", BEGAN + timedelta(days=300))])
    assert not settled.conflict


@pytest.mark.parametrize("state", STATES)
def test_there_is_a_way_into_every_state(state: str) -> None:
    """The ways that the table below starts from are right."""
    assert state == reconcile(RULES, said(*WAYS[state])).state


@pytest.mark.parametrize(("state", "source", "word"), [(s, *w) for s in STATES for w in WORDS])
def test_each_report_in_each_state(state: str, source: str, word: str) -> None:
    """It leads where its row says if the table allows it there, and else it is heard and changes nothing.

    What a CHW says leads there from anywhere.
    """
    before = reconcile(RULES, said(*WAYS[state]))
    after = reconcile(RULES, said(*WAYS[state], (source, word)))
    meant = RULES.words[source][word]
    undone_by = (CHW, PATIENT, PARTNER) if before.said_by in (PROGRAMME, PARTNER) else (CHW, PATIENT)
    leads = meant.state in RULES.transitions[state] and (state not in CLOSED or source in undone_by)
    if meant.disputes and state == "completed":
        assert (after.state, after.reason) == ("in_progress", "disputed")
    elif leads or (source == CHW and meant.state):
        assert (meant.state, meant.reason, source) == (after.state, after.reason, after.said_by)
    else:
        assert (before.state, before.reason) == (after.state, after.reason)


@pytest.mark.parametrize(
    ("words", "state", "conflict"),
    [
        pytest.param([("partner", "helped"), ("patient", "never_heard")], "in_progress", True, id="patient disputes"),
        pytest.param([("patient", "never_heard"), ("partner", "helped")], "completed", False, id="helped later"),
        pytest.param([("patient", "got_help"), ("partner", "not_helped")], "completed", True, id="partner disputes"),
        pytest.param([("partner", "declined"), ("patient", "got_help")], "completed", True, id="helped all the same"),
        pytest.param([("patient", "got_help"), ("partner", "helped")], "completed", False, id="both agree"),
        pytest.param(
            [("partner", "helped"), ("patient", "never_heard"), ("chw", "completed")], "completed", False, id="settled"
        ),
        pytest.param([("partner", "helped"), ("patient", "waiting")], "in_progress", True, id="still waits"),
        pytest.param([("chw", "completed"), ("patient", "never_heard")], "completed", True, id="CHW disputed"),
        pytest.param([("chw", "completed"), ("partner", "declined")], "completed", True, id="CHW disputed by place"),
        pytest.param([("chw", "failed"), ("patient", "got_help")], "failed", True, id="helped after a CHW's end"),
        pytest.param([("chw", "failed"), ("partner", "helped")], "failed", True, id="place helped after it"),
        pytest.param(
            [("chw", "completed"), ("patient", "never_heard"), ("chw", "failed")], "failed", False, id="CHW corrects"
        ),
    ],
)
def test_words_that_contradict_each_other(words: list[tuple[str, str]], state: str, conflict: bool) -> None:
    """The patient's word counts, or that of the CHW who had settled it, and a CHW is to look at it."""
    found = reconcile(RULES, said(("patient", "agreed"), ("programme", "told_partner"), *words))
    assert (state, conflict) == (found.state, found.conflict)


@pytest.mark.parametrize("state", [state for state in STATES if state not in CLOSED])
def test_who_still_waits_changes_nothing(state: str) -> None:
    """Where it stands is kept, and by whose word: nobody was in touch because the patient waits."""
    before = reconcile(RULES, said(*WAYS[state]))
    assert before == reconcile(RULES, said(*WAYS[state], (PATIENT, "waiting")))


@pytest.mark.parametrize(
    ("words", "late", "state"),
    [
        pytest.param([("partner", "waitlisted")], 2000, "waitlisted", id="before the referral was opened"),
        pytest.param([("programme", "no_response"), ("partner", "accepted")], 1, "contacted", id="before it was over"),
        pytest.param([("partner", "accepted"), ("chw", "waitlisted")], 1, "waitlisted", id="a CHW who knows the rest"),
        pytest.param([("patient", "got_help"), ("partner", "appointment")], 1, "completed", id="what came before"),
    ],
)
def test_what_is_dated_back_counts(words: list[tuple[str, str]], late: int, state: str) -> None:
    """From no earlier than it can: the last of these is said to have been so many days earlier."""
    recorded = said(("patient", "agreed"), ("programme", "told_partner"), *words)
    last = recorded.pop()
    recorded.append(Report(last.source, last.word, last.at - timedelta(days=late, minutes=1)))
    assert state == reconcile(RULES, as_counted(BEGAN, recorded)).state


def test_a_reason_that_the_word_does_not_have_is_refused() -> None:
    """So is a word that the source does not have."""
    with pytest.raises(UnknownReport):
        reconcile(RULES, [Report(PATIENT, "declined", BEGAN, "no_capacity")])
    with pytest.raises(UnknownReport):
        reconcile(RULES, [Report(PATIENT, "helped", BEGAN)])


def test_nothing_said_is_a_place_that_was_offered() -> None:
    """The beginning."""
    assert Standing("offered", None, None, False) == reconcile(RULES, [])
