"""Clocks that are killed or run side by side: nothing is lost, nothing is doubled. Nothing goes at the wrong time."""

from __future__ import annotations

import multiprocessing
import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.bootstrap import build
from bot.cli.loading import open_database
from bot.content import load_content
from bot.explaining import explain
from bot.local_keys import with_keys
from bot.release import release_due
from bot.settings import Settings
from bot.store import consents, followups, inbound, patients, phones, tables
from bot.store.database import Database, upgrade
from tests.api.clinic import Clinic
from tests.api.test_campaigns import INVITE, enter, released
from tests.sending.test_late_invitations import take_turn
from tests.sending.world import World
from tests.world import StandingClock

PATIENTS = 250
ROUNDS = 40
STARTS_WITHIN = 60.0
# Forked, so that what is imported and read already need not be read again: they are killed many times.
FORK = multiprocessing.get_context("fork")


@pytest.mark.timeout(300)
def test_two_clocks_that_are_killed_again_and_again(tmp_path: Path) -> None:
    """kill -9 in the middle of releases: in the end every follow-up was handed on exactly once."""
    env = {"BOT_SIMULATOR": "1", "BOT_DATA_DIR": str(tmp_path / "var"), "PATH": os.environ["PATH"]}
    load_content()
    with open_database(with_keys(Settings.from_env(env))) as database:
        upgrade(database.engine)
        _plan_promises(database)
        for number in range(ROUNDS):
            if not _pending(database):
                break
            _let_two_clocks_run(env, database, seconds=0.02 * (number % 5))
        assert _pending(database) == 0
        with database.read() as tx:
            handed_on = list(tx.session.execute(select(tables.Inbound.message_sid)).scalars())
    assert len(handed_on) == len({sid.split(":")[1] for sid in handed_on}) == PATIENTS


def test_what_is_written_and_comes_too_late_to_be_sent_is_planned_anew(world: World) -> None:
    """The turn was taken before six in the evening and the sender was slow: not tonight, but tomorrow at ten."""
    person = world.person()
    with world.db.write() as tx:
        followup_id = followups.plan(tx, person.patient_id, "check_in", tx.now(), {}, "c:1")
    assert followup_id is not None
    followups.claim_due(world.db, world.clock.now(), 1)
    claimed = inbound.claim(world.db, "w1", timedelta(minutes=1))
    assert claimed is not None
    with world.db.write() as tx:
        inbound.finish(tx, claimed, "answered", person.conversation_id, person.patient_id)
        followups.done(tx, followup_id)
    message = world.queue(person, "How did it go?", proactive=True, priority=1, inbound_id=claimed.id)
    world.clock.advance(hours=8, minutes=1)
    world.send_all()
    assert (world.row(message).state, world.bodies()) == ("refused", [])
    with world.db.read() as tx:
        again = followups.get(tx, followup_id)
    assert again is not None
    assert (again.state, again.reason) == ("held", "quiet_hours")
    assert again.due_at == datetime(2026, 3, 4, 15, tzinfo=UTC)


def test_the_cap_holds_between_patients_of_one_phone_at_the_moment_of_sending(world: World) -> None:
    """What was sent unasked to the phone an hour ago holds the next one back, and a reply never."""
    person = world.person()
    for sid in ("SM1", "SM2"):
        turn = take_turn(world, person, f"followup:{sid}", "due")
        world.queue(person, sid, proactive=True, priority=1, inbound_id=turn)
        world.send_all()
        world.clock.advance(hours=1)
    world.queue(person, "A reply")
    world.send_all()
    assert world.bodies() == ["SM1", "A reply"]


def test_why_somebody_is_texted_or_not_is_said_in_words(clinic: Clinic, clock: StandingClock) -> None:
    """What is held and why, what is done, what was sent; and no text of a message."""
    enter(clinic, "mrn-1")
    clock.set(datetime(2026, 3, 8, 15, tzinfo=UTC))
    clinic.post("/campaigns", INVITE)
    with clinic.deps.db.write() as tx:
        followups.plan(tx, "mrn-1", "note", tx.now(), {}, "c:1")
    release_due(clinic.deps)
    assert released(clinic) == []
    with clinic.deps.db.read() as tx:
        lines = "\n".join(explain(tx, "mrn-1"))
    assert "because it is Sunday there" in lines
    assert "Mon 2026-03-09 10:00 EDT: an invitation to a screening" in lines
    assert "Nothing was sent." in lines


def _plan_promises(database: Database) -> None:
    """Times that patients asked for, where it is about noon now, so that the gate lets all pass."""
    ahead = 12 - database.clock.now().hour
    with database.write() as tx:
        for number in range(PATIENTS):
            patient_id, phone = f"k-{number}", phones.find_or_create(tx, f"+1202456{number:04}")
            patients.upsert(tx, patient_id, profile=patients.Profile(), timezone=f"Etc/GMT{-ahead:+d}")
            phones.link(tx, patient_id, phone.id)
            consents.record(
                tx, patient_id=patient_id, phone_id=phone.id, granted=True, method="test", text_version=None,
                channel="clinic", at=tx.now(),
            )  # fmt: skip
            followups.plan(tx, patient_id, "resume_screening", tx.now(), {}, f"k:{number}")


def _let_two_clocks_run(env: dict[str, str], database: Database, seconds: float) -> None:
    """Until they have begun to release, and so many seconds more."""
    clocks = [FORK.Process(target=_release_for_ever, args=(env,)) for _ in range(2)]
    before, give_up = _pending(database), time.monotonic() + STARTS_WITHIN
    for clock in clocks:
        clock.start()
    while _pending(database) == before and time.monotonic() < give_up:
        time.sleep(0.005)
    time.sleep(seconds)
    for clock in clocks:
        clock.kill()
        clock.join()


def _release_for_ever(env: dict[str, str]) -> None:
    """A clock that does nothing else, with connections of its own."""
    deps = build(Settings.from_env(env))
    while True:
        release_due(deps)
        time.sleep(0.01)


def _pending(database: Database) -> int:
    with database.read() as tx:
        waits = select(func.count()).select_from(tables.FollowUp).where(tables.FollowUp.state.in_(("planned", "held")))
        return int(tx.session.execute(waits).scalar_one())
