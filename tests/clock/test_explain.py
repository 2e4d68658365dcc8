"""What `bot explain` says: true of each kind of text, and in plain words for every kind and every reason."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

import bot
from bot.abandoned import drop_reminders
from bot.content.policy import load_policy
from bot.core import caps, gate, hours, referral
from bot.explaining import explain
from bot.plain_words import KINDS, REASONS
from bot.release import HANDLERS
from bot.store import followups, screenings
from tests.api.clinic import Clinic
from tests.api.test_campaigns import enter
from tests.campaigns.test_screened_recently import AT_ITS_END, screened
from tests.clock.test_reminders import begin
from tests.world import StandingClock

SOURCES = Path(bot.__file__).parent
# Where a reason is given: the name of the call, and which argument it is.
GIVEN = {"drop": 2, "hold": 2, "plan_anew": 2, "drop_planned": 3, "drop_for_patient": 2, "end_outreach": 2, "refuse": 2}
GIVEN |= {"Decision": 1, "end": 3}


def told(clinic: Clinic) -> str:
    """What is said of mrn-1."""
    with clinic.deps.db.read() as tx:
        return "\n".join(explain(tx, "mrn-1"))


def test_an_invitation_is_judged_by_itself(clinic: Clinic) -> None:
    """Who was screened not long ago is not invited, and gets every other text."""
    enter(clinic, "mrn-1")
    screened(clinic, "completed", AT_ITS_END)
    said = told(clinic)
    assert "A text that nobody asked for may go out now." in said
    assert "But an invitation to a screening may not: the patient was screened not long ago." in said


def test_a_kind_that_may_go_out_is_named(clinic: Clinic, clock: StandingClock) -> None:
    """While a screening is open only its reminder may; at night not even that, but the time that was asked for."""
    enter(clinic, "mrn-1")
    begin(clinic)
    assert "may go out now: a screening is open, and one thing comes at a time.\nBut a reminder of" in told(clinic)
    with clinic.deps.db.write() as tx:
        drop_reminders(tx, "mrn-1", screenings.in_progress(tx, "mrn-1")[0].id)
        screenings.complete(tx, screenings.in_progress(tx, "mrn-1")[0].id, "completed", {})
        followups.plan(tx, "mrn-1", "resume_screening", clock.now() + timedelta(days=9), {}, "asked")
    clock.advance(hours=9, minutes=30)
    said = told(clinic)
    assert "may go out now: it is outside the allowed hours there, until Wed 2026-03-04 10:00 EST." in said
    assert "But the text that the patient asked for may." in said
    assert "Nor may an invitation to a screening: the patient was screened not long ago." in said


def test_a_screening_that_has_ended_is_not_reminded_of(clinic: Clinic) -> None:
    """Neither planned nor listed as such."""
    enter(clinic, "mrn-1")
    begin(clinic)
    assert ": a reminder of the open screening" in told(clinic)
    with clinic.deps.db.write() as tx:
        drop_reminders(tx, "mrn-1", screenings.in_progress(tx, "mrn-1")[0].id)
    said = told(clinic)
    assert "Nothing is planned." in said
    assert "a reminder of the open screening, dropped, because the screening has ended" in said


@pytest.mark.parametrize("kind", sorted({*load_policy().kinds, *HANDLERS}))
def test_every_kind_has_plain_words(kind: str) -> None:
    """Of the rules, and of the code."""
    assert kind in KINDS


def test_every_reason_has_plain_words() -> None:
    """Those of the gate, the hours, the caps and of ends, and all that the code names where it holds or drops."""
    known = {reason for reason, _ in gate.REFUSALS} | referral.CLOSED
    known |= {hours.QUIET_HOURS, hours.SUNDAY, hours.HOLIDAY, caps.DAY_CAP, caps.WEEK_CAP, gate.NOT_SAFE, gate.MISSED}
    known |= {"campaign_paused", "campaign_cancelled"}
    named = {reason for file in SOURCES.rglob("*.py") for reason in _reasons(file)}
    assert len(named) > 15
    assert (known | named) - {""} - REASONS.keys() == set()


def _reasons(file: Path) -> Iterator[str]:
    """The reasons that a module gives by a literal or by a constant of its own or of another."""
    text = file.read_text(encoding="utf-8")
    if "followup" not in text and "drop_planned" not in text and "Decision" not in text:
        return
    module = importlib.import_module(".".join(("bot", *file.relative_to(SOURCES).with_suffix("").parts)))
    for call in (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)):
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        given = [*call.args, *(each.value for each in call.keywords if each.arg == "reason")]
        at = GIVEN.get(name, len(given))
        for argument in given[at : at + 1]:
            value = getattr(argument, "value", None) or getattr(module, getattr(argument, "id", ""), None)
            if isinstance(value, str):
                yield value
