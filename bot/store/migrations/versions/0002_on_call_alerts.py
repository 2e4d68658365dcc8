"""Who is on call, and the alerts to them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables of on-call alerts."""
    _on_call_person()
    _alert_plan()
    _alert()


def _on_call_person() -> None:
    op.create_table(
        "on_call_person",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("clinic", sa.String(length=200), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name_sealed", sa.Text(), nullable=False),
        sa.Column("phone_sealed", sa.Text(), nullable=True),
        sa.Column("number_hash", sa.String(length=64), nullable=True),
        sa.Column("mail_sealed", sa.Text(), nullable=True),
        sa.Column("hours", sa.String(length=200), nullable=True),
        sa.Column("timezone", sa.String(length=64), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_on_call_person_number_hash"), "on_call_person", ["number_hash"])


def _alert_plan() -> None:
    op.create_table(
        "alert_plan",
        sa.Column("escalation_id", sa.String(length=40), nullable=False),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("since", TIME, nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("next_at", TIME, nullable=False),
        sa.Column("unheard", sa.Integer(), nullable=False),
        sa.Column("ended", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["escalation_id"], ["escalation.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("escalation_id"),
    )
    op.create_index(op.f("ix_alert_plan_code"), "alert_plan", ["code"])
    open_plan = sa.text("NOT ended")
    op.create_index("ix_alert_plan_open", "alert_plan", ["next_at"], sqlite_where=open_plan, postgresql_where=open_plan)


def _alert() -> None:
    op.create_table(
        "alert",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("escalation_id", sa.String(length=40), nullable=False),
        sa.Column("person_id", sa.String(length=40), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", TIME, nullable=False),
        sa.Column("attempted_at", TIME, nullable=True),
        sa.Column("lease_owner", sa.String(length=80), nullable=True),
        sa.Column("lease_until", TIME, nullable=True),
        sa.Column("error", sa.String(length=40), nullable=True),
        sa.Column("sent_at", TIME, nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["escalation_id"], ["escalation.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["on_call_person.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("escalation_id", "number", "person_id", "channel"),
    )
    op.create_index(op.f("ix_alert_person_id"), "alert", ["person_id"])
    open_alert = sa.text("state IN ('waiting', 'claimed')")
    op.create_index("ix_alert_open", "alert", ["next_attempt_at"], sqlite_where=open_alert, postgresql_where=open_alert)
