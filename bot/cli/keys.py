"""``bot keys``: the keys that the data is sealed with."""

from __future__ import annotations

from collections import Counter

import click

from bot.cli.loading import open_database
from bot.store import audit
from bot.store.database import Database
from bot.store.rotation import reseal
from bot.store.vault import VaultError


@click.group()
def keys() -> None:
    """Look after the encryption keys."""


@keys.command()
def rotate() -> None:
    """Seal all data anew with the first of BOT_ENCRYPTION_KEYS. Safe to stop and to run again, while all else runs."""
    with open_database() as database:
        counts = _reseal(database)
        with database.write() as tx:
            audit.record(tx, "cli", "keys_rotated", "database", "database", resealed=counts.total())
    click.echo(f"{counts.total()} texts were sealed anew. Old keys may go when no backup needs them.")


def _reseal(database: Database) -> Counter[str]:
    counts: Counter[str] = Counter()
    place = ""
    try:
        for progress in reseal(database):
            place = progress.place
            counts[place] += progress.resealed
            click.echo(f"{place}: {counts[place]} sealed anew", err=True)
    except VaultError:
        after = f" after {place}" if place else ""
        raise click.ClickException(
            f"A text{after} opens with none of BOT_ENCRYPTION_KEYS; add the key it needs."
        ) from None
    return counts
