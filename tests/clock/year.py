"""A year of a clinic on a virtual clock: real turns with the real dialog, the release, the sender, partners' pages.

``python -m tests.clock.year --people 300 --seed 11`` lives one and says what it found; 1 when a rule was broken. With
``--again`` it is lived once more, and 1 also when that was another year.
"""

from __future__ import annotations

import argparse
import heapq
import itertools
import json
import logging
import os
import random
import re
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from flask.testing import FlaskClient
from sqlalchemy import select

from bot.adapters.memory_buckets import MemoryBuckets
from bot.adapters.memory_mail import MemoryMail
from bot.adapters.memory_messages import MemoryMessages
from bot.bootstrap import Deps, build
from bot.campaigns import Outreach, create_campaign
from bot.directory.sample import import_sample
from bot.local_keys import with_keys
from bot.processes import settle_memory
from bot.referrals import visits
from bot.referrals.sending import send_deliveries
from bot.release import release_due
from bot.sending.sender import Sender
from bot.settings import Settings
from bot.store import (
    consents,
    conversations,
    inbound,
    navigation,
    partners,
    patients,
    phones,
)
from bot.store.database import Database, Transaction, upgrade
from bot.store.directory_tables import Resource
from bot.store.patients import Appointment
from bot.store.referral_tables import NavigationCase
from bot.worker import Worker
from tests.clock import rules
from tests.clock.crowd import HOMES, Household, Seen, households
from tests.dialog_process import dialog_process
from tests.world import CountedIds, StandingClock
from webhooks.app import create_app

CORE, HUNGER = "ahc-hrsn-core", "hunger-vital-sign"
OURS = "+12025550100"
# The Saturday evening before the clocks go forward.
BEGINS = datetime(2026, 3, 8, 2, tzinfo=UTC)
LIVES = timedelta(days=365)
# After the year everybody is silent, and whatever is open must come to its end.
ENDS = BEGINS + LIVES + timedelta(days=380)
NEXT = """
    SELECT (SELECT min(next_attempt_at) FROM inbound WHERE state IN ('waiting', 'claimed')),
           (SELECT min(next_attempt_at) FROM message WHERE state IN ('waiting', 'claimed')),
           (SELECT min(next_attempt_at) FROM delivery WHERE state IN ('waiting', 'claimed')),
           (SELECT min(due_at) FROM followup WHERE state IN ('planned', 'held'))
"""
LINK = re.compile(r"https?://\S+(/p/\S+)")


@dataclass(frozen=True)
class Sent:
    """One text as Twilio has it: when, to which number, and whether it answers a text of that very moment."""

    at: datetime
    number: str
    body: str
    asked: bool
    sid: str


