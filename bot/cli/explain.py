"""``bot explain``: why a patient is texted, or is not."""

from __future__ import annotations

import click

from bot.cli.loading import open_database
from bot.explaining import explain as lines_about


@click.command()
@click.argument("patient_id")
def explain(patient_id: str) -> None:
    """Say what is planned for a patient, what is held and why, and what was sent."""
    with open_database() as database, database.read() as tx:
        try:
            lines = lines_about(tx, patient_id)
        except LookupError:
            raise click.ClickException("There is no patient with this id.") from None
    click.echo("\n".join(lines))
