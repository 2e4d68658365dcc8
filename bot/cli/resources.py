"""``bot resources``: the directory of places that help."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from bot.cli.loading import load_settings, open_database
from bot.content import ContentError
from bot.content.directory import load_directory
from bot.core.directory.needs import DOMAINS
from bot.core.directory.service import Service
from bot.directory.folder import PackageError
from bot.directory.formats import FORMATS, detect
from bot.directory.importing import Imported, Order, import_package
from bot.directory.sample import import_sample, let_texts_reach_them
from bot.directory.zip_book import open_zip_book
from bot.settings import Settings
from bot.store import directory
from bot.store.database import upgrade

SHOWN_PROBLEMS = 20
WORDS = {
    "added": "new",
    "changed": "changed",
    "unchanged": "as before",
    "back": "back again",
    "retired": "retired",
    "private": "private, never shown",
    "inactive": "closed, never shown",
    "without_need": "for no need that is asked about",
}


@click.group()
def resources() -> None:
    """Look after the directory of places that help."""


@resources.command("import")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--format", "format_name", type=click.Choice(list(FORMATS)), help="The format, when it is told wrongly.")
@click.option("--source", help="Whose listings these are; the name of the file or folder without it.")
@click.option("--assured", type=click.DateTime(["%Y-%m-%d"]), help="When the listings without a date were checked.")
@click.option(
    "--report", "report_path", type=click.Path(path_type=Path), help="Write all that was refused here, as JSON."
)
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
def import_resources(
    path: Path,
    format_name: str | None,
    source: str | None,
    assured: datetime | None,
    report_path: Path | None,
    dry_run: bool,
) -> None:
    """Import listings: HSDS 3.0 (JSON or CSV), HSDS 2.x and 1.1, Ohana CSV or HAARRRvest.

    Everything is read first and then written at once, or nothing is. What came from the same source before is updated
    by id, and retired when it is no longer there.
    """
    settings = load_settings()
    try:
        order = _order(path, format_name, source, assured, dry_run)
        done = _import(settings, order)
    except (PackageError, ContentError) as error:
        raise click.ClickException(str(error)) from None
    _print(order, done)
    if report_path:
        report_path.write_text(json.dumps(done.to_json(order), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


@resources.command("list")
@click.option("--json", "as_json", is_flag=True, help="As JSON, one list.")
@click.option("--need", type=click.Choice(DOMAINS), help="Those that may be offered for this need.")
@click.option("--source", help="Those of this source.")
@click.option("--status", type=click.Choice(["active", "inactive", "private", "retired"]), help="Those in this state.")
@click.option("--words", help="Those with all of these words in the name or the organization.")
def list_resources(as_json: bool, need: str | None, source: str | None, status: str | None, words: str | None) -> None:
    """List the places, by name."""
    with open_database() as database, database.read() as tx:
        found = directory.listed(tx, source=source, need=need, status=status, words=words)
        for line in _as_json(found) if as_json else (_line(*each) for each in found):
            click.echo(line)


@resources.command("index")
def index_resources() -> None:
    """Work out anew which needs the places help with, after needs_to_categories.yml was changed."""
    settings = load_settings()
    try:
        crosswalk = load_directory(settings.content_dir).crosswalk
    except ContentError as error:
        raise click.ClickException(str(error)) from None
    with open_database(settings) as database, database.write() as tx:
        click.echo(f"{directory.reclassify(tx, crosswalk)} places help with other needs than before.")


@resources.command("sample")
def import_sample_places() -> None:
    """Import invented places to try the bot out with, if there are no places yet and it runs as a simulator."""
    settings = load_settings()
    if not settings.simulator:
        raise click.ClickException("Invented places are for the simulator alone; set BOT_SIMULATOR=1.")
    with open_database(settings) as database:
        upgrade(database.engine)
        done = import_sample(database, settings)
        if done is not None:
            let_texts_reach_them(database)
    if done is not None:
        click.echo(f"{done.counts['added']} invented places around 43215, 60608 and 79901 are there to try.")
        click.echo("Each is told of a referral by text: text from its number in the simulator to see what it sees.")


def _order(path: Path, format_name: str | None, source: str | None, assured: datetime | None, dry_run: bool) -> Order:
    chosen = format_name or detect(path)
    named = source or path.resolve().stem or "directory"
    return Order(path, chosen, named[:80], assured.date() if assured else None, dry_run)


def _import(settings: Settings, order: Order) -> Imported:
    content = load_directory(settings.content_dir)
    book = open_zip_book()
    with open_database(settings) as database:
        upgrade(database.engine)
        return import_package(database, order, content.crosswalk, book, _progress, words=content.words)


def _progress(label: str, length: int | None, items: Iterable[Any]) -> Iterator[Any]:
    with click.progressbar(items, length=length, label=label, show_pos=True, file=sys.stderr) as bar:
        yield from bar


def _print(order: Order, done: Imported) -> None:
    would = " (dry run: nothing was changed)" if order.dry_run else ""
    click.echo(f"{order.source}, {FORMATS[order.format]}{would}")
    for word, meaning in WORDS.items():
        if done.counts[word]:
            click.echo(f"  {done.counts[word]:6} {meaning}")
    for refused, number in sorted(done.report.counts.items()):
        click.echo(f"  {number:6} refused: {refused}")
    for problem in done.report.problems[:SHOWN_PROBLEMS]:
        click.echo(f"  {problem}")
    left = len(done.report.problems) - SHOWN_PROBLEMS
    if left > 0:
        click.echo(f"  … and {left} more; --report FILE writes them down.")


def _line(service: Service, retired_at: datetime | None) -> str:
    state = "retired" if retired_at else service.status
    needs = ",".join(sorted(service.needs, key=lambda need: (service.needs[need], need)))
    where = next((f"{p.address.city} {p.address.zip}".strip() for p in service.places if p.address), "")
    return f"{service.id}  {state}  {_day(service.verified_on)}  {service.name}  {where}  {needs}"


def _day(day: date | None) -> str:
    return day.isoformat() if day else "no date   "


def _as_json(found: Iterable[tuple[Service, datetime | None]]) -> Iterator[str]:
    """One list, written as it is read."""
    opening = "["
    for service, retired_at in found:
        yield opening + json.dumps(_to_json(service, retired_at), ensure_ascii=False)
        opening = ","
    yield "]" if opening == "," else "[]"


def _to_json(service: Service, retired_at: datetime | None) -> dict[str, Any]:
    return {
        "id": service.id,
        "external_id": service.external_id,
        "source": service.source,
        "name": service.name,
        "organization": service.organization,
        "status": "retired" if retired_at else service.status,
        "needs": dict(service.needs),
        "verified_on": service.verified_on.isoformat() if service.verified_on else None,
        "languages": list(service.languages),
        "phones": [phone.number for phone in service.phones],
        "places": [
            {
                "address": " ".join(
                    part for part in (p.address.street, p.address.city, p.address.state, p.address.zip) if part
                )
            }
            for p in service.places
            if p.address
        ],
    }
