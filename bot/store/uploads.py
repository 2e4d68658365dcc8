"""Accepted patient lists, kept sealed in chunks until they are written: each chunk once, whatever is killed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, delete, func, insert, select

from bot.store.database import Transaction
from bot.store.leases import hold_thread
from bot.store.tables import Campaign
from bot.store.upload_tables import CampaignUpload
from bot.store.vault import Vault, VaultError

_ROWS = "campaign_upload.rows_sealed"
_WAITING = CampaignUpload.state == "waiting"


@dataclass(frozen=True)
class Chunk:
    """Some rows of a list, sealed. ``spread`` is that of its campaign so far."""

    seq: int
    campaign_id: str | None
    sealed: str
    spread: dict[str, Any] | None


def seal_rows(vault: Vault, rows: list[dict[str, Any]]) -> str:
    """Rows in the form in which :func:`put` takes them; needs no transaction."""
    return vault.seal(json.dumps(rows, separators=(",", ":")), _ROWS)


def open_rows(vault: Vault, sealed: str) -> list[dict[str, Any]]:
    """Read what :func:`seal_rows` sealed."""
    rows: list[dict[str, Any]] = json.loads(vault.open(sealed, _ROWS))
    return rows


def put(tx: Transaction, campaign_id: str | None, batch: str, sealed: str, patients: int) -> None:
    """Keep one chunk, to be written after those before it."""
    values = {
        "campaign_id": campaign_id,
        "batch": batch,
        "patients": patients,
        "rows_sealed": sealed,
        "created_at": tx.now(),
    }
    tx.session.execute(insert(CampaignUpload).values(**values))


def take(tx: Transaction, batch: str | None = None) -> Chunk | None:
    """The next chunk, of this file if one is named; it is gone when the transaction commits. None when none waits."""
    query = select(CampaignUpload).where(_WAITING).order_by(CampaignUpload.seq).limit(1)
    query = query.with_for_update(skip_locked=True)
    if batch is not None:
        query = query.where(CampaignUpload.batch == batch)
    row = tx.session.execute(query).scalar_one_or_none()
    if row is None:
        return None
    if row.campaign_id is not None:
        hold_thread(tx, f"campaign {row.campaign_id}")
    found = select(Campaign.spread).where(Campaign.id == row.campaign_id)
    spread = tx.session.execute(found).scalar_one_or_none()
    chunk = Chunk(row.seq, row.campaign_id, row.rows_sealed, spread)
    tx.session.execute(delete(CampaignUpload).where(CampaignUpload.seq == row.seq))
    return chunk


def keep_spread(tx: Transaction, campaign_id: str, spread: dict[str, Any] | None) -> None:
    """Which minutes are taken so far."""
    tx.session.get_one(Campaign, campaign_id).spread = spread


def waiting(tx: Transaction, campaign_id: str) -> int:
    """How many patients of the campaign's list are not enrolled yet."""
    return _patients(tx, _WAITING & (CampaignUpload.campaign_id == campaign_id))


def not_written(tx: Transaction, *, campaign_id: str | None = None, batch: str | None = None) -> int:
    """How many patients of this campaign, or else of this list, could not be written."""
    of_campaign = CampaignUpload.campaign_id == campaign_id
    return _patients(tx, ~_WAITING & (of_campaign if campaign_id else CampaignUpload.batch == batch))


def set_aside(tx: Transaction, seq: int, reason: str) -> tuple[str, int] | None:
    """A chunk that could not be written waits no more: one of several patients gives way to a chunk for each.

    One that is to stay is emptied, as nothing of a patient may be kept where erasure does not reach, and keeps
    ``reason``; then its list and how many patients were in it are given.
    """
    query = select(CampaignUpload).where(CampaignUpload.seq == seq, _WAITING).with_for_update()
    row = tx.session.execute(query).scalar_one_or_none()
    if row is None:
        return None
    rows = _readable(tx, row.rows_sealed)
    if len(rows) > 1:
        for each in rows:
            put(tx, row.campaign_id, row.batch, seal_rows(tx.vault, [each]), 1)
        tx.session.delete(row)
        return None
    row.state, row.reason, row.rows_sealed = "failed", reason, seal_rows(tx.vault, [])
    return row.batch, row.patients


def _readable(tx: Transaction, sealed: str) -> list[dict[str, Any]]:
    try:
        return open_rows(tx.vault, sealed)
    except VaultError:
        return []


def _patients(tx: Transaction, which: ColumnElement[bool]) -> int:
    query = select(func.coalesce(func.sum(CampaignUpload.patients), 0)).where(which)
    return int(tx.session.execute(query).scalar_one())
