"""The tables: what is kept, and which columns are sealed.

Columns that end in ``_sealed`` hold text encrypted by :class:`bot.store.vault.Vault`; nothing that a
patient wrote, no name and no number stands in any other column. ``number_hash`` is the vault's keyed
hash of an address (E.164 number, short code or channel address). Every time is UTC and aware.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC datetime on every database. A naive one is refused with ``ValueError``."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Store as UTC. Raises ``ValueError`` for a naive datetime."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored time must be aware")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Read as aware UTC (SQLite forgets the zone)."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


# SQLite gives a rowid only to INTEGER, PostgreSQL wants 64 bits.
Sequence = BigInteger().with_variant(Integer, "sqlite")


def _open_index(name: str, *columns: str) -> Index:
    """An index of what is still to be done only, so that a claim costs the same however much was done."""
    unfinished = text("state IN ('waiting', 'claimed')")
    return Index(name, *columns, sqlite_where=unfinished, postgresql_where=unfinished)


def _where(condition: str) -> dict[str, Any]:
    """The condition of a partial index, for both databases."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


class Base(DeclarativeBase):
    """The metadata that Alembic compares against."""

    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: UtcDateTime, dict[str, Any]: JSON, list[str]: JSON}


class Patient(Base):
    """A person. ``id`` is the clinic's own opaque id, or ``p_…`` for somebody who texted in."""

    __tablename__ = "patient"
    id: Mapped[str] = mapped_column(String(128), primary_key=True)
    origin: Mapped[str] = mapped_column(String(16))  # clinic | texter
    profile_sealed: Mapped[str] = mapped_column(Text)  # JSON, as bot.store.patients.Profile
    language: Mapped[str | None] = mapped_column(String(8))
    timezone: Mapped[str | None] = mapped_column(String(64))
    clinic: Mapped[str | None] = mapped_column(String(200))
    proxy: Mapped[bool] = mapped_column(Boolean, default=False)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Phone(Base):
    """An address that texts. One phone may serve many patients, one patient may have many phones."""

    __tablename__ = "phone"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    number_hash: Mapped[str] = mapped_column(String(64), unique=True)
    number_sealed: Mapped[str] = mapped_column(Text)
    current_conversation_id: Mapped[str | None] = mapped_column(String(40))
    created_at: Mapped[datetime]


class PatientPhone(Base):
    """Which phones reach which patients; the primary one is texted."""

    __tablename__ = "patient_phone"
    patient_id: Mapped[str] = mapped_column(ForeignKey("patient.id", ondelete="CASCADE"), primary_key=True)
    phone_id: Mapped[str] = mapped_column(ForeignKey("phone.id", ondelete="CASCADE"), primary_key=True)
    is_primary: Mapped[bool] = mapped_column(Boolean, default=True)
    created_at: Mapped[datetime]


class Suppression(Base):
    """A number that must not be texted. Kept when the person is erased, so that a STOP outlives the record."""

    __tablename__ = "suppression"
    number_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)  # opted_out | wrong_person | …
    source: Mapped[str] = mapped_column(String(40))  # keyword | phrase | twilio | clinic | 21610 …
    since: Mapped[datetime]


class Consent(Base):
    """One decision about being texted: what was shown, where, when. Rows are added, never changed."""

    __tablename__ = "consent"
    seq: Mapped[int] = mapped_column(Sequence, primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(String(40), unique=True)
    patient_id: Mapped[str] = mapped_column(ForeignKey("patient.id", ondelete="CASCADE"), index=True)
    phone_id: Mapped[str | None] = mapped_column(String(40))
    granted: Mapped[bool]
    method: Mapped[str] = mapped_column(String(40))  # sms | voice | clinic's own word
    text_version: Mapped[str | None] = mapped_column(String(80))
    channel: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime]
    recorded_at: Mapped[datetime | None]


