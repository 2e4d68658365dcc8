"""``bot understand``: how the bot reads a reply."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import islice
from pathlib import Path
from typing import TextIO

import click

from bot.adapters.dialog_client import DialogFailed, DialogRefused, DialogUnavailable, HttpDialog
from bot.cli.loading import load_settings
from bot.cli.processes import dialog_python, project_root
from bot.content import Content, ContentError, load_content
from bot.core.dialog import Guess
from bot.processes import dies_with_parent, free_port
from bot.settings import Settings
from bot.supervisor import dialog_program
from bot.understanding import BadLine, Line, read_line, understand

BATCH = 500
STARTS_WITHIN = 240.0
ENDS_WITHIN = 12.0
LOOKS_EVERY = 0.2
UNREADABLE = "the dialog process does not answer as it should; is it of the same version?"


@click.command("understand")
def understand_command() -> None:
    """Show how the bot reads replies: JSON lines in, JSON lines out.

    In: {"text", "lang", "question"}, where question is a LOINC code of a loaded instrument, or {"type": "boolean",
    "text": …}, or {"type": "choice", "options": [labels]}, or null. Out: {"reading", "value", "by", "confidence"},
    one line each, in order. Uses the dialog process at BOT_DIALOG_URL, or starts one for the run.
    """
    settings = load_settings()
    try:
        content = load_content(settings.content_dir, settings.model_dir)
    except ContentError as error:
        raise click.ClickException(f"The content cannot be loaded: {error}") from None
    with ExitStack() as stack:
        nlu = _Nlu(settings, stack)
        numbered = enumerate(sys.stdin.buffer, 1)
        # Who types wants to see each reading at once.
        size = 1 if sys.stdin.isatty() else BATCH
        while batch := list(islice(numbered, size)):
            _read_batch(content, nlu, batch)


class _Nlu:
    """The NLU of a dialog process, looked for or started when it is first asked."""

    def __init__(self, settings: Settings, stack: ExitStack) -> None:
        self._settings = settings
        self._stack = stack
        self._dialog: HttpDialog | None = None

    def parse(self, texts: list[str]) -> list[Guess]:
        """See :meth:`HttpDialog.parse`. Raises ``click.ClickException`` when no dialog process can be asked."""
        if self._dialog is None:
            self._dialog = self._stack.enter_context(ready_dialog(self._settings))
        try:
            return self._dialog.parse(texts)
        except (DialogFailed, DialogRefused, DialogUnavailable):
            raise click.ClickException(UNREADABLE) from None


def _read_batch(content: Content, nlu: _Nlu, batch: list[tuple[int, bytes]]) -> None:
    """Print the readings of the lines up to a bad one. Raises ``click.ClickException`` at that one."""
    lines: list[Line] = []
    refused: click.ClickException | None = None
    for number, line in batch:
        if not line.strip():
            continue
        try:
            lines.append(read_line(content, json.loads(line)))
        except ValueError as error:
            what = str(error) if isinstance(error, BadLine) else "not JSON"
            refused = click.ClickException(f"Line {number}: {what}.")
            break
    for found in understand(content, lines, lambda texts: nlu.parse(list(texts))):
        click.echo(json.dumps(found.to_json(), ensure_ascii=False))
    if refused is not None:
        raise refused


@contextmanager
def ready_dialog(settings: Settings) -> Iterator[HttpDialog]:
    """The dialog process of the settings if it is ready, else one of our own, ended afterwards."""
    running = HttpDialog(settings.dialog_url)
    if _is_usable(running):
        yield running
        return
    if "BOT_DIALOG_URL" in settings.given:
        raise click.ClickException("No dialog process of this version is ready at BOT_DIALOG_URL.")
    with tempfile.TemporaryFile("w+") as log:
        process, port = _start(settings, log)
        try:
            own = HttpDialog(f"http://127.0.0.1:{port}")
            _wait_until_ready(own, process, log)
            yield own
        finally:
            _end(process)


def _is_usable(dialog: HttpDialog) -> bool:
    """Whether a dialog process answers there, and knows how to be asked."""
    try:
        return dialog.parse([]) == []
    except (DialogFailed, DialogRefused, DialogUnavailable):
        return False


def _start(settings: Settings, log: TextIO) -> tuple[subprocess.Popen[bytes], int]:
    dialog_python(settings)
    if not Path(settings.model_dir / "followthrough.tar.gz").exists():
        raise click.ClickException("There is no trained dialog model: run `bot train`.")
    port = free_port()
    environment = {**os.environ, "BOT_MODEL_DIR": str(settings.model_dir)}
    process = subprocess.Popen(
        dialog_program(settings, port).command,
        cwd=project_root(),
        env=environment,
        stdout=log,
        stderr=subprocess.STDOUT,
        preexec_fn=dies_with_parent(),
    )
    return process, port


def _wait_until_ready(dialog: HttpDialog, process: subprocess.Popen[bytes], log: TextIO) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until:
        if process.poll() is not None:
            log.seek(0)
            last = (log.read().strip().splitlines() or ["none"])[-1]
            raise click.ClickException(f"the dialog process could not be started; its last words: {last}")
        if dialog.ready():
            return
        time.sleep(LOOKS_EVERY)
    raise click.ClickException(f"the dialog process is not ready after {STARTS_WITHIN:.0f} s")


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(ENDS_WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