@dataclass
class Year:
    """The world of one year. ``deps`` are a process's; the crowd, the partners and the clinic act by the seed."""

    deps: Deps
    clock: StandingClock
    kept: list[Any]
    people: int
    seed: int
    sent: list[Sent] = field(default_factory=list)
    turns: int = 0

    def __post_init__(self) -> None:
        self.chance = random.Random(f"clinic {self.seed}")
        self._count = itertools.count()
        self._plans: list[tuple[datetime, int, Callable[[], None]]] = []
        self._letters = 0
        self.page: FlaskClient = create_app(self.deps).test_client()
        self.clock.set(BEGINS - timedelta(hours=2))
        self.crowd = households(self.people, self.seed, self.clock.now())
        self.by_number = {each.number: each for each in self.crowd}
        self.worker, self.sender = Worker(self.deps), Sender(self.deps, jitter=lambda: 0.0)

    # What happens

    def live(self, until: datetime = ENDS) -> None:
        """From one thing to the next until then, or until nothing is left to come."""
        self._begin()
        while (at := min(filter(None, (self._next_plan(), self._next_due())), default=None)) is not None:
            if at >= until:
                return
            self.clock.set(max(at, self.clock.now()))
            while self._plans and self._plans[0][0] <= self.clock.now():
                heapq.heappop(self._plans)[2]()
            self._release()

    def later(self, by: timedelta, act: Callable[[], None]) -> None:
        """Let something happen, unless the year is over by then."""
        at = self.clock.now() + by
        if at < BEGINS + LIVES:
            heapq.heappush(self._plans, (at, next(self._count), act))

    def _next_plan(self) -> datetime | None:
        return self._plans[0][0] if self._plans else None

    def _next_due(self) -> datetime | None:
        return min(filter(None, self._due_times()), default=None)

    def _due_times(self) -> tuple[datetime | None, ...]:
        """When the next turn, text, notice and follow-up is due; in one statement, as it is asked at every step."""
        with closing(self.deps.db.engine.raw_connection()) as connection:
            found = connection.cursor().execute(NEXT).fetchone()
        return tuple(at and datetime.fromisoformat(at).replace(tzinfo=UTC) for at in found)

    def _release(self) -> None:
        while (due := self._next_due()) is not None and due <= self.clock.now():
            followup = self._due_times()[-1]
            if followup is not None and followup <= self.clock.now():
                assert release_due(self.deps), "something is due and nobody takes it"
            self._settle()

    def _settle(self, asker: Household | None = None) -> None:
        """Every turn is taken, everything is sent, and whoever was written to hears it."""
        while True:
            now = self.clock.now()
            turn, text, notice, _ = (at is not None and at <= now for at in self._due_times())
            if not (turn or text or notice):
                break
            self.turns += turn
            taken = self.worker.turn_once() if turn else self.sender.send_one() if text else send_deliveries(self.deps)
            assert taken, "something is due and nobody takes it"
        self._hear(asker)

    # The clinic

    def _begin(self) -> None:
        import_sample(self.deps.db, self.deps.settings)
        with self.deps.db.write() as tx:
            for household in self.crowd:
                self._enter(tx, household)
            self._name_partners(tx)
        self.clock.set(BEGINS)
        self._campaign("March", CORE)
        self.later(timedelta(days=200), lambda: self._campaign("September", HUNGER))
        for household in self.crowd:
            if household.chance.random() < 0.1 or household.role == "moves":
                self.later(timedelta(days=household.chance.randrange(5, 330)), partial(self._moves, household))
        for month in range(1, 12):
            self.later(timedelta(days=30 * month), self._visit_cases)

    def _enter(self, tx: Transaction, household: Household) -> None:
        phone, home = phones.find_or_create(tx, household.number), household.home(self.clock.now())
        for who in household.patients:
            often = household.chance.choice((None, None, 0, 3))
            visit_at = BEGINS + timedelta(days=household.chance.randrange(10, 340), hours=16)
            comes = (Appointment(visit_at, "Elm Clinic"),) if household.chance.random() < 0.1 else ()
            profile = patients.Profile(given_name="Ana", zip=home.zip, emergency_visits_12m=often, appointments=comes)
            language = household.chance.choice(("en", "en", None))
            patients.upsert(tx, who, profile=profile, timezone=home.stored, language=language, clinic="Elm Clinic")
            phones.link(tx, who, phone.id)
            consents.record(
                tx, patient_id=who, phone_id=phone.id, granted=True, method="paper", text_version=None,
                channel="clinic", at=tx.now(),
            )  # fmt: skip
            visits.plan(tx, who)

    def _name_partners(self, tx: Transaction) -> None:
        """Every third place is told by mail, every third by text, the others not at all."""
        services = tx.session.execute(select(Resource).order_by(Resource.id)).scalars()
        for number, service in enumerate(services):
            if number % 3 == 0:
                partners.set_contact(tx, service.id, partners.Contact(mail=f"place{number}@example.org"))
            elif number % 3 == 1:
                partners.set_contact(tx, service.id, partners.Contact(phone=f"+16145550{number:03}"))

    def _campaign(self, name: str, instrument: str) -> None:
        everybody = tuple(who for household in self.crowd for who in household.patients)
        outreach = Outreach(name, "screening", instrument, "sms", everybody, self.clock.now())
        create_campaign(self.deps, outreach, "test")
        self._settle()

    def _moves(self, household: Household) -> None:
        home = household.chance.choice(HOMES)
        household.moves.append((self.clock.now(), home))
        with self.deps.db.write() as tx:
            for who in household.patients:
                known = patients.get(tx, who)
                assert known is not None
                profile = replace(known.profile, zip=home.zip)
                patients.upsert(
                    tx, who, profile=profile, timezone=home.stored, language=known.language, clinic=known.clinic
                )

    def _visit_cases(self) -> None:
        """The health workers get in touch with some of those whom they help."""
        with self.deps.db.write() as tx:
            case = NavigationCase
            query = select(case.id).where(case.state == "open", case.contacted_at.is_(None)).order_by(case.id)
            for case_id in tx.session.execute(query).scalars().all():
                if self.chance.random() < 0.5:
                    navigation.change(tx, case_id, contacted_at=tx.now())

    # The people

    def _hear(self, asker: Household | None) -> None:
        heard: dict[str, Household] = {}
        for place in range(len(self.sent), len(self.kept)):
            text = self.kept[place]
            household = self.by_number.get(text.to)
            asked = household is not None and household is asker
            self.sent.append(Sent(text.made_at, text.to, text.body, asked, text.sid))
            if household is None:
                self._partner_hears(text.body)
                continue
            heard[text.to] = household
            if not asked:
                household.patience = max(household.patience, 20)
        mail = self.deps.mail
        assert isinstance(mail, MemoryMail)
        for letter in mail.kept[self._letters :]:
            self._partner_hears(letter.body)
        self._letters = len(mail.kept)
        for household in heard.values():
            self._replies(household)

    def _replies(self, household: Household) -> None:
        """After each text the last word counts: what it was going to text before is forgotten."""
        household.version += 1
        reply = household.reply(self._seen(household))
        if reply is not None:
            version = household.version
            wish = household.asked_for
            self.later(reply[0], lambda: self._text(household, reply[1], version, wish))

    def _seen(self, household: Household) -> Seen:
        with self.deps.db.read() as tx:
            phone = phones.by_hash(tx, tx.vault.number_hash(household.number))
            assert phone is not None
            thread = conversations.current_for_phone(tx, phone.id)
            return Seen.of(self.clock.now(), thread.state if thread else None, self.deps.content)

    def _text(self, household: Household, body: str, version: int, wish: datetime | None) -> None:
        if version != household.version:
            return
        now, before = self.clock.now(), len(self.sent)
        household.wrote.append(now)
        with self.deps.db.write() as tx:
            inbound.store(
                tx, message_sid=f"SM-in-{next(self._count)}", kind="text", channel="sms",
                from_address=household.number, to_address=OURS, body=body, received_at=now,
            )  # fmt: skip
        self._note_stop(household, body, now)
        self._settle(household)
        if wish is not None and any("OK, I will text you" in text.body for text in self.sent[before:]):
            household.promises.append((now, _same_wall_clock(wish, household, now)))

    def _note_stop(self, household: Household, body: str, now: datetime) -> None:
        if body.lower().endswith(("stop", "texting me", "unsubscribe", "wrong number")):
            household.stopped = True
            household.stops.append((now, True))
            if household.chance.random() < 0.3 and "wrong" not in body:
                self.later(timedelta(days=household.chance.randrange(3, 60)), lambda: self._starts_again(household))

    def _starts_again(self, household: Household) -> None:
        household.stopped = False
        household.version += 1
        household.stops.append((self.clock.now(), False))
        self._text(household, "START", household.version, None)

    # The partners

    def _partner_hears(self, body: str) -> None:
        """By chance: answers at once or after a reminder, says how it went, or is silent."""
        found = LINK.search(body)
        assert found is not None, body
        path = found.group(1)
        first = self.chance.choices(("accepted", "declined", "appointment", "waitlisted", ""), (35, 12, 12, 8, 33))[0]
        if not first:
            return
        days = self.chance.uniform(0.1, 4)
        self.later(timedelta(days=days), lambda: self._partner_says(path, first))
        then = self.chance.choices(("reached", "helped", "not_helped", "not_reached", ""), (20, 25, 10, 10, 35))[0]
        if then and first != "declined":
            self.later(timedelta(days=days + self.chance.uniform(2, 40)), lambda: self._partner_says(path, then))

    def _partner_says(self, path: str, word: str) -> None:
        shown = self.page.get(path)
        seen = re.search(r'name="seen" value="(\d+)"', shown.text)
        if seen is None:
            return
        form = {"seen": seen.group(1), "word": word}
        if word in ("declined", "not_helped"):
            form["reason"] = self.chance.choice(("no_capacity", "not_eligible", "other"))
        if word == "appointment":
            form["at"] = f"{self.clock.now() + timedelta(days=3):%Y-%m-%d}T14:00"
        answered = self.page.post(path, data=form)
        assert answered.status_code in (303, 409, 410), answered.status_code
        self._settle()


