"""When a decision about being texted was recorded, beside the time that was said for it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, which stays empty where it was not kept."""
    op.add_column("consent", sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=True))
