"""What everybody said becomes one state: for every sequence, in any order of arrival."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.content.referral import load_referral
from bot.core.referral import CHW, CLOSED, PATIENT, SOURCES, STATES, Report, Standing, UnknownReport, reconcile

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
    """Each step is one of the table."""
    states = [reconcile(RULES, sequence[:end]).state for end in range(len(sequence) + 1)]
    moved = [(one, two) for one, two in itertools.pairwise(states) if one != two]
    assert all(two in RULES.transitions[one] for one, two in moved)


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
    """It leads where its row says if the table allows it there, and else it is heard and changes nothing."""
    before = reconcile(RULES, said(*WAYS[state]))
    after = reconcile(RULES, said(*WAYS[state], (source, word)))
    meant = RULES.words[source][word]
    if meant.disputes and state == "completed":
        assert (after.state, after.reason) == ("in_progress", "disputed")
    elif meant.state in RULES.transitions[state] and (state not in CLOSED or source in (CHW, PATIENT)):
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
    ],
)
def test_words_that_contradict_each_other(words: list[tuple[str, str]], state: str, conflict: bool) -> None:
    """The patient's word counts, and a CHW is to look at it."""
    found = reconcile(RULES, said(("patient", "agreed"), ("programme", "told_partner"), *words))
    assert (state, conflict) == (found.state, found.conflict)


def test_a_reason_that_the_word_does_not_have_is_refused() -> None:
    """So is a word that the source does not have."""
    with pytest.raises(UnknownReport):
        reconcile(RULES, [Report(PATIENT, "declined", BEGAN, "no_capacity")])
    with pytest.raises(UnknownReport):
        reconcile(RULES, [Report(PATIENT, "helped", BEGAN)])


def test_nothing_said_is_a_place_that_was_offered() -> None:
    """The beginning."""
    assert Standing("offered", None, None, False) == reconcile(RULES, [])
