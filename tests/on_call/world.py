"""A clinic with people on call, a Twilio, a mail server and a clock that is moved by hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from bot.adapters.mail import Mail, MailApi
from bot.adapters.memory_buckets import MemoryBuckets
from bot.adapters.memory_locks import MemoryLocks
from bot.adapters.memory_mail import MemoryMail
from bot.adapters.memory_messages import MemoryMessages
from bot.adapters.memory_wakeups import MemoryWakeups
from bot.adapters.twilio_messages import MessagesApi
from bot.bootstrap import Deps
from bot.content import load_content
from bot.core.on_call import case_code
from bot.ids import new_id
from bot.on_call.alerting import send_alerts
from bot.settings import Settings
from bot.store import escalations, on_call, patients, phones
from bot.store.database import Database
from bot.store.on_call_tables import Alert
from bot.store.tables import Patient
from tests.world import START, StandingClock

NOT_USED: Any = None
ANA, BEN, CARO = "+12025550171", "+12025550172", "+12025550173"


@dataclass
class OnCallWorld:
    """Everything around the alerts. ``mail`` None: no mail server is set."""

    db: Database
    clock: StandingClock
    settings: Settings
    mail: MailApi | None = field(default_factory=MemoryMail)
    twilio_api: MessagesApi | None = None

    def __post_init__(self) -> None:
        self.twilio = MemoryMessages(self.clock.now)

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
            dialog=NOT_USED,
            twilio=self.twilio_api or self.twilio,
            wakeups=MemoryWakeups(),
            buckets=MemoryBuckets(10, 10),
            locks=MemoryLocks(),
            mail=self.mail,
        )

    def put_on_call(self, name: str, phone: str | None, mail: str | None = None, **more: Any) -> str:
        """Somebody goes on call."""
        with self.db.write() as tx:
            return on_call.add(tx, name=name, phone=phone, mail=mail, **more)

    def open_case(self, urgency: str = "now", clinic: str | None = None, number: str = "+12025550123") -> str:
        """A patient's case is opened."""
        with self.db.write() as tx:
            phone = phones.find_or_create(tx, number)
            patient = patients.create_texter(tx, phone.id, "en")
            if clinic:
                tx.session.execute(update(Patient).where(Patient.id == patient.id).values(clinic=clinic))
            return escalations.create(
                tx, patient_id=patient.id, conversation_id=None, inbound_id=None, kind="crisis", urgency=urgency
            )

    def claim(self, case: str) -> None:
        """Somebody claims the case through the API."""
        with self.db.write() as tx:
            escalations.claim(tx, case, "token:t1")

    def pass_minutes(self, minutes: float, step: float = 0.25) -> None:
        """Let time pass; the clock looks for what is due all the while."""
        for _ in range(int(minutes / step)):
            send_alerts(self.deps)
            self.clock.advance(minutes=step)
        send_alerts(self.deps)

    def texts(self) -> list[tuple[float, str]]:
        """When, in minutes from the start, and to whom texts went."""
        return [((kept.made_at - START) / timedelta(minutes=1), kept.to) for kept in self.twilio.kept]

    def letters(self) -> list[Mail]:
        """What the mail server has."""
        assert isinstance(self.mail, MemoryMail)
        return self.mail.kept

    def alert_states(self) -> list[tuple[int, str, str]]:
        """Number, channel and state of every notice."""
        with self.db.read() as tx:
            rows = tx.session.execute(select(Alert).order_by(Alert.number, Alert.channel)).scalars()
            return [(row.number, row.channel, row.state) for row in rows]


def code_of(case: str) -> str:
    """The code of a case in texts."""
    return case_code(case)
