"""A year of follow-ups for people who answer, are silent, are late, move, opt out or share a phone, with a fixed seed.

The turn is stood in for (a text for each follow-up, an answer by chance); gate, release, sender and database are real.
Nothing goes outside the hours, over a cap, after an opt-out, or twice; every promise is kept; the same seed is the
same year.
"""

from __future__ import annotations

import random
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine

from bot import reminders, rescreening
from bot.adapters.places import holidays_of
from bot.campaigns import Outreach, create_campaign
from bot.content import Content, load_content
from bot.core.caps import DAY, WEEK
from bot.opting_out import opt_out_phone
from bot.release import release_due
from bot.sending.sender import Sender
from bot.store import consents, conversations, followups, inbound, outbox, patients, phones, screenings
from bot.store.database import Database, Transaction, make_engine
from bot.store.vault import Vault
from tests.conftest import MakeSettings
from tests.sending.world import World
from tests.world import START, CountedIds, StandingClock

PEOPLE = 40
CORE = "ahc-hrsn-core"
ZONES = ("America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles", "Pacific/Honolulu")
LAST = START + timedelta(days=400)
KINDS = {"campaign_invitation", "screening_reminder", "resume_screening", "rescreening"}


Live = Callable[[int], "Year"]


@dataclass(frozen=True)
class Sent:
    """One text: when, to whom, at which number, about what, and the zone the person was in then."""

    at: datetime
    who: str
    number: str
    kind: str
    zone: str


@dataclass
class Year:
    """What happened: who was texted when about what, by phone; and when each phone opted out."""

    world: World
    content: Content
    chance: random.Random
    sent: list[Sent] = field(default_factory=list)
    opted_out: dict[str, datetime] = field(default_factory=dict)
    promised: dict[str, list[datetime]] = field(default_factory=lambda: defaultdict(list))

    def live(self) -> None:
        """From one due thing to the next until the year is over."""
        deps = replace(self.world.deps, content=self.content)
        sender = self.world.sender()
        self._take_turns(sender)
        while (at := self._next()) is not None and at < LAST:
            self.world.clock.set(max(at, self.world.clock.now()))
            release_due(deps)
            self._take_turns(sender)

    def _take_turns(self, sender: Sender) -> None:
        while (row := inbound.claim(self.world.db, "w", timedelta(minutes=1))) is not None:
            self._turn(row, sender)

    def _next(self) -> datetime | None:
        with self.world.db.read() as tx:
            return followups.next_due(tx)

    def _turn(self, row: inbound.ClaimedInbound, sender: Sender) -> None:
        who, kind = row.detail["patient_id"], row.detail["followup_kind"]
        phone_id = row.detail["phone_id"]
        with self.world.db.write() as tx:
            thread = conversations.find_or_create(tx, phone_id, who, "en")
            inbound.finish(tx, row, "answered", thread.id, who)
            followups.done(tx, row.detail["followup_id"])
            outbox.put(
                tx, conversation_id=thread.id, patient_id=who, phone_id=phone_id, inbound_id=row.id, channel="sms",
                body=f"{kind} {row.detail['followup_id']}", purpose="said", segments=1, proactive=True, priority=1,
                enrolment_id=row.detail.get("enrolment_id"),
            )  # fmt: skip
        before = len(self.world.twilio.kept)
        self.world.send_all(sender)
        assert len(self.world.twilio.kept) == before + 1, (kind, self.world.clock.now())
        with self.world.db.write() as tx:
            patient = patients.get(tx, who)
            assert patient is not None
            zone = patient.timezone or "America/New_York"
            self.sent.append(Sent(self.world.clock.now(), who, row.from_address, kind, zone))
            self._answer(tx, who, phone_id, kind, thread.id)

    def _answer(self, tx: Transaction, who: str, phone_id: str, kind: str, thread_id: str) -> None:
        """By chance: stops, goes on, puts it off, moves away, or says nothing."""
        die = self.chance.random()
        if die < 0.04:
            phone = phones.get(tx, phone_id)
            opt_out_phone(tx, phone, "keyword")
            self.opted_out[phones.address(tx, phone_id)] = tx.now()
        elif die < 0.10:
            moved, patient = self.chance.choice(ZONES), patients.get(tx, who)
            assert patient is not None
            patients.upsert(tx, who, profile=patient.profile, timezone=moved)
        elif die < 0.55 and kind in ("campaign_invitation", "rescreening"):
            run = screenings.start(tx, who, thread_id, CORE, self.content.instruments[CORE].version, "en", "sms")
            reminders.plan_first(tx, who, run, CORE)
        elif die < 0.75:
            self._finish(tx, who)
        elif die < 0.85 and screenings.in_progress(tx, who):
            at = tx.now() + timedelta(hours=self.chance.randrange(2, 72))
            if followups.plan(tx, who, "resume_screening", at, {}, f"resume:{who}:{at.isoformat()}"):
                self.promised[who].append(at)

    def _finish(self, tx: Transaction, who: str) -> None:
        for run in screenings.in_progress(tx, who):
            needs = [{"domain": "food", "positive": self.chance.random() < 0.5, "basis": []}]
            screenings.complete(tx, run.id, "completed", {"needs": needs, "scores": {}})
            rescreening.plan_next(tx, who, run.id, CORE, {"needs": needs})


