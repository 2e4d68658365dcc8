"""``bot patients``: patient lists."""

from __future__ import annotations

import textwrap
from pathlib import Path

import click

from bot.bootstrap import build_vault
from bot.cli.loading import load_settings, open_database
from bot.importing import PatientList, accept, read_list, write_batch
from bot.patient_file import BadFile, column_names
from bot.settings import Settings
from bot.store import uploads
from bot.store.database import Database

CSV = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))


@click.group()
def patients() -> None:
    """Look after the patients."""


@patients.command("import")
@CSV
def import_patients(file: Path) -> None:
    """Create or update the patients of a CSV file: all of them, or none when anything in it is wrong.

    `bot patients columns` shows what its columns may be called.
    """
    settings = load_settings()
    with open_database(settings) as database, file.open("rb") as opened:
        try:
            with read_list(opened, build_vault(settings), database.clock.now().date()) as found:
                with database.write() as tx:
                    batch, _ = accept(tx, found, None, "cli")
                say_what_was_read(found, write_with_bar(database, settings, batch, found))
        except BadFile as bad:
            raise refused(bad) from None


@patients.command()
def columns() -> None:
    """Show which columns of a list are read, and what they may be called. Only the patient's id is needed."""
    for field, names in column_names(load_settings().content_dir).items():
        click.echo(f"{field}\n" + textwrap.fill(", ".join(names), 100, initial_indent="  ", subsequent_indent="  "))


def write_with_bar(database: Database, settings: Settings, batch: str, found: PatientList) -> int:
    """Write the accepted list, with a progress bar, and say how many patients could not be written.

    What is left when this is stopped is written by the clock.
    """
    with click.progressbar(length=found.reading.rows, label="Writing patients") as bar:
        write_batch(database, settings.send_rate, batch, bar.update)
    with database.read() as tx:
        return uploads.not_written(tx, batch=batch)


def say_what_was_read(found: PatientList, failed: int) -> None:
    """How many patients, how many could not be written, and what of the list was left out."""
    click.echo(f"{found.reading.rows - failed} patients are written.")
    if failed:
        click.echo(f"{failed} patients could not be written; a case tells of them.", err=True)
    say_notes(found)


def say_notes(found: PatientList) -> None:
    """What of the list was left out, beside the results."""
    for note in found.reading.notes():
        click.echo(note, err=True)


def refused(bad: BadFile) -> click.ClickException:
    """Every problem on a line of its own, and a sentence for the end."""
    for problem in bad.problems:
        click.echo(str(problem), err=True)
    return click.ClickException(f"Nothing was written: {bad} ({len(bad.problems)} are named above).")
