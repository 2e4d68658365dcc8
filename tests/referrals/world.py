"""A clinic with a patient, two pantries, and a clock that is moved by hand; the conversation is told in events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from bot.adapters.mail import MailApi
from bot.adapters.memory_buckets import MemoryBuckets
from bot.adapters.memory_locks import MemoryLocks
from bot.adapters.memory_mail import MemoryMail
from bot.adapters.memory_messages import MemoryMessages
from bot.adapters.memory_wakeups import MemoryWakeups
from bot.adapters.place_finder import Found, Place, Reach
from bot.bootstrap import Deps
from bot.content import load_content
from bot.core.dialog import Guess, JsonObject, Reading, Reply, TurnRequest, TurnResult
from bot.ids import new_id
from bot.referrals.sending import send_deliveries
from bot.release import release_due
from bot.sending.sender import Sender
from bot.settings import Settings
from bot.store import consents, inbound, patients, phones, referrals, tables
from bot.store.database import Database, Transaction
from bot.store.followups import FollowUp, list_for_patient
from bot.store.partners import Contact, set_contact
from bot.store.patients import Patient, Profile
from bot.store.referral_tables import Delivery
from bot.store.referrals import PatientReferral
from bot.worker import Worker
from tests.world import StandingClock

PAT, NUMBER, NAME = "pat-1", "+12025550123", "Maria"
FIRST, SECOND = "pantry-1", "pantry-2"
NAMES = {FIRST: "Main Street Pantry", SECOND: "Hope Pantry"}


class TwoPantries:
    """A directory of two pantries; see :class:`bot.adapters.place_finder.PlaceFinder`."""

    def find(
        self,
        tx: Transaction,
        patient: Patient,
        language: str,
        domains: Sequence[str],
        without: frozenset[str],
        limit: int,
    ) -> Found:
        """The pantries that were not shown, for food alone."""
        left = [each for each in NAMES if each not in without] if "food" in domains else []
        return Found(tuple(Place(each, NAMES[each], f"{NAMES[each]} 202-555-0150", "food") for each in left[:limit]))

    def offers(self, tx: Transaction, domains: Sequence[str]) -> bool:
        """Food alone."""
        return "food" in domains

    def knows_zip(self, code: str) -> bool:
        """All but one."""
        return code != "00000"

    def reach(self, tx: Transaction, service_id: str) -> Reach | None:
        """The first has a phone, and neither an address."""
        name = NAMES.get(service_id)
        return Reach(name, None, "+12025550150") if name else None


class Script:
    """A dialog process that says what it is told to; ``asked`` are the requests it got."""

    def __init__(self) -> None:
        self.asked: list[TurnRequest] = []
        self.events: list[list[JsonObject]] = []

    def take_turn(self, request: TurnRequest) -> TurnResult:
        """The next events, with one reply that names the reading."""
        self.asked.append(request)
        events = self.events.pop(0) if self.events else []
        said = request.reading.intent if request.reading else "text"
        return TurnResult({"v": 1, "slots": {}}, (Reply(f"About {said}.", said),), tuple(events))

    def parse(self, texts: Sequence[str]) -> list[Guess]:
        """Nothing is parsed here."""
        return []

    def ready(self) -> bool:
        """Always."""
        return True

    @property
    def readings(self) -> list[Reading]:
        """The readings it was given beside those of the patient's words."""
        given = [request.reading for request in self.asked if request.reading]
        return [reading for reading in given if isinstance(reading.value, dict)]


