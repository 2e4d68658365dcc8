"""A text that may be a demand to stop is asked about; until the patient writes again nothing goes out unasked.

Nobody is where the dialog manager should be: what is shown here needs none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from sqlalchemy import select

from bot import bootstrap
from bot.adapters.dialog_client import HttpDialog
from bot.bootstrap import Deps
from bot.content.policy import load_policy
from bot.core.gate import may_send
from bot.invitations import Proposal, gather_facts
from bot.processes import free_port
from bot.settings import Settings
from bot.store import consents, inbound, patients, phones, tables
from bot.store.database import Database, make_engine
from bot.worker import Worker
from tests.world import CountedIds, StandingClock

PERSON = "+12025550123"
DOUBTED = {"en": "your messages are wearing me out every day", "es": "sus textos son una molestia para mi"}


@pytest.fixture
def deps(sqlite_url: str, make_settings: Callable[..., Settings], clock: StandingClock) -> Iterator[Deps]:
    """Real dependencies, and nobody where the dialog manager should be."""
    built = bootstrap.build(make_settings(BOT_DATABASE_URL=sqlite_url))
    ids = CountedIds()
    db = Database(make_engine(sqlite_url), built.vault, clock, ids)
    yield replace(built, clock=clock, new_id=ids, db=db, dialog=HttpDialog(f"http://127.0.0.1:{free_port()}"))
    db.engine.dispose()
    built.db.engine.dispose()


def _text(deps: Deps, body: str) -> None:
    with deps.db.write() as tx:
        sid = tx.new_id("SM")
        inbound.store(
            tx, message_sid=sid, kind="text", channel="sms", from_address=PERSON, to_address="+12025550100",
            body=body, received_at=tx.now(),
        )  # fmt: skip
    Worker(deps).turn_once()


def _said(deps: Deps) -> list[str]:
    with deps.db.read() as tx:
        rows = tx.session.execute(select(tables.Message).order_by(tables.Message.seq)).scalars()
        return [tx.vault.open(row.body_sealed, "message.body_sealed") for row in rows]


def _blocked(deps: Deps) -> set[str]:
    with deps.db.read() as tx:
        return set(tx.session.execute(select(tables.Suppression.kind)).scalars())


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("answer", ["yes", "si por favor", "STOP", "again"])
def test_a_yes_to_the_question_opts_out(deps: Deps, language: str, answer: str) -> None:
    """In either language; the word STOP, and saying the same once more, do as well."""
    _text(deps, DOUBTED[language])
    assert _said(deps) == [deps.content.messages[language]["stop_check"]]
    assert _blocked(deps) == {"asked_to_stop"}
    _text(deps, DOUBTED[language] if answer == "again" else answer)
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
    _text(deps, DOUBTED["en"])
    assert refused() == "asked_to_stop"
    _text(deps, "i want to die")
    assert refused() != "asked_to_stop"
    assert "988" in _said(deps)[-1]


def test_somebody_who_opted_out_is_not_asked(deps: Deps) -> None:
    """One confirmation of a STOP and no more."""
    _text(deps, "STOP")
    _text(deps, DOUBTED["en"])
    assert _said(deps) == []
    assert _blocked(deps) == {"opted_out"}
