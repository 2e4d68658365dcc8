"""``bot content``: messages, lexicons, instruments and tables."""

from __future__ import annotations

import click

from bot.cli.loading import load_settings
from bot.content.lint import MOST_SEGMENTS, costs, lint
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


@content.command("costs")
def show_costs() -> None:
    """Say how many segments each of our messages is sent and billed as, in every language."""
    found = costs(load_settings().content_dir)
    languages = sorted({language for language, _, _ in found})
    by_key: dict[str, dict[str, int]] = {}
    for language, key, count in found:
        by_key.setdefault(key, {})[language] = count
    width = max(len(key) for key in by_key)
    click.echo(f"{'message':<{width}}  {'  '.join(f'{language:>4}' for language in languages)}")
    for key, counts in sorted(by_key.items(), key=lambda entry: (-max(entry[1].values()), entry[0])):
        cells = (f"{counts.get(language, '-'):>4}" for language in languages)
        click.echo(f"{key:<{width}}  {'  '.join(cells)}")
    click.echo(
        f"At most {MOST_SEGMENTS} a message. One of \u00e1 \u00ed \u00f3 \u00fa makes a text cost twice as much."
    )
