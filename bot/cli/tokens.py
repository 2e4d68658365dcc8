"""``bot token``: who may use the clinic API."""

from __future__ import annotations

import click

from bot.cli.loading import open_database
from bot.store import audit, tokens


@click.group()
def token() -> None:
    """Look after the tokens of the clinic API."""


@token.command()
@click.option("--role", type=click.Choice(["clinic"]), required=True, help="What the token may do.")
@click.option("--name", default="unnamed", show_default=True, help="Whom it is for, for the list. Up to 80 letters.")
def create(role: str, name: str) -> None:
    """Make a token and print it. It cannot be shown again."""
    if not 0 < len(name) <= 80:
        raise click.BadParameter("must have 1 to 80 letters", param_hint="--name")
    with open_database() as database, database.write() as tx:
        token_id, secret = tokens.create(tx, name, role)
        audit.record(tx, "cli", "token_created", "token", token_id, role=role)
    click.echo(secret)


@token.command("list")
def list_tokens() -> None:
    """List the tokens: id, role, when made, whether revoked, name."""
    with open_database() as database, database.read() as tx:
        for made in tokens.list_all(tx):
            state = f"revoked {made.revoked_at:%Y-%m-%d}" if made.revoked_at else "valid"
            click.echo(f"{made.id}  {made.role}  {made.created_at:%Y-%m-%d}  {state:<18}  {made.name}")


@token.command()
@click.argument("token_id")
def revoke(token_id: str) -> None:
    """End a token, by its id in the list."""
    with open_database() as database, database.write() as tx:
        ended = tokens.revoke(tx, token_id)
        if ended:
            audit.record(tx, "cli", "token_revoked", "token", token_id)
    if not ended:
        raise click.ClickException("There is no valid token with this id; `bot token list` shows them.")
    click.echo("The token is revoked.")
