"""The tables of the directory of places, declared with the others of :mod:`bot.store.tables`.

Listings are public data and are not sealed. Which of them were shared with a patient is not public, and is.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Date, Float, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.tables import Base, Sequence


class Resource(Base):
    """A listing. ``document`` is :func:`bot.core.directory.codec.to_json`, ``digest`` tells whether it changed.

    One that its source no longer has keeps its row with ``retired_at`` set: referrals may point to it.
    """

    __tablename__ = "resource"
    __table_args__ = (UniqueConstraint("source", "external_id"), Index("ix_resource_name", "name", "id"))
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    source: Mapped[str] = mapped_column(String(80))
    external_id: Mapped[str] = mapped_column(String(255))
    name: Mapped[str] = mapped_column(String(200))
    organization: Mapped[str] = mapped_column(String(200))
    status: Mapped[str] = mapped_column(String(16))  # active | inactive | private
    verified_on: Mapped[date | None] = mapped_column(Date)
    document: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64))
    import_id: Mapped[str] = mapped_column(String(40))  # the last import that had it
    changed_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]


class ResourceOffer(Base):
    """That a listing may be offered for a need, at a place: what a search begins with.

    No row for a listing that is private, closed or retired. Without coordinates: by phone, or nobody knows where.
    """

    __tablename__ = "resource_offer"
    __table_args__ = (Index("ix_resource_offer_need", "need", "latitude", "longitude"),)
    seq: Mapped[int] = mapped_column(Sequence, primary_key=True, autoincrement=True)
    resource_id: Mapped[str] = mapped_column(ForeignKey("resource.id", ondelete="CASCADE"), index=True)
    need: Mapped[str] = mapped_column(String(24))
    fit: Mapped[int] = mapped_column(Integer)
    latitude: Mapped[float | None] = mapped_column(Float)
    longitude: Mapped[float | None] = mapped_column(Float)


class SharedList(Base):
    """The places that were shared with a patient, to be read at a link until it expires. Only its hash is kept."""

    __tablename__ = "shared_list"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    patient_id: Mapped[str] = mapped_column(ForeignKey("patient.id", ondelete="CASCADE"), index=True)
    items_sealed: Mapped[str] = mapped_column(Text)  # JSON: ids of resources, in order
    language: Mapped[str] = mapped_column(String(8))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