def _same_wall_clock(wish: datetime, household: Household, now: datetime) -> datetime:
    """The day is counted from when the text was sent, not from when it was thought of."""
    zone = ZoneInfo(household.home(now).zones[0])
    tomorrow = now.astimezone(zone).date() + timedelta(days=1)
    return datetime.combine(tomorrow, wish.time(), zone).astimezone(UTC)


def world(folder: Path, dialog_url: str, people: int, seed: int) -> Year:
    """A fresh world in this folder, with keys of its own, in front of a running dialog process."""
    settings = with_keys(
        Settings.from_env(
            {
                "BOT_SIMULATOR": "1",
                "BOT_DATA_DIR": str(folder),
                "BOT_DIALOG_URL": dialog_url,
                "BOT_HELP_CONTACT": "555-555-0123",
                "BOT_PUBLIC_URL": "https://bot.example.org",
            }
        )
    )
    clock = StandingClock()
    built = build(settings)
    db = Database(built.db.engine, built.vault, clock, CountedIds())
    upgrade(db.engine)
    twilio = MemoryMessages(clock.now)
    deps = replace(
        built, db=db, clock=clock, new_id=db.new_id, twilio=twilio, mail=MemoryMail(), buckets=MemoryBuckets(1e6, 1e6)
    )
    year = Year(deps, clock, twilio.kept, people, seed)
    settle_memory()
    return year


