"""``bot serve`` and each of its processes alone."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError

import click

from bot import logs
from bot.bootstrap import build
from bot.cli.loading import load_running_settings, load_settings, open_database
from bot.processes import dies_with_parent
from bot.settings import Settings, SettingsError
from bot.store.database import upgrade
from bot.supervisor import Supervisor, choose_dialog_port, dialog_program, programs, wait_until_free

TO_TRY = """
  Followthrough is ready: {address}

  Open it and text "hi" on the phone. Answer by number, by letter or in words.
  Also worth a try: SKIP, BACK, HELP, STOP, "español", or falling silent.
  The buttons above let days pass: follow a referral until it ends.
  Commands about this demo need its settings: export BOT_SIMULATOR=1 BOT_VIRTUAL_CLOCK=1
  Ctrl-C ends it; what was said is kept in {data_dir}.
"""


@click.command()
def serve() -> None:
    """Run everything on this machine: web, workers, clock and dialog."""
    settings = load_running_settings()
    logs.configure(settings, "serve")
    wait_until_free(settings.host, settings.port, "BOT_PORT")
    dialog_port = choose_dialog_port(settings)
    environ = dict(os.environ)
    if dialog_port is not None:
        environ["BOT_DIALOG_URL"] = f"http://127.0.0.1:{dialog_port}"
        run_dialog_python(settings, "dialogs.train")
    with open_database(settings) as database:
        upgrade(database.engine)
    if settings.simulator:
        start_beside("resources", "sample")
    Supervisor(programs(settings, dialog_port), environ, Announcement(settings)).run()


@click.command()
def web() -> int:
    """Run the web process: webhooks, clinic API, simulator when on."""
    from bot import web_process

    settings = load_running_settings()
    logs.configure(settings, "web")
    wait_until_free(settings.host, settings.port, "BOT_PORT")
    return web_process.run(build(settings))


@click.command()
def worker() -> int:
    """Run one worker: takes turns and sends."""
    from bot import worker_process

    settings = load_running_settings()
    logs.configure(settings, "worker")
    return worker_process.run(build(settings))


@click.command()
def clock() -> int:
    """Run the clock: releases what falls due."""
    from bot import clock_process

    settings = load_running_settings()
    logs.configure(settings, "clock")
    return clock_process.run(build(settings))


@click.command()
def dialog() -> None:
    """Run the dialog process, at the address of BOT_DIALOG_URL."""
    settings = load_settings()
    port = choose_dialog_port(settings)
    if port is None:
        raise SettingsError("BOT_DIALOG_URL names another machine; the dialog process is to be started there.")
    dialog_python(settings)
    os.chdir(project_root())
    command = dialog_program(settings, port).command
    os.execv(command[0], command)


def dialog_python(settings: Settings) -> str:
    """The Python of the dialog environment. Raises :class:`SettingsError` when it is not there."""
    if not settings.dialog_python.exists():
        raise SettingsError(
            f"The dialog environment is not at {settings.dialog_python}: run `make train`, or set BOT_DIALOG_PYTHON."
        )
    return str(settings.dialog_python)


def start_beside(*arguments: str) -> None:
    """Start a command of ours that ends by itself, and do not wait for it; it ends with this process at the latest."""
    subprocess.Popen([sys.executable, "-m", "bot.cli", *arguments], preexec_fn=dies_with_parent())


def project_root() -> Path:
    """The folder that holds ``bot``, ``dialogs`` and the rest."""
    return Path(__file__).resolve().parent.parent.parent


def run_dialog_python(settings: Settings, module: str, *arguments: str) -> None:
    """Run a module in the dialog environment and wait. Raises :class:`SettingsError` when it fails."""
    command = [dialog_python(settings), "-W", "ignore", "-m", module, *arguments]
    if subprocess.run(command, cwd=project_root()).returncode != 0:
        raise SettingsError(f"{module} failed; what it wrote above says why.")


@dataclass
class Announcement:
    """Says once, when everything is ready, where it is and what to try."""

    settings: Settings
    made: bool = False
    look_again_at: float = 0.0

    def __call__(self) -> None:
        """Look at most once a second, until ready."""
        if self.made or time.monotonic() < self.look_again_at:
            return
        self.made = self._is_ready()
        self.look_again_at = time.monotonic() + 1.0
        if self.made:
            self._announce()

    def _is_ready(self) -> bool:
        host = "127.0.0.1" if self.settings.host in {"0.0.0.0", "::"} else self.settings.host
        try:
            with urllib.request.urlopen(f"http://{host}:{self.settings.port}/readyz", timeout=1.0) as answer:
                return bool(answer.status == 200)
        except (URLError, OSError):
            return False

    def _announce(self) -> None:
        address = f"http://127.0.0.1:{self.settings.port}"
        if self.settings.simulator:
            click.echo(TO_TRY.format(address=f"{address}/simulator", data_dir=self.settings.data_dir))
        else:
            click.echo(f"Followthrough is ready at {address}, for Twilio at {self.settings.public_url}.")
