"""How far a campaign has come, for whoever asks: the API and the command line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bot.store import campaigns, uploads
from bot.store.campaigns import Campaign
from bot.store.database import Transaction

_PAGE = 100


def status_of(tx: Transaction, campaign: Campaign) -> dict[str, Any]:
    """What it is, and its counts by state, as the API names them; times are aware."""
    counts = campaigns.counts(tx, campaign.id)
    importing = uploads.waiting(tx, campaign.id)
    not_imported = uploads.not_written(tx, campaign_id=campaign.id)
    return {
        "id": campaign.id,
        "name": campaign.name,
        "kind": campaign.kind,
        "instrument": campaign.instrument,
        "channel": campaign.channel,
        "state": campaign.state,
        "start_at": campaign.start_at,
        "created_at": campaign.created_at,
        "total": sum(counts.by_state.values()) + importing + not_imported,
        "importing": importing,
        "not_imported": not_imported,
        "counts": counts.by_state,
        "held_reasons": counts.held_reasons,
    }


def every_campaign(tx: Transaction) -> Iterator[Campaign]:
    """All of them, in the order in which they were made."""
    after: str | None = None
    while True:
        page = campaigns.list_page(tx, after, _PAGE)
        yield from page.items
        if page.next is None:
            return
        after = page.next
