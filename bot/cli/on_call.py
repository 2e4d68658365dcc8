"""``bot on-call``: who is told of a case that cannot wait."""

from __future__ import annotations

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from bot import setting_kinds as kind
from bot.cli.loading import open_database
from bot.phones import UnusableNumber, to_address
from bot.store import audit
from bot.store import on_call as people


@click.group("on-call")
def on_call() -> None:
    """Say who is told, by text and e-mail, of a case that cannot wait."""


@on_call.command()
@click.option("--name", required=True, help="Who it is. Up to 80 letters; stored encrypted.")
@click.option("--phone", help="Where texts go, in any usual form; stored encrypted.")
@click.option("--email", help="Where e-mails go; stored encrypted.")
@click.option("--clinic", help="Only for this clinic's patients, as the clinic is named in their records.")
@click.option("--order", type=click.IntRange(1, 1000), help="Place in the line, 1 first. Else behind everybody.")
@click.option("--hours", help="When on duty, such as 'mon-fri 08:00-18:00, sat 09:00-12:00'. Else at any time.")
@click.option("--timezone", default="UTC", show_default=True, help="Of --hours, such as America/Chicago.")
def add(
    name: str, phone: str | None, email: str | None, clinic: str | None,
    order: int | None, hours: str | None, timezone: str,
) -> None:  # fmt: skip
    """Put somebody on call and print their id."""
    if not 0 < len(name) <= 80:
        raise click.BadParameter("must have 1 to 80 letters", param_hint="--name")
    number, address = _number(phone), _address(email)
    _check_timezone(timezone)
    with open_database() as database, database.write() as tx:
        try:
            person_id = people.add(
                tx, name=name, phone=number, mail=address, clinic=clinic, position=order, hours=hours, timezone=timezone
            )
        except ValueError as error:
            raise click.ClickException(f"Not added: {error}.") from None
        audit.record(tx, "cli", "on_call_added", "on_call_person", person_id)
    click.echo(person_id)


@on_call.command("list")
def list_people() -> None:
    """List the line: id, place, channels, clinic, hours, name. Numbers and addresses are not shown."""
    with open_database() as database, database.read() as tx:
        line = people.everybody(tx)
    for person in line:
        by = "+".join(word for word, there in (("text", person.phone), ("e-mail", person.mail)) if there)
        hours = f"{person.hours} {person.timezone}" if person.hours else "any time"
        click.echo(
            f"{person.id}  {person.position:>3}  {by:<11}  {person.clinic or 'every clinic'}  {hours}  {person.name}"
        )
    if not line:
        click.echo("Nobody is on call: cases that cannot wait reach nobody. `bot on-call add --help` says how.")


@on_call.command()
@click.argument("person_id")
def remove(person_id: str) -> None:
    """Take somebody off call, by their id in the list."""
    with open_database() as database, database.write() as tx:
        removed = people.remove(tx, person_id)
        if removed:
            audit.record(tx, "cli", "on_call_removed", "on_call_person", person_id)
    if not removed:
        raise click.ClickException("Nobody on call has this id; `bot on-call list` shows them.")
    click.echo("Taken off call.")


def _number(phone: str | None) -> str | None:
    try:
        return to_address(phone) if phone else None
    except UnusableNumber as error:
        raise click.BadParameter(error.sentence, param_hint="--phone") from None


def _address(email: str | None) -> str | None:
    try:
        return kind.mail_address(email) if email else None
    except ValueError as error:
        raise click.BadParameter(f"must be {error}", param_hint="--email") from None


def _check_timezone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise click.BadParameter("is not a time zone; one is America/Chicago", param_hint="--timezone") from None
