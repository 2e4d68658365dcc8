"""Needs, referrals, partners, deliveries, navigation."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
SEQUENCE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the tables of referrals."""
    _need()
    _place_offer()
    _referral()
    _referral_event()
    _barrier()
    _partner()
    _delivery()
    _navigation_case()


def _text(name: str, length: int, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=null)


def _time(name: str, *, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, TIME, nullable=null)


def _sealed(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=True)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _belongs(to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([f"{to}_id"], [f"{to}.id"], ondelete="CASCADE")


def _index(table: str, *columns: str) -> None:
    for column in columns:
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])


def _need() -> None:
    op.create_table(
        "need",
        _text("id", 40),
        _text("patient_id", 128),
        _text("domain", 40),
        _text("status", 24, null=True),
        _text("said_by", 16, null=True),
        _time("opened_at"),
        _time("closed_at", null=True),
        _belongs("patient"),
        sa.PrimaryKeyConstraint("id"),
    )
    _index("need", "patient_id")


def _place_offer() -> None:
    op.create_table(
        "place_offer",
        _text("patient_id", 128),
        _text("service_id", 128),
        _text("domain", 40),
        _time("at"),
        _belongs("patient"),
        sa.PrimaryKeyConstraint("patient_id", "service_id", "domain"),
    )


def _referral() -> None:
    op.create_table(
        "referral",
        _text("id", 40),
        _text("patient_id", 128),
        _text("need_id", 40),
        _text("domain", 40),
        _text("service_id", 128),
        _text("service_name", 300),
        _text("state", 16),
        _text("state_reason", 40, null=True),
        _text("said_by", 16, null=True),
        sa.Column("conflict", sa.Boolean(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        _text("text_version", 80, null=True),
        _time("opened_at"),
        _time("closed_at", null=True),
        _time("told_at", null=True),
        _number("planned"),
        _number("check_ins"),
        _number("unanswered"),
        _time("silent_since", null=True),
        _number("reminders"),
        _belongs("patient"),
        _belongs("need"),
        sa.PrimaryKeyConstraint("id"),
    )
    _index("referral", "patient_id", "need_id", "service_id")


def _referral_event() -> None:
    op.create_table(
        "referral_event",
        sa.Column("seq", SEQUENCE, autoincrement=True, nullable=False),
        _text("id", 40),
        _text("referral_id", 40),
        _text("source", 16),
        _text("actor", 80),
        _text("word", 40),
        _text("reason", 40, null=True),
        _time("at"),
        _time("recorded_at"),
        _text("state", 16),
        _time("proposed_at", null=True),
        _sealed("note_sealed"),
        _belongs("referral"),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("id"),
    )
    _index("referral_event", "referral_id")


def _barrier() -> None:
    op.create_table(
        "barrier",
        sa.Column("seq", SEQUENCE, autoincrement=True, nullable=False),
        _text("patient_id", 128),
        _text("referral_id", 40),
        _text("barrier", 16),
        _text("source", 16),
        _time("at"),
        _belongs("patient"),
        _belongs("referral"),
        sa.PrimaryKeyConstraint("seq"),
    )
    _index("barrier", "patient_id", "referral_id")


def _partner() -> None:
    op.create_table(
        "partner_contact",
        _text("service_id", 128),
        _sealed("mail_sealed"),
        _sealed("phone_sealed"),
        _sealed("webhook_sealed"),
        _sealed("secret_sealed"),
        _time("updated_at"),
        sa.PrimaryKeyConstraint("service_id"),
    )
    op.create_table(
        "partner_link",
        _text("id", 40),
        _text("referral_id", 40),
        _text("token_hash", 64),
        _time("expires_at"),
        _number("answers"),
        _time("created_at"),
        _belongs("referral"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token_hash"),
    )
    _index("partner_link", "referral_id")


def _delivery() -> None:
    op.create_table(
        "delivery",
        _text("id", 40),
        _text("patient_id", 128),
        _text("referral_id", 40, null=True),
        _text("case_id", 40, null=True),
        _text("to_id", 128),
        _text("purpose", 16),
        _number("number"),
        _text("channel", 8),
        _text("detail", 80, null=True),
        _text("dedupe_key", 200),
        _text("state", 16),
        _number("attempts"),
        _time("next_attempt_at"),
        _time("attempted_at", null=True),
        _text("lease_owner", 80, null=True),
        _time("lease_until", null=True),
        _text("error", 40, null=True),
        _time("sent_at", null=True),
        _time("created_at"),
        _belongs("patient"),
        _belongs("referral"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("dedupe_key"),
    )
    _index("delivery", "patient_id", "referral_id")
    unsent = sa.text("state IN ('waiting', 'claimed')")
    op.create_index("ix_delivery_open", "delivery", ["next_attempt_at"], sqlite_where=unsent, postgresql_where=unsent)


def _navigation_case() -> None:
    op.create_table(
        "navigation_case",
        _text("id", 40),
        _text("patient_id", 128),
        _text("state", 16),
        _sealed("chw_sealed"),
        _text("person_id", 40, null=True),
        _time("due_at", null=True),
        _time("contacted_at", null=True),
        _sealed("plan_sealed"),
        sa.Column("visits", sa.JSON(), nullable=False),
        _number("check_ins"),
        _text("status", 24, null=True),
        _text("said_by", 16, null=True),
        _time("opened_at"),
        _time("accepted_at", null=True),
        _time("closed_at", null=True),
        _belongs("patient"),
        sa.PrimaryKeyConstraint("id"),
    )
    _index("navigation_case", "patient_id")