class Conversation(Base):
    """The thread between one phone and one patient. ``version`` grows by one with each saved turn."""

    __tablename__ = "conversation"
    __table_args__ = (UniqueConstraint("phone_id", "patient_id"),)
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    phone_id: Mapped[str] = mapped_column(ForeignKey("phone.id", ondelete="CASCADE"))
    patient_id: Mapped[str] = mapped_column(ForeignKey("patient.id", ondelete="CASCADE"), index=True)
    state_sealed: Mapped[str | None] = mapped_column(Text)  # the dialog state, JSON
    language: Mapped[str] = mapped_column(String(8))
    version: Mapped[int] = mapped_column(Integer, default=0)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Inbound(Base):
    """Something to take a turn on: a text from a patient, or a follow-up that fell due.

    ``state``: waiting -> claimed -> done | set_aside. Order within a ``number_hash`` is the order of ``seq``; between
    threads, whoever wrote comes before the invitations of a campaign.
    """

    __tablename__ = "inbound"
    __table_args__ = (
        _open_index("ix_inbound_open", "priority", "seq"),
        _open_index("ix_inbound_thread", "number_hash", "seq"),
    )
    seq: Mapped[int] = mapped_column(Sequence, primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(String(40), unique=True)
    message_sid: Mapped[str] = mapped_column(String(64), unique=True)  # Twilio's, or followup:<id>
    kind: Mapped[str] = mapped_column(String(16))  # text | due
    channel: Mapped[str] = mapped_column(String(16))  # sms | whatsapp | client | other
    number_hash: Mapped[str] = mapped_column(String(64))
    from_sealed: Mapped[str] = mapped_column(Text)
    to_address: Mapped[str] = mapped_column(String(80))
    body_sealed: Mapped[str] = mapped_column(Text)
    num_media: Mapped[int] = mapped_column(Integer, default=0)
    opt_out_type: Mapped[str | None] = mapped_column(String(16))
    detail: Mapped[dict[str, Any]]  # kind=due: {"followup_id", "followup_kind", …}; no health data
    received_at: Mapped[datetime]
    priority: Mapped[int] = mapped_column(Integer, default=0, server_default="0")  # 0 whoever waits, 1 bulk
    state: Mapped[str] = mapped_column(String(16), default="waiting")
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    next_attempt_at: Mapped[datetime]
    lease_owner: Mapped[str | None] = mapped_column(String(80))
    lease_until: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(String(80))  # what the turn did, or the class of the last error
    conversation_id: Mapped[str | None] = mapped_column(String(40), index=True)
    patient_id: Mapped[str | None] = mapped_column(String(128), index=True)
    done_at: Mapped[datetime | None]


class Message(Base):
    """The outbox: one text to send. ``state`` is ours, ``status`` is Twilio's word.

    ``state``: waiting -> claimed -> handed_over; or cancelled (opt-out, superseded), refused (the gate),
    failed (for good). ``claimed`` with ``attempted_at`` set and no sid is an unknown outcome: look it up.
    """

    __tablename__ = "message"
    __table_args__ = (
        _open_index("ix_message_open", "priority", "seq"),
        _open_index("ix_message_thread", "phone_id", "seq"),
        Index("ix_message_unasked_phone_id", "phone_id", "created_at", **_where("proactive")),
        Index("ix_message_unasked_patient_id", "patient_id", "created_at", **_where("proactive")),
    )
    seq: Mapped[int] = mapped_column(Sequence, primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(String(40), unique=True)
    conversation_id: Mapped[str] = mapped_column(String(40), index=True)
    patient_id: Mapped[str] = mapped_column(String(128), index=True)
    phone_id: Mapped[str] = mapped_column(String(40))
    inbound_id: Mapped[str | None] = mapped_column(String(40), index=True)  # the turn that said it
    enrolment_id: Mapped[str | None] = mapped_column(String(40))
    channel: Mapped[str] = mapped_column(String(16))
    body_sealed: Mapped[str] = mapped_column(Text)
    purpose: Mapped[str] = mapped_column(String(40))
    proactive: Mapped[bool] = mapped_column(Boolean, default=False)
    after_opt_out: Mapped[bool] = mapped_column(Boolean, default=False)  # the one confirmation, or a crisis reply
    priority: Mapped[int] = mapped_column(Integer, default=0)  # 0 replies, 1 bulk
    segments: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(16), default="waiting")
    status: Mapped[str | None] = mapped_column(String(24))
    error_code: Mapped[int | None] = mapped_column(Integer)
    twilio_sid: Mapped[str | None] = mapped_column(String(64), unique=True)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    next_attempt_at: Mapped[datetime]
    attempted_at: Mapped[datetime | None]
    lease_owner: Mapped[str | None] = mapped_column(String(80))
    lease_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    handed_over_at: Mapped[datetime | None]
    updated_at: Mapped[datetime]


class Receipt(Base):
    """A delivery receipt as it came. One whose message is not known yet waits with ``applied_at`` empty."""

    __tablename__ = "receipt"
    seq: Mapped[int] = mapped_column(Sequence, primary_key=True, autoincrement=True)
    message_sid: Mapped[str] = mapped_column(String(64), index=True)
    message_id: Mapped[str | None] = mapped_column(String(40))  # from ?m= in our callback address
    status: Mapped[str] = mapped_column(String(24))
    error_code: Mapped[int | None] = mapped_column(Integer)
    received_at: Mapped[datetime]
    applied_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)


class Screening(Base):
    """One run of an instrument. ``state``: in_progress, completed, partial, declined, expired."""

    __tablename__ = "screening"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    patient_id: Mapped[str] = mapped_column(ForeignKey("patient.id", ondelete="CASCADE"), index=True)
    conversation_id: Mapped[str] = mapped_column(String(40))
    instrument: Mapped[str] = mapped_column(String(80))
    instrument_version: Mapped[str] = mapped_column(String(40))
    language: Mapped[str] = mapped_column(String(8))
    channels: Mapped[list[str]]
    state: Mapped[str] = mapped_column(String(16))
    started_at: Mapped[datetime]
    completed_at: Mapped[datetime | None]
    result_sealed: Mapped[str | None] = mapped_column(Text)  # JSON: scores, needs, answered_by …


