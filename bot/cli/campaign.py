"""``bot campaign``: outreach."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from bot.bootstrap import build_vault
from bot.campaign_status import every_campaign, status_of
from bot.campaigns import Forecast, Outreach, cancel_campaign, pause_campaign, resume_campaign
from bot.cli.loading import load_settings, open_database
from bot.cli.patients import CSV, refused, say_notes, say_what_was_read, write_with_bar
from bot.content import load_content
from bot.importing import accept, forecast_list, read_list
from bot.patient_file import BadFile
from bot.store import campaigns
from bot.store.database import Database
from bot.store.errors import NotFound, WrongState

# Who copies the time that it is now is not told that it has passed.
_JUST_NOW = timedelta(hours=1)


@click.group()
def campaign() -> None:
    """Invite patients to a screening, and follow how far it is."""


@campaign.command()
@CSV
@click.option("--name", required=True, help="What the campaign is called, for you.")
@click.option("--kind", type=click.Choice(["screening", "rescreening"]), default="screening", show_default=True)
@click.option("--instrument", default="ahc-hrsn-core", show_default=True, help="As `bot instruments list` names it.")
@click.option("--start-at", help="From when on, such as 2026-03-02T09:00-05:00. Left out: now.")
@click.option("--dry-run", is_flag=True, help="Only say who would be texted when, and who would not and why.")
def create(file: Path, name: str, kind: str, instrument: str, start_at: str | None, dry_run: bool) -> None:
    """Invite the patients of a CSV file, who are created or updated from it.

    `bot patients columns` shows what its columns may be called.
    """
    settings = load_settings()
    if instrument not in load_content(settings.content_dir).instruments:
        raise click.BadParameter("is not loaded; `bot instruments list` shows what is", param_hint="--instrument")
    with open_database(settings) as database, file.open("rb") as opened:
        begins = _moment(start_at, database.clock.now())
        outreach = Outreach(name, kind, instrument, "sms", (), begins)
        try:
            with read_list(opened, build_vault(settings), database.clock.now().date()) as found:
                if dry_run:
                    with database.read() as tx:
                        _say_forecast(forecast_list(tx, found, outreach, settings.send_rate))
                    say_notes(found)
                    return
                with database.write() as tx:
                    batch, campaign_id = accept(tx, found, outreach, "cli")
                say_what_was_read(found, write_with_bar(database, settings, batch, found))
        except BadFile as bad:
            raise refused(bad) from None
        begun = "has begun" if begins <= database.clock.now() else f"begins at {_time(begins)}"
    click.echo(f"Campaign {campaign_id} {begun}; `bot campaign status {campaign_id}` shows how far it is.")


@campaign.command("list")
@click.option("--json", "as_json", is_flag=True, help="As JSON: a list of what `status --json` gives.")
def list_campaigns(as_json: bool) -> None:
    """List the campaigns in the order in which they were made."""
    with open_database() as database, database.read() as tx:
        found = [status_of(tx, each) for each in every_campaign(tx)]
    if as_json:
        click.echo(_json(found))
    for each in [] if as_json else found:
        what = f"{each['total']:>8} patients, from {_time(each['start_at'])}"
        click.echo(f"{each['id']}  {each['state']:<9}  {each['kind']:<11} {what}  {each['name']}")
    if not found and not as_json:
        click.echo("There are no campaigns.")


@campaign.command()
@click.argument("campaign_id")
@click.option("--json", "as_json", is_flag=True, help="As JSON, as the API gives it.")
def status(campaign_id: str, as_json: bool) -> None:
    """Show how far a campaign is."""
    with open_database() as database, database.read() as tx:
        try:
            found = status_of(tx, campaigns.get(tx, campaign_id))
        except NotFound:
            raise click.ClickException("There is no campaign with this id.") from None
    if as_json:
        click.echo(_json(found))
    else:
        _say_status(found)


@campaign.command()
@click.argument("campaign_id")
def pause(campaign_id: str) -> None:
    """Send nothing more until it is resumed."""
    with _changing() as database:
        pause_campaign(database, campaign_id, "cli")
    click.echo("The campaign is paused.")


@campaign.command()
@click.argument("campaign_id")
def resume(campaign_id: str) -> None:
    """Let a paused campaign go on."""
    with _changing() as database:
        resume_campaign(database, load_settings().send_rate, campaign_id, "cli")
    click.echo("The campaign is running again.")


@campaign.command()
@click.argument("campaign_id")
def cancel(campaign_id: str) -> None:
    """Send nothing more, ever."""
    with _changing() as database:
        cancel_campaign(database, campaign_id, "cli")
    click.echo("The campaign is cancelled.")


@contextmanager
def _changing() -> Iterator[Database]:
    """The database; what cannot be done becomes a sentence. Nothing is needed to text through: the clock goes on."""
    try:
        with open_database() as database:
            yield database
    except NotFound:
        raise click.ClickException("There is no campaign with this id.") from None
    except WrongState as error:
        raise click.ClickException(f"That cannot be done: {error}.") from None


def _say_status(found: dict[str, Any]) -> None:
    what = f"{found['kind']} with {found['instrument']}, from {_time(found['start_at'])}"
    click.echo(f"{found['name']}: {found['state']}, {what}")
    unwritten = {"still to be enrolled": found["importing"], "could not be written": found["not_imported"]}
    for state, count in {**found["counts"], **unwritten}.items():
        if count:
            click.echo(f"  {state:<20} {count:>8}")
    for reason, count in sorted(found["held_reasons"].items()):
        click.echo(f"    held: {reason:<24} {count:>8}")


def _json(found: Any) -> str:
    return json.dumps(found, default=_iso, ensure_ascii=False, indent=2)


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _time(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _say_forecast(foreseen: list[Forecast]) -> None:
    for each in foreseen:
        when = f"would be texted from {each.at:%Y-%m-%d %H:%M} UTC on" if each.reason is None else f"not: {each.reason}"
        click.echo(f"{each.patient_id}  {when}")
    texted = sum(each.reason is None for each in foreseen)
    click.echo(f"{texted} of {len(foreseen)} patients would be texted. Nothing was written.")


def _moment(text: str | None, now: datetime) -> datetime:
    if text is None:
        return now
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter("must be a time such as 2026-03-02T09:00-05:00", param_hint="--start-at") from None
    if at.tzinfo is None:
        raise click.BadParameter("must say its zone, such as -05:00 at the end", param_hint="--start-at")
    if at < now - _JUST_NOW:
        raise click.BadParameter("lies in the past; leave it out to begin now", param_hint="--start-at")
    return at.astimezone(UTC)
