"""The tables of on-call alerts, declared with the others of :mod:`bot.store.tables`.

Nothing here says why somebody is alerted: the case does, and it is read where people sign in.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.tables import Base


class OnCallPerson(Base):
    """Somebody who is alerted. ``clinic`` empty: for every clinic. ``hours`` empty: at any time."""

    __tablename__ = "on_call_person"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    clinic: Mapped[str | None] = mapped_column(String(200))
    position: Mapped[int] = mapped_column(Integer)
    name_sealed: Mapped[str] = mapped_column(Text)
    phone_sealed: Mapped[str | None] = mapped_column(Text)
    number_hash: Mapped[str | None] = mapped_column(String(64), index=True)
    mail_sealed: Mapped[str | None] = mapped_column(Text)
    hours: Mapped[str | None] = mapped_column(String(200))
    timezone: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]


class AlertPlan(Base):
    """How far the alerts of one case have come. There is one for every case that is urgent now or today.

    ``step`` is the next step of the cadence, counted from ``since``; ``taken`` counts the steps over all rounds.
    ``unheard`` steps in a row found nobody to alert.
    """

    __tablename__ = "alert_plan"
    __table_args__ = (
        Index("ix_alert_plan_open", "next_at", sqlite_where=text("NOT ended"), postgresql_where=text("NOT ended")),
    )
    escalation_id: Mapped[str] = mapped_column(ForeignKey("escalation.id", ondelete="CASCADE"), primary_key=True)
    code: Mapped[str] = mapped_column(String(12), index=True)
    since: Mapped[datetime]
    step: Mapped[int] = mapped_column(Integer, default=0)
    taken: Mapped[int] = mapped_column(Integer, default=0)
    next_at: Mapped[datetime]
    unheard: Mapped[int] = mapped_column(Integer, default=0)
    ended: Mapped[bool] = mapped_column(default=False)


class Alert(Base):
    """One notice to one person by one channel; there is never a second one of the same ``number``.

    ``state``: waiting -> claimed -> sent; or dropped (not wanted any more), failed (for good), unknown (may be out).
    """

    __tablename__ = "alert"
    __table_args__ = (
        UniqueConstraint("escalation_id", "number", "person_id", "channel"),
        Index(
            "ix_alert_open",
            "next_attempt_at",
            sqlite_where=text("state IN ('waiting', 'claimed')"),
            postgresql_where=text("state IN ('waiting', 'claimed')"),
        ),
    )
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    escalation_id: Mapped[str] = mapped_column(ForeignKey("escalation.id", ondelete="CASCADE"))
    person_id: Mapped[str] = mapped_column(ForeignKey("on_call_person.id", ondelete="CASCADE"), index=True)
    purpose: Mapped[str] = mapped_column(String(16))  # alert | claimed | taken | which
    number: Mapped[int] = mapped_column(Integer)  # which step this is of; below 0 for answers to CLAIM
    channel: Mapped[str] = mapped_column(String(8))  # text | mail
    state: Mapped[str] = mapped_column(String(16), default="waiting")
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    next_attempt_at: Mapped[datetime]
    attempted_at: Mapped[datetime | None]
    lease_owner: Mapped[str | None] = mapped_column(String(80))
    lease_until: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(String(40))
    sent_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
