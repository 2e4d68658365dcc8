"""The table of patient lists that were accepted and are still to be written, or could not be."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.tables import Base, Sequence


class CampaignUpload(Base):
    """Rows of an accepted patient list, a few hundred at a time; gone once written. ``state``: waiting, failed."""

    __tablename__ = "campaign_upload"
    seq: Mapped[int] = mapped_column(Sequence, primary_key=True, autoincrement=True)
    campaign_id: Mapped[str | None] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), index=True)
    batch: Mapped[str] = mapped_column(String(40), index=True)  # one a file
    patients: Mapped[int] = mapped_column(Integer)
    rows_sealed: Mapped[str] = mapped_column(Text)  # JSON, as bot.patient_records.to_json
    created_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(16), server_default="waiting")
    reason: Mapped[str | None] = mapped_column(String(80))  # the class of the error