def _begin(world: World, seed: int) -> Year:
    """People with phones, every tenth sharing one, and a campaign for all of them on a Saturday evening."""
    content, chance = load_content(), random.Random(seed)
    with world.db.write() as tx:
        for number in range(PEOPLE):
            shared = number - 1 if number % 10 == 1 else number
            phone = phones.find_or_create(tx, f"+1202456{shared:04}")
            zone = None if number % 7 == 0 else chance.choice(ZONES)
            patients.upsert(tx, f"y-{number}", profile=patients.Profile(), timezone=zone)
            phones.link(tx, f"y-{number}", phone.id)
            consents.record(
                tx, patient_id=f"y-{number}", phone_id=phone.id, granted=True, method="test", text_version=None,
                channel="clinic", at=tx.now(),
            )  # fmt: skip
    everybody = tuple(f"y-{number}" for number in range(PEOPLE))
    world.clock.set(datetime.fromisoformat("2026-03-07T21:00:00-05:00"))
    deps = replace(world.deps, content=content)
    create_campaign(deps, Outreach("March", "screening", CORE, "sms", everybody, world.clock.now()), "test")
    return Year(world, content, chance)


@pytest.fixture
def live(sqlite_template: Path, tmp_path: Path, vault: Vault, make_settings: MakeSettings) -> Iterator[Live]:
    """Lives a year from a seed, in a world of its own."""
    engines: list[Engine] = []

    def lived(seed: int) -> Year:
        file = tmp_path / f"year-{len(engines)}.db"
        shutil.copyfile(sqlite_template, file)
        clock = StandingClock()
        engines.append(make_engine(f"sqlite:///{file}"))
        year = _begin(World(Database(engines[-1], vault, clock, CountedIds()), clock, make_settings()), seed)
        year.live()
        return year

    yield lived
    for engine in engines:
        engine.dispose()


@pytest.mark.timeout(400)
def test_a_year_keeps_every_rule(live: Live) -> None:
    """Something of every kind was sent, none at a wrong time, too often, after a stop or twice; and so again."""
    year = live(11)
    assert {text.kind for text in year.sent} == KINDS
    bodies = year.world.bodies()
    assert len(bodies) == len(set(bodies)) == len(year.sent)
    for text in year.sent:
        assert text.number not in year.opted_out or text.at <= year.opted_out[text.number]
        assert _is_allowed(text), text
    _check_caps(year)
    _check_promises(year)
    _check_ends(year)
    assert live(11).sent == year.sent


def _is_allowed(text: Sent) -> bool:
    local = text.at.astimezone(ZoneInfo(text.zone))
    if text.kind == "resume_screening":
        return 8 <= local.hour < 21
    closes = 17 if local.weekday() == 5 else 18
    return 10 <= local.hour < closes and local.weekday() != 6 and local.date() not in holidays_of(None, local.year)


def _check_caps(year: Year) -> None:
    """What was not asked for: a day apart, three a week, for every person and every phone, whatever came before it."""
    by: dict[str, list[Sent]] = defaultdict(list)
    for text in year.sent:
        by[text.who].append(text)
        by[text.number].append(text)
    for texts in by.values():
        for place, text in enumerate(texts):
            earlier = [text.at - before.at for before in texts[:place]]
            asked = text.kind == "resume_screening"
            assert asked or not any(since < DAY for since in earlier), text
            assert asked or sum(since < WEEK for since in earlier) < 3, text


def _check_promises(year: Year) -> None:
    """What was sent at all came within five minutes of the time that was asked for, or of the end of the night."""
    came = {(text.who, text.at) for text in year.sent if text.kind == "resume_screening"}
    with year.world.db.read() as tx:
        for who, times in year.promised.items():
            rows = [f for f in followups.list_for_patient(tx, who, None, 300).items if f.kind == "resume_screening"]
            assert len(rows) == len(times)
            for row in rows:
                kept = any(w == who and timedelta(0) <= at - row.due_at < timedelta(minutes=5) for w, at in came)
                assert kept or row.state != "done", row
                assert row.state != "done" or row.due_at - row.planned_for < timedelta(hours=12)


def _check_ends(year: Year) -> None:
    """No screening is left open for ever, and nothing that was due is forgotten."""
    with year.world.db.read() as tx:
        for number in range(PEOPLE):
            assert all(LAST - run.started_at < timedelta(days=60) for run in screenings.in_progress(tx, f"y-{number}"))
            assert all(each.due_at >= LAST for each in followups.pending(tx, f"y-{number}"))
