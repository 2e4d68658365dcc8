"""What commands begin with: the settings, and where needed the wiring or the database alone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from dotenv import dotenv_values

from bot.bootstrap import build_database
from bot.local_keys import with_keys
from bot.settings import Settings, SettingsError
from bot.store.database import Database


def environment() -> dict[str, str]:
    """The environment over the file ``.env`` of this folder."""
    from_file = {name: value for name, value in dotenv_values(".env").items() if value is not None}
    return from_file | dict(os.environ)


def load_settings() -> Settings:
    """The settings, keys filled in. Raises :class:`SettingsError`."""
    return with_keys(Settings.from_env(environment()))


def load_running_settings() -> Settings:
    """The settings of a process that texts. Raises :class:`SettingsError` when there is nothing to text through."""
    settings = load_settings()
    if not settings.twilio_auth_tokens:
        raise SettingsError(
            "There is nothing to text through: set BOT_SIMULATOR=1 to try it out,"
            " or TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_FROM."
        )
    for value, name in ((settings.twilio_account_sid, "TWILIO_ACCOUNT_SID"), (settings.twilio_from, "TWILIO_FROM")):
        if not value:
            raise SettingsError(f"{name} is required when TWILIO_AUTH_TOKEN is set.")
    return settings


@contextmanager
def open_database(settings: Settings | None = None) -> Iterator[Database]:
    """The database of the settings, for commands that need nothing else; its connections are closed at the end."""
    database = build_database(settings or load_settings())
    try:
        yield database
    finally:
        database.engine.dispose()
