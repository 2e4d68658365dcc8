"""``bot content``: messages, lexicons, instruments and tables."""

from __future__ import annotations

import click

from bot.cli.loading import load_settings
from bot.content.lint import lint
from bot.sending.errors_table import lint_errors


@click.group()
def content() -> None:
    """Look after the content in dialogs/."""


@content.command()
def check() -> None:
    """Say what is missing or wrong in the content; the same check runs at start."""
    folder = load_settings().content_dir
    problems = [*lint(folder), *lint_errors(folder)]
    for problem in problems:
        click.echo(problem)
    if problems:
        raise click.ClickException(f"The content has {len(problems)} problem{'s' if len(problems) > 1 else ''}.")
    click.echo("The content is in order.")
