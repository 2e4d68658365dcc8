"""``bot db``: the database's schema."""

from __future__ import annotations

import click

from bot.cli.loading import open_database
from bot.store.database import is_current, upgrade


@click.group()
def db() -> None:
    """Look after the database."""


@db.command("upgrade")
def upgrade_schema() -> None:
    """Bring the schema to the newest version. Safe to run again, and by several at once."""
    with open_database() as database:
        was_current = is_current(database.engine)
        upgrade(database.engine)
    click.echo("The schema was up to date." if was_current else "The schema is now up to date.")
