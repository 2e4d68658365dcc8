"""The tables of referrals, declared with the others of :mod:`bot.store.tables`."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.tables import Base, Sequence


class Need(Base):
    """One need of a patient, from when it is known until it is known how it ended. ``status`` once it is closed."""

    __tablename__ = "need"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    patient_id: Mapped[str] = mapped_column(ForeignKey("patient.id", ondelete="CASCADE"), index=True)
    domain: Mapped[str] = mapped_column(String(40))
    status: Mapped[str | None] = mapped_column(String(24))
    said_by: Mapped[str | None] = mapped_column(String(16))
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class PlaceOffer(Base):
    """A place that was shown to a patient for a need."""

    __tablename__ = "place_offer"
    patient_id: Mapped[str] = mapped_column(ForeignKey("patient.id", ondelete="CASCADE"), primary_key=True)
    service_id: Mapped[str] = mapped_column(String(128), primary_key=True)
    domain: Mapped[str] = mapped_column(String(40), primary_key=True)
    at: Mapped[datetime]


class Referral(Base):
    """A patient and a place. ``state`` is what :func:`bot.core.referral.reconcile` makes of the events.

    ``planned`` counts what was ever planned for it; ``unanswered`` the check-ins in a row without a word, since
    ``silent_since``; ``reminders`` what the partner was sent since it was told, without an answer.
    """

    __tablename__ = "referral"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    patient_id: Mapped[str] = mapped_column(ForeignKey("patient.id", ondelete="CASCADE"), index=True)
    need_id: Mapped[str] = mapped_column(ForeignKey("need.id", ondelete="CASCADE"), index=True)
    domain: Mapped[str] = mapped_column(String(40))
    service_id: Mapped[str] = mapped_column(String(128), index=True)
    service_name: Mapped[str] = mapped_column(String(300))
    state: Mapped[str] = mapped_column(String(16))
    state_reason: Mapped[str | None] = mapped_column(String(40))
    said_by: Mapped[str | None] = mapped_column(String(16))
    conflict: Mapped[bool] = mapped_column(Boolean, default=False)
    shared: Mapped[bool] = mapped_column(Boolean, default=False)
    text_version: Mapped[str | None] = mapped_column(String(80))
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    told_at: Mapped[datetime | None]
    planned: Mapped[int] = mapped_column(Integer, default=0)
    check_ins: Mapped[int] = mapped_column(Integer, default=0)
    unanswered: Mapped[int] = mapped_column(Integer, default=0)
    silent_since: Mapped[datetime | None]
    reminders: Mapped[int] = mapped_column(Integer, default=0)


class ReferralEvent(Base):
    """Who said what about a referral, and when. Rows are added, never changed."""

    __tablename__ = "referral_event"
    seq: Mapped[int] = mapped_column(Sequence, primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(String(40), unique=True)
    referral_id: Mapped[str] = mapped_column(ForeignKey("referral.id", ondelete="CASCADE"), index=True)
    source: Mapped[str] = mapped_column(String(16))  # patient | partner | chw | programme
    actor: Mapped[str] = mapped_column(String(80))  # token:<id>, link:<id>, worker, clock
    word: Mapped[str] = mapped_column(String(40))
    reason: Mapped[str | None] = mapped_column(String(40))
    at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(16))  # what the referral was afterwards
    proposed_at: Mapped[datetime | None]
    calls_from_sealed: Mapped[str | None] = mapped_column(Text)  # the number that the partner will call from
    note_sealed: Mapped[str | None] = mapped_column(Text)


class Barrier(Base):
    """What kept a patient from a place."""

    __tablename__ = "barrier"
    seq: Mapped[int] = mapped_column(Sequence, primary_key=True, autoincrement=True)
    patient_id: Mapped[str] = mapped_column(ForeignKey("patient.id", ondelete="CASCADE"), index=True)
    referral_id: Mapped[str] = mapped_column(ForeignKey("referral.id", ondelete="CASCADE"), index=True)
    barrier: Mapped[str] = mapped_column(String(16))
    source: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime]


class PartnerContact(Base):
    """How a place is told, as the clinic set it. It stands instead of what the directory says."""

    __tablename__ = "partner_contact"
    service_id: Mapped[str] = mapped_column(String(128), primary_key=True)
    mail_sealed: Mapped[str | None] = mapped_column(Text)
    phone_sealed: Mapped[str | None] = mapped_column(Text)
    webhook_sealed: Mapped[str | None] = mapped_column(Text)
    secret_sealed: Mapped[str | None] = mapped_column(Text)
    updated_at: Mapped[datetime]


class PartnerLink(Base):
    """A link to the page of one referral. Only the hash of its token is kept; ``answers`` counts what came by it."""

    __tablename__ = "partner_link"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    referral_id: Mapped[str] = mapped_column(ForeignKey("referral.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime]
    answers: Mapped[int] = mapped_column(Integer, default=0)
    created_at: Mapped[datetime]


class Delivery(Base):
    """One notice to a partner or to staff by one channel; there is never a second one of the same ``dedupe_key``.

    ``state``: waiting -> claimed -> sent; or dropped (not wanted any more), failed (for good), unknown (may be out).
    """

    __tablename__ = "delivery"
    __table_args__ = (
        Index(
            "ix_delivery_open",
            "next_attempt_at",
            sqlite_where=text("state IN ('waiting', 'claimed')"),
            postgresql_where=text("state IN ('waiting', 'claimed')"),
        ),
    )
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    patient_id: Mapped[str] = mapped_column(ForeignKey("patient.id", ondelete="CASCADE"), index=True)
    referral_id: Mapped[str | None] = mapped_column(ForeignKey("referral.id", ondelete="CASCADE"), index=True)
    case_id: Mapped[str | None] = mapped_column(String(40))
    to_id: Mapped[str] = mapped_column(String(128))  # the service, or the person on call
    purpose: Mapped[str] = mapped_column(String(16))  # request | reminder | nudge | visit
    number: Mapped[int] = mapped_column(Integer)
    channel: Mapped[str] = mapped_column(String(8))  # mail | text | webhook
    detail: Mapped[str | None] = mapped_column(String(80))  # of a visit: when, as staff read it
    dedupe_key: Mapped[str] = mapped_column(String(200), unique=True)
    state: Mapped[str] = mapped_column(String(16), default="waiting")
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    next_attempt_at: Mapped[datetime]
    attempted_at: Mapped[datetime | None]
    lease_owner: Mapped[str | None] = mapped_column(String(80))
    lease_until: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(String(40))
    sent_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class NavigationCase(Base):
    """Help by a CHW for somebody who is navigation-eligible. ``state``: offered, open, declined, closed."""

    __tablename__ = "navigation_case"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    patient_id: Mapped[str] = mapped_column(ForeignKey("patient.id", ondelete="CASCADE"), index=True)
    state: Mapped[str] = mapped_column(String(16))
    chw_sealed: Mapped[str | None] = mapped_column(Text)  # a name
    person_id: Mapped[str | None] = mapped_column(String(40))  # of the people on call, if it is one of them
    due_at: Mapped[datetime | None]
    contacted_at: Mapped[datetime | None]
    plan_sealed: Mapped[str | None] = mapped_column(Text)  # JSON: goals with their steps
    visits: Mapped[list[str]]  # the visits at which the CHW will be, ISO times
    check_ins: Mapped[int] = mapped_column(Integer, default=0)
    status: Mapped[str | None] = mapped_column(String(24))
    said_by: Mapped[str | None] = mapped_column(String(16))
    opened_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
