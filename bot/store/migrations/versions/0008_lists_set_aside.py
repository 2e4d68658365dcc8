"""Parts of patient lists that could not be written: they are set aside, and the others go on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; what is there waits."""
    op.add_column("campaign_upload", sa.Column("state", sa.String(16), nullable=False, server_default="waiting"))
    op.add_column("campaign_upload", sa.Column("reason", sa.String(80), nullable=True))
