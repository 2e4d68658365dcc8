"""``bot settings``: what can be set."""

from __future__ import annotations

import click

from bot import settings_pages
from bot.cli.loading import environment
from bot.settings import Settings, declared


@click.command("settings")
@click.option("--markdown", "as_markdown", is_flag=True, help="Write docs/settings.md.")
@click.option("--env", "as_env", is_flag=True, help="Write .env.example.")
def show_settings(as_markdown: bool, as_env: bool) -> None:
    """List the settings: which are set, and what each is for. Values are not shown."""
    if as_markdown:
        click.echo(settings_pages.markdown(), nl=False)
    elif as_env:
        click.echo(settings_pages.env_example(), nl=False)
    else:
        _list()


def _list() -> None:
    settings = Settings.from_env(environment())
    for item in declared():
        env = item.metadata["env"]
        click.echo(f"{'set    ' if env in settings.given else 'default'}  {env:<22} {item.metadata['help']}")
    for warning in settings.warnings:
        click.echo(f"Warning: {warning}", err=True)
