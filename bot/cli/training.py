"""``bot train``: the dialog model."""

from __future__ import annotations

import click

from bot.cli.loading import load_settings
from bot.cli.processes import run_dialog_python


@click.command()
@click.option("--force", is_flag=True, help="Train also when nothing has changed since the last time.")
def train(force: bool) -> None:
    """Train the dialog model, if what it is made from has changed."""
    run_dialog_python(load_settings(), "dialogs.train", *(["--force"] if force else []))