@dataclass
class ReferralWorld:
    """Everything around one patient."""

    db: Database
    clock: StandingClock
    settings: Settings
    mail: MailApi | None = field(default_factory=MemoryMail)

    def __post_init__(self) -> None:
        self.twilio = MemoryMessages(self.clock.now)
        self.script = Script()
        self._texts = 0
        with self.db.write() as tx:
            patients.upsert(
                tx, PAT, profile=Profile(given_name=NAME, zip="20001"), language="en", timezone="America/New_York"
            )
            phone = phones.find_or_create(tx, NUMBER)
            phones.link(tx, PAT, phone.id)
            consents.record(
                tx,
                patient_id=PAT,
                phone_id=phone.id,
                granted=True,
                method="paper",
                text_version=None,
                channel="clinic",
                at=tx.now(),
            )

    @property
    def deps(self) -> Deps:
        """What a process would be given."""
        return Deps(
            settings=self.settings,
            clock=self.clock,
            new_id=new_id,
            db=self.db,
            vault=self.db.vault,
            content=load_content(),
            dialog=self.script,
            twilio=self.twilio,
            wakeups=MemoryWakeups(),
            buckets=MemoryBuckets(1e6, 1e6),
            locks=MemoryLocks(),
            mail=self.mail,
            places=TwoPantries(),
        )

    def reach_by(self, service_id: str = FIRST, **contact: str) -> None:
        """The clinic sets how a place is told."""
        with self.db.write() as tx:
            set_contact(tx, service_id, Contact(**contact))

    def texts_in(self, *events: JsonObject, body: str = "ok") -> None:
        """The patient texts, and the conversation gives these events."""
        self._texts += 1
        self.script.events.append(list(events))
        with self.db.write() as tx:
            inbound.store(
                tx,
                message_sid=f"SM{self._texts}",
                kind="text",
                channel="sms",
                from_address=NUMBER,
                to_address="+12025550100",
                body=body,
                detail={},
                received_at=tx.now(),
            )
        self.work()

    def agrees(self, service_id: str = FIRST, *, share: bool = True) -> PatientReferral:
        """The patient chooses a place and says yes; what is to be sent is sent."""
        chosen = {"type": "place_chosen", "service_id": service_id, "domain": "food"}
        offered = {"type": "places_offered", "ids": [service_id], "domain": "food"}
        agreed = {**chosen, "type": "referral_agreed", "share": share, "text_version": "share-1"}
        self.texts_in(offered, chosen, agreed)
        self.send()
        return self.latest()

    def says(self, status: str, **more: Any) -> None:
        """The patient reports on the latest referral."""
        self.texts_in(
            {"type": "referral_status_reported", "referral_id": self.latest().id, "status": status, "in_words": None}
            | more
        )

    def work(self) -> None:
        """Take every turn that is due."""
        worker = Worker(self.deps)
        while worker.turn_once():
            pass

    def send(self) -> None:
        """Send everything that is due, to the patient, to partners and to staff."""
        sender = Sender(self.deps)
        while sender.send_one():
            pass
        send_deliveries(self.deps)

    def pass_days(self, days: float, step_hours: float = 6) -> None:
        """Let time pass, with everything done that falls due."""
        for _ in range(int(days * 24 / step_hours)):
            self.clock.advance(hours=step_hours)
            release_due(self.deps)
            self.work()
            self.send()

    def latest(self) -> PatientReferral:
        """The referral that was opened last."""
        with self.db.read() as tx:
            return referrals.of_patient(tx, PAT)[-1]

    def planned(self) -> list[FollowUp]:
        """What is planned or held."""
        with self.db.read() as tx:
            every = list_for_patient(tx, PAT, None, 500).items
        return [each for each in every if each.state in ("planned", "held")]

    def kinds(self) -> list[str]:
        """The kinds of what is planned, in the order of their time."""
        return [each.kind for each in self.planned()]

    def cases(self) -> list[str]:
        """The kinds of the cases for a person."""
        with self.db.read() as tx:
            return list(tx.session.execute(select(tables.Escalation.kind).order_by(tables.Escalation.id)).scalars())

    def sent(self) -> list[tuple[str, str, str]]:
        """Purpose, channel and state of what partners and staff were sent."""
        with self.db.read() as tx:
            rows = tx.session.execute(select(Delivery).order_by(Delivery.created_at, Delivery.id)).scalars()
            return [(row.purpose, row.channel, row.state) for row in rows]

    def readings(self) -> list[str]:
        """What the conversation was told."""
        return [reading.intent for reading in self.script.readings]
