"""``bot instruments``: the questionnaires."""

from __future__ import annotations

import json

import click

from bot.cli.loading import load_settings
from bot.content import ContentError, load_content
from bot.content.lint import lint
from bot.core.instrument import Instrument


@click.group()
def instruments() -> None:
    """Look after the questionnaires."""


@instruments.command("list")
@click.option("--json", "as_json", is_flag=True, help="As JSON: [{id, version, title, languages}].")
def list_instruments(as_json: bool) -> None:
    """List the questionnaires that are loaded."""
    try:
        loaded = list(load_content(load_settings().content_dir).instruments.values())
    except ContentError as error:
        raise click.ClickException(f"The content cannot be loaded: {error}") from None
    if as_json:
        click.echo(json.dumps([_summary(each) for each in loaded], ensure_ascii=False, indent=2))
        return
    for each in loaded:
        click.echo(f"{each.id}  {each.version}  {','.join(each.languages)}  {each.title}")


@instruments.command()
def check() -> None:
    """Say what is missing or wrong in the questionnaires."""
    problems = [problem for problem in lint(load_settings().content_dir) if "questionnaires" in problem]
    for problem in problems:
        click.echo(problem)
    if problems:
        raise click.ClickException("The questionnaires are not in order; the lines above say where.")
    click.echo("The questionnaires are in order.")


def _summary(instrument: Instrument) -> dict[str, object]:
    return {
        "id": instrument.id,
        "version": instrument.version,
        "title": instrument.title,
        "languages": list(instrument.languages),
    }
