"""Whose thread a row belongs to where a phone changes hands, is shared, or a patient has two."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.bootstrap import Deps
from bot.scene import open_scene
from bot.settings import Settings
from bot.store import followups, inbound, patients, phones, tables
from bot.store.database import Transaction
from bot.worker import Worker
from tests.turns.failing_dialog import FailingDialog
from tests.turns.texting import PERSON, arrives, deps_on
from tests.world import StandingClock

FIRST, SECOND = PERSON, "+12025550177"


@pytest.fixture
def deps(
    database_url: str, make_settings: Callable[..., Settings], clock: StandingClock, dialog: FailingDialog
) -> Iterator[Deps]:
    """On a fresh database of each kind; the dialog process always gives the same answer."""
    with deps_on(database_url, make_settings, clock, dialog.url) as deps:
        yield deps


def test_a_follow_up_does_not_go_to_a_number_that_was_replaced(deps: Deps, clock: StandingClock) -> None:
    """It was handed on before the clinic entered another number: whoever has the old one now is told nothing."""
    with deps.db.write() as tx:
        _enter(tx, "pat-1", FIRST)
        followups.plan(tx, "pat-1", "invitation", clock.now(), {}, "one")
    followups.claim_due(deps.db, clock.now(), 10)
    with deps.db.write() as tx:
        old = phones.primary(tx, "pat-1")
        assert old is not None
        phones.unlink(tx, "pat-1", old.id)
        _enter(tx, "pat-1", SECOND)
    assert Worker(deps).turn_once()
    with deps.db.read() as tx:
        assert tx.session.execute(select(tables.Inbound.outcome)).scalars().all() == ["no_longer_reached"]
        assert tx.session.execute(select(tables.Message.id)).scalars().all() == []


def test_a_first_text_from_a_shared_phone_is_nobodys_in_particular(deps: Deps) -> None:
    """Two patients have the phone and neither was texted: who writes gets a record of their own."""
    with deps.db.write() as tx:
        _enter(tx, "pat-1", FIRST)
        _enter(tx, "pat-2", FIRST)
    scene = open_scene(deps, _texted(deps, FIRST))
    assert scene.patient.id not in ("pat-1", "pat-2")


def test_both_phones_of_a_patient_lead_to_the_patient(deps: Deps) -> None:
    """Each phone has its thread; the record is one."""
    with deps.db.write() as tx:
        _enter(tx, "pat-1", FIRST)
        _enter(tx, "pat-1", SECOND)
    here = open_scene(deps, _texted(deps, FIRST))
    there = open_scene(deps, _texted(deps, SECOND))
    assert here.patient.id == there.patient.id == "pat-1"
    assert here.conversation.id != there.conversation.id


def _enter(tx: Transaction, patient_id: str, number: str) -> None:
    patients.upsert(tx, patient_id, profile=patients.Profile(), language="en")
    phones.link(tx, patient_id, phones.find_or_create(tx, number).id)


def _texted(deps: Deps, number: str) -> inbound.ClaimedInbound:
    arrives(deps, "hello", number)
    claimed = inbound.claim(deps.db, "test", timedelta(seconds=30))
    assert claimed is not None
    return claimed
