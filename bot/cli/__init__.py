"""The command line: ``bot …``. One file for each group of commands."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from importlib import import_module

import click
from sqlalchemy.exc import DBAPIError

from bot.logs import places
from bot.setting_kinds import SettingsError

log = logging.getLogger(__name__)

# Each command's module is imported when it is called, so that a worker does not load what only a test phone needs.
COMMANDS = {
    "serve": "bot.cli.processes:serve",
    "web": "bot.cli.processes:web",
    "worker": "bot.cli.processes:worker",
    "clock": "bot.cli.processes:clock",
    "dialog": "bot.cli.processes:dialog",
    "chat": "bot.cli.chat:chat",
    "db": "bot.cli.database:db",
    "train": "bot.cli.training:train",
    "understand": "bot.cli.understand:understand_command",
    "doctor": "bot.cli.doctor:doctor",
    "settings": "bot.cli.settings:show_settings",
    "content": "bot.cli.content:content",
    "instruments": "bot.cli.instruments:instruments",
    "resources": "bot.cli.resources:resources",
    "patients": "bot.cli.patients:patients",
    "campaign": "bot.cli.campaign:campaign",
    "explain": "bot.cli.explain:explain",
    "token": "bot.cli.tokens:token",
    "on-call": "bot.cli.on_call:on_call",
    "keys": "bot.cli.keys:keys",
}


class Commands(click.Group):
    """The commands of :data:`COMMANDS`, each imported when it is needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order of the table: what is used first comes first."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name."""
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command


@click.group(cls=Commands)
@click.version_option(package_name="followthrough", prog_name="bot")
def cli() -> None:
    """Followthrough: screens patients for health-related social needs by text, and follows through."""


def main(args: Sequence[str] | None = None) -> int:
    """Run a command; the exit code. What goes wrong is one plain sentence on standard error."""
    try:
        result = cli.main(args, prog_name="bot", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort:
        return _failed("Stopped.", 130)
    except SettingsError as error:
        return _failed(str(error))
    except DBAPIError:
        return _failed(
            "The database cannot be used; `bot doctor` says whether BOT_DATABASE_URL or `bot db upgrade` helps."
        )
    except Exception as error:
        if logging.getLogger().handlers:
            log.critical("command_failed", exc_info=True)
        return _failed(
            f"This should not have happened: {type(error).__name__} at {places(error)[0]}. Please report it."
        )
    return result if isinstance(result, int) else 0


def _failed(sentence: str, code: int = 1) -> int:
    click.echo(f"Error: {sentence}", err=True)
    return code
