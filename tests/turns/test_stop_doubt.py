"""A text that may be a demand to stop is asked about; until the patient writes again nothing goes out unasked.

Nobody is where the dialog manager should be: what is shown here needs none.
"""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bot.bootstrap import Deps
from bot.content.policy import load_policy
from bot.core.gate import may_send
from bot.invitations import Proposal, gather_facts
from bot.store import consents, patients, phones, tables
from tests.turns.texting import PERSON, said, text

DOUBTED = {"en": "your messages are wearing me out every day", "es": "sus textos son una molestia para mi"}


def _blocked(deps: Deps) -> set[str]:
    with deps.db.read() as tx:
        return set(tx.session.execute(select(tables.Suppression.kind)).scalars())


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("answer", ["yes", "si por favor", "STOP", "again"])
def test_a_yes_to_the_question_opts_out(deps: Deps, language: str, answer: str) -> None:
    """In either language; the word STOP, and saying the same once more, do as well."""
    text(deps, DOUBTED[language])
    assert said(deps) == [deps.content.messages[language]["stop_check"]]
    assert _blocked(deps) == {"asked_to_stop"}
    text(deps, DOUBTED[language] if answer == "again" else answer)
    assert _blocked(deps) == {"opted_out"}


def test_nothing_goes_out_unasked_until_the_patient_writes_again(deps: Deps) -> None:
    """What falls due is held; any text ends that, and is answered as always."""
    with deps.db.write() as tx:
        phone = phones.find_or_create(tx, PERSON)
        patient = patients.create_texter(tx, phone.id, "en")
        consents.record(
            tx, patient_id=patient.id, phone_id=phone.id, granted=True, method="sms", text_version="1",
            channel="sms", at=tx.now(),
        )  # fmt: skip

    def refused() -> str:
        with deps.db.read() as tx:
            facts = gather_facts(tx, Proposal(patient.id, "resume_screening"), deps.clock.now())
        return may_send(facts, "resume_screening", deps.clock.now(), load_policy()).reason

    assert refused() != "asked_to_stop"
    text(deps, DOUBTED["en"])
    assert refused() == "asked_to_stop"
    text(deps, "i want to die")
    assert refused() != "asked_to_stop"
    assert "988" in said(deps)[-1]


def test_somebody_who_opted_out_is_not_asked(deps: Deps) -> None:
    """One confirmation of a STOP and no more."""
    text(deps, "STOP")
    text(deps, DOUBTED["en"])
    assert said(deps) == []
    assert _blocked(deps) == {"opted_out"}
