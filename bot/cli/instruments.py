"""``bot instruments``: the questionnaires."""

from __future__ import annotations

import json
from pathlib import Path

import click

from bot.cli.loading import load_settings
from bot.content import Content, ContentError, load_content
from bot.content.instruments import Findings, ImportRefused, bring_in, examine, read_file
from bot.content.lint import lint
from bot.core.instrument import Instrument

SECTIONS = (
    ("problems", "It cannot be run:"),
    ("notes", "What the bot leaves aside:"),
    ("missing", "Missing before it can be used with patients:"),
)


@click.group()
def instruments() -> None:
    """Look after the questionnaires."""


@instruments.command("list")
@click.option("--json", "as_json", is_flag=True, help="As JSON: [{id, version, title, languages}].")
def list_instruments(as_json: bool) -> None:
    """List the questionnaires that are loaded."""
    loaded = list(_content().instruments.values())
    if as_json:
        click.echo(json.dumps([_summary(each) for each in loaded], ensure_ascii=False, indent=2))
        return
    for each in loaded:
        click.echo(f"{each.id}  {each.version}  {','.join(each.languages)}  {each.title}")


@instruments.command()
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--json", "as_json", is_flag=True, help="As JSON, for one FILE.")
def check(file: Path | None, as_json: bool) -> None:
    """Say what is missing or not supported in FILE, with its place; without FILE, in all that are loaded.

    Exits with 0 when FILE can be run by text, with 1 when it cannot.
    """
    if file is None:
        _check_loaded(as_json)
        return
    try:
        findings = examine(read_file(file), _content().languages)
    except ImportRefused as error:
        raise click.ClickException(str(error)) from None
    if as_json:
        click.echo(json.dumps({"file": str(file), **findings.to_json()}, ensure_ascii=False, indent=2))
    else:
        _print(findings)
    if findings.instrument is None:
        raise SystemExit(1)


@instruments.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--id", "as_id", help="The id to give it, when the file has none or an unfit one.")
@click.option("--replace", is_flag=True, help="Put it in the place of another questionnaire of the same id.")
def import_file(file: Path, as_id: str | None, replace: bool) -> None:
    """Bring the questionnaire in FILE into the content folder, and say what it still lacks."""
    languages = _content().languages
    try:
        target = bring_in(file, load_settings().content_dir, as_id=as_id, replace=replace)
    except ImportRefused as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"Imported as {target}. A running bot takes it up at its next start.")
    findings = examine(read_file(target), languages)
    _print(findings)
    if not list(target.parent.glob("cases/*.yml")):
        click.echo(f"  cases: {target.parent / 'cases'} holds no scoring vectors (see docs/instruments.md)")


def _content() -> Content:
    try:
        return load_content(load_settings().content_dir)
    except ContentError as error:
        raise click.ClickException(f"The content cannot be loaded: {error}") from None


def _check_loaded(as_json: bool) -> None:
    problems = [problem for problem in lint(load_settings().content_dir) if problem.startswith("questionnaires/")]
    if as_json:
        click.echo(json.dumps({"problems": problems}, ensure_ascii=False, indent=2))
    else:
        for problem in problems:
            click.echo(problem)
    if problems:
        raise click.ClickException("The questionnaires are not in order; the lines above say where.")
    if not as_json:
        click.echo("The questionnaires are in order.")


def _print(findings: Findings) -> None:
    found = findings.instrument
    if found is not None:
        click.echo(f"{found.id}, version {found.version}: {len(found.items)} questions can be asked by text.")
    for name, title in SECTIONS:
        lines = getattr(findings, name)
        if lines:
            click.echo(title)
        for line in lines:
            click.echo(f"  {line}")


def _summary(instrument: Instrument) -> dict[str, object]:
    return {
        "id": instrument.id,
        "version": instrument.version,
        "title": instrument.title,
        "languages": list(instrument.languages),
    }
