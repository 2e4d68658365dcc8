"""The clock: follow-ups that give way to others, when they were first planned, and what was sent unasked lately."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
SEQUENCE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
UNFINISHED = sa.text("state IN ('waiting', 'claimed')")
PENDING = sa.text("state IN ('planned', 'held')")
UNASKED = sa.text("proactive")


def upgrade() -> None:
    """Add the columns, and the indexes by which what is due and what was sent is found."""
    op.add_column("followup", sa.Column("bulk", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("followup", sa.Column("first_due_at", TIME, nullable=True))
    op.execute("UPDATE followup SET first_due_at = due_at")
    op.drop_index("ix_followup_due", "followup")
    op.create_index(
        "ix_followup_pending", "followup", ["bulk", "due_at", "id"], sqlite_where=PENDING, postgresql_where=PENDING
    )
    op.add_column("inbound", sa.Column("priority", sa.Integer(), nullable=False, server_default="0"))
    op.drop_index("ix_inbound_open", "inbound")
    op.create_index(
        "ix_inbound_open", "inbound", ["priority", "seq"], sqlite_where=UNFINISHED, postgresql_where=UNFINISHED
    )
    op.add_column("campaign", sa.Column("spread", sa.JSON(), nullable=True))
    op.create_table(
        "campaign_upload",
        sa.Column("seq", SEQUENCE, autoincrement=True, nullable=False),
        sa.Column("campaign_id", sa.String(length=40), nullable=True),
        sa.Column("batch", sa.String(length=40), nullable=False),
        sa.Column("patients", sa.Integer(), nullable=False),
        sa.Column("rows_sealed", sa.Text(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_index(op.f("ix_campaign_upload_campaign_id"), "campaign_upload", ["campaign_id"])
    op.create_index(op.f("ix_campaign_upload_batch"), "campaign_upload", ["batch"])
    for column in ("phone_id", "patient_id"):
        op.create_index(
            f"ix_message_unasked_{column}",
            "message",
            [column, "created_at"],
            sqlite_where=UNASKED,
            postgresql_where=UNASKED,
        )