def main(arguments: list[str]) -> int:
    """Live a year and check it; 1 when a rule was broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=300)
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--again", action="store_true", help="live it twice and compare")
    given = parser.parse_args(arguments)
    logging.disable(logging.WARNING)
    found = _live_one(given.people, given.seed)
    broken = [line for lines in found.broken.values() for line in lines]
    if given.again and _live_one(given.people, given.seed).digest != found.digest:
        broken.append("the same seed gave another year")
    shown = {"people": given.people, "seed": given.seed, **found.figures, "broken": len(broken)}
    sys.stdout.write(json.dumps(shown, indent=1) + "\n" + "".join(f"{line}\n" for line in broken[:100]))
    return int(bool(broken))


def _live_one(people: int, seed: int) -> rules.Found:
    with tempfile.TemporaryDirectory(dir=fast_folder()) as folder, dialog_process(Path(folder, "dialog.log")) as url:
        begun, cpu = time.monotonic(), time.process_time()
        year = world(Path(folder), url, people, seed)
        year.live()
        took = {"seconds": round(time.monotonic() - begun, 1), "cpu_seconds": round(time.process_time() - cpu, 1)}
        found = rules.look_at(year)
        year.deps.db.engine.dispose()
    return replace(found, figures={**took, **found.figures})


def fast_folder() -> str | None:
    """A folder in memory where there is one: what a disk takes to settle is not of interest here."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
