"""Every alarm in every state of a conversation, in both languages, with the dialog manager away.

It guards against a state in which something answers before safety does.
"""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from bot.bootstrap import Deps
from bot.core.screening import Progress
from bot.store import alerts, conversations, patients, phones, screenings, suppressions, tables
from tests.turns.texting import PERSON, said, text

INSTRUMENT = "ahc-hrsn-core"
WORDS = {
    "en": {
        "crisis": "i want to die",
        "emergency": "i think im having a heart attack",
        "danger": "my husband is beating me",
        "abuse_report": "my stepdad touches my sister",
        "no_food": "my kids have nothing to eat tonight",
        "no_shelter": "nowhere to sleep tonight",
        "shut_off": "they are cutting off my power today",
    },
    "es": {
        "crisis": "quiero quitarme la vida",
        "emergency": "me duele mucho el pecho",
        "danger": "mi esposo me esta golpeando",
        "abuse_report": "mi padrastro toca a mi hermanita",
        "no_food": "mis hijos no han comido hoy",
        "no_shelter": "no tengo donde dormir esta noche",
        "shut_off": "hoy me cortan la luz",
    },
}
NUMBERS = {"crisis": "988", "emergency": "911", "danger": "911", "abuse_report": "911"}
STATES = (
    "no consent", "consent form", "screening item", "private item", "privacy gate", "menu", "opted out", "paused",
    "completed",
)  # fmt: skip


def _put_into(deps: Deps, state: str, language: str) -> None:
    """The patient's thread is in this state."""
    if state == "no consent":
        return
    instrument = deps.content.instruments[INSTRUMENT]
    items = [item for item in instrument.items if item.options]
    private = next(item for item in items if item.private)
    with deps.db.write() as tx:
        phone = phones.find_or_create(tx, PERSON)
        patient = patients.create_texter(tx, phone.id, language)
        thread = conversations.find_or_create(tx, phone.id, patient.id, language)
        phones.make_current(tx, phone.id, thread.id)
        forms = {"consent form": "consent_form", "menu": "menu_form"}
        slots: dict[str, Any] = {"conversation": {"consent": state != "consent form", "language": language}}
        if state in ("screening item", "private item", "privacy gate", "paused"):
            screenings.start(tx, patient.id, thread.id, INSTRUMENT, instrument.version, language, "sms")
            at = items[0] if state in ("screening item", "paused") else private
            progress = Progress(INSTRUMENT, instrument.version, at.link_id, gate=state == "privacy gate", cleared=True)
            slots["screening"] = progress.to_json()
            forms |= dict.fromkeys(("screening item", "private item", "privacy gate"), "screening_form")
        body: dict[str, Any] = {"slots": slots} | ({"form": forms[state]} if state in forms else {})
        conversations.save_state(tx, thread.id, thread.version, body, language)
        if state == "opted out":
            suppressions.add(tx, phone.number_hash, "opted_out", "keyword")


def _begins(deps: Deps, key: str, language: str) -> str:
    """The beginning of one of our messages, up to what is filled in."""
    return deps.content.messages[language][key].split("{")[0].strip()


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("kind", WORDS["en"])
def test_every_alarm_is_answered_and_told_in_every_state(deps: Deps, kind: str, state: str, language: str) -> None:
    """The right words, in the language; an open case, and its alerts planned, from the same transaction."""
    _put_into(deps, state, language)
    text(deps, WORDS[language][kind])
    body = said(deps)[0]
    assert _begins(deps, kind, language) in body
    assert NUMBERS.get(kind, "211") in body
    assert "1-800-799" not in body
    with deps.db.read() as tx:
        (case,) = tx.session.execute(select(tables.Escalation)).scalars()
        assert (case.kind, case.state) == (kind, "open")
        assert case.urgency == ("now" if kind in NUMBERS else "today")
        assert [plan.escalation_id for plan in alerts.due(tx, 5)] == [case.id]
        assert case.inbound_id == tx.session.execute(select(tables.Inbound.id)).scalar_one()


@pytest.mark.parametrize(
    ("first", "answer", "key", "urgency"),
    [
        ("i cant go on", "yes im ok just venting", "safety_well", "now"),
        ("i cant go on", "no", "crisis", "now"),
        ("i cant go on", "not really", "crisis", "now"),
        ("ya no puedo mas", "si estoy bien era broma", "safety_well", "now"),
        ("ya no puedo mas", "no", "crisis", "now"),
        ("he hits me", "yes", "danger_safe_to_talk", "now"),
        ("he hits me", "no", "danger_not_safe", "now"),
        ("the fridge is empty", "yes", "no_food", "today"),
        ("the fridge is empty", "no", "safety_well", "today"),
    ],
)
def test_the_answer_to_what_is_asked_is_understood(deps: Deps, first: str, answer: str, key: str, urgency: str) -> None:
    """All well, not well, safe to text or not; with the dialog manager away, and one case all the while."""
    text(deps, first)
    text(deps, answer)
    said_now = said(deps)[-1]
    assert any(_begins(deps, key, language) in said_now for language in ("en", "es"))
    with deps.db.read() as tx:
        (case,) = tx.session.execute(select(tables.Escalation)).scalars()
        assert (case.state, case.urgency) == ("open", urgency)
