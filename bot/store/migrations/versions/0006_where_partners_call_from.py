"""The number that a place says it will call from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("referral_event", sa.Column("calls_from_sealed", sa.Text(), nullable=True))