class Answer(Base):
    """One answer to one item. A corrected answer is kept with ``superseded_at`` set."""

    __tablename__ = "answer"
    seq: Mapped[int] = mapped_column(Sequence, primary_key=True, autoincrement=True)
    screening_id: Mapped[str] = mapped_column(ForeignKey("screening.id", ondelete="CASCADE"), index=True)
    link_id: Mapped[str] = mapped_column(String(255))
    code: Mapped[str | None] = mapped_column(String(80))
    value_sealed: Mapped[str] = mapped_column(Text)  # JSON, as "value" in the interface
    channel: Mapped[str] = mapped_column(String(16))
    answered_at: Mapped[datetime]
    superseded_at: Mapped[datetime | None]


class Escalation(Base):
    """Something a person must look at. ``state``: open, claimed, resolved."""

    __tablename__ = "escalation"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    patient_id: Mapped[str | None] = mapped_column(String(128), index=True)
    conversation_id: Mapped[str | None] = mapped_column(String(40))
    inbound_id: Mapped[str | None] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(40))
    urgency: Mapped[str] = mapped_column(String(8))  # now | today | soon
    state: Mapped[str] = mapped_column(String(16), default="open")
    opened_at: Mapped[datetime]
    claimed_by: Mapped[str | None] = mapped_column(String(80))
    claimed_at: Mapped[datetime | None]
    resolved_at: Mapped[datetime | None]
    note_sealed: Mapped[str | None] = mapped_column(Text)


class Campaign(Base):
    """An outreach that a clinic started. ``state``: running, paused, cancelled."""

    __tablename__ = "campaign"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(16))
    instrument: Mapped[str] = mapped_column(String(80))
    channel: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16))
    start_at: Mapped[datetime]
    spread: Mapped[dict[str, Any] | None] = mapped_column(JSON)  # which minutes are taken, while a list is written
    created_by: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime]


class Enrolment(Base):
    """One patient in one campaign, and how far it went.

    ``state``: enrolled, held (with ``reason``), sent, delivered, failed, started, completed, partial,
    declined, opted_out.
    """

    __tablename__ = "enrolment"
    __table_args__ = (UniqueConstraint("campaign_id", "patient_id"),)
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    campaign_id: Mapped[str] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"))
    patient_id: Mapped[str] = mapped_column(ForeignKey("patient.id", ondelete="CASCADE"), index=True)
    state: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str | None] = mapped_column(String(40))
    updated_at: Mapped[datetime]


class FollowUp(Base):
    """Something to do for a patient at a time. ``state``: planned, held, sent, done, dropped.

    ``due_at`` moves when it is held, ``first_due_at`` stays. ``bulk``: it gives way to everything that is not.
    """

    __tablename__ = "followup"
    __table_args__ = (Index("ix_followup_pending", "bulk", "due_at", "id", **_where("state IN ('planned', 'held')")),)
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    patient_id: Mapped[str] = mapped_column(ForeignKey("patient.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(40))  # as in dialogs/content/caps.yml
    due_at: Mapped[datetime]
    first_due_at: Mapped[datetime | None]
    bulk: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    guard: Mapped[dict[str, Any]]  # what must still hold when it is released, e.g. {"enrolment_id": …}
    dedupe_key: Mapped[str] = mapped_column(String(200), unique=True)
    state: Mapped[str] = mapped_column(String(16), default="planned")
    reason: Mapped[str | None] = mapped_column(String(40))
    created_at: Mapped[datetime]


class Audit(Base):
    """Who did what to what, and when. Append-only: a trigger refuses UPDATE and DELETE."""

    __tablename__ = "audit"
    seq: Mapped[int] = mapped_column(Sequence, primary_key=True, autoincrement=True)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(80))  # token:<id>, cli, worker, twilio, clock
    action: Mapped[str] = mapped_column(String(60))  # past tense: patient_created, opted_out …
    subject_type: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[str] = mapped_column(String(128))
    detail: Mapped[dict[str, Any]]  # ids, codes and counts only


class ApiToken(Base):
    """A bearer token of the clinic API; only its hash is kept."""

    __tablename__ = "api_token"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    role: Mapped[str] = mapped_column(String(16))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class IdempotentReply(Base):
    """What an API write with an ``Idempotency-Key`` answered, to be answered again."""

    __tablename__ = "idempotent_reply"
    token_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    request_digest: Mapped[str] = mapped_column(String(64))
    status: Mapped[int] = mapped_column(Integer)
    body_sealed: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]


class ClockOffset(Base):
    """How far the virtual clock runs ahead of the machine's. One row, id 1; only with BOT_VIRTUAL_CLOCK."""

    __tablename__ = "clock_offset"
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    seconds: Mapped[float] = mapped_column(Float)


# The rest of the tables, so that whoever knows these knows all.
from bot.store import directory_tables as directory_tables  # noqa: E402
from bot.store import on_call_tables as on_call_tables  # noqa: E402
from bot.store import referral_tables as referral_tables  # noqa: E402
from bot.store import upload_tables as upload_tables  # noqa: E402
