"""The pages about settings, written from the settings themselves, so that they cannot go stale."""

from __future__ import annotations

from dataclasses import Field
from pathlib import Path
from typing import Any

from bot.settings import declared

MARKDOWN_HEAD = """# Settings

Settings come from the environment or from a file `.env` in the folder that `bot` is started in; the environment wins.
They are checked at start, and a wrong one is refused with a sentence that says what it must be. `bot doctor` checks
them and the connections they name.

In simulator mode (`BOT_SIMULATOR=1`) none is needed. With Twilio, `TWILIO_ACCOUNT_SID`, `TWILIO_AUTH_TOKEN`,
`TWILIO_FROM`, `BOT_PUBLIC_URL`, `BOT_SECRET_KEY` and `BOT_ENCRYPTION_KEYS` are required.

This page is written by `bot settings --markdown`.

| setting | what it is | default |
|---|---|---|
"""

MARKDOWN_TAIL = """
## Keys

`openssl rand -hex 32` makes a `BOT_SECRET_KEY`; `openssl rand -base64 32` makes a key for `BOT_ENCRYPTION_KEYS`, which
then reads `2026:` and the key. Keep both apart from the database and its backups: without them the data cannot be
read, with them it can.

To change the encryption key, put a new pair in front (`2027:…,2026:…`), restart, run `bot keys rotate`, and drop the
old pair when no backup needs it. `BOT_SECRET_KEY` is not changed: phone numbers are looked up by it.
"""

ENV_HEAD = """# Settings of Followthrough. Copy to .env and fill in what you need; docs/settings.md says more.
# Written by `bot settings --env`.
"""


def markdown() -> str:
    """The text of ``docs/settings.md``."""
    rows = [f"| `{f.metadata['env']}` | {f.metadata['help']} | {_shown(f, code='`')} |" for f in declared()]
    return MARKDOWN_HEAD + "\n".join(rows) + "\n" + MARKDOWN_TAIL


def env_example() -> str:
    """The text of ``.env.example``."""
    entries = [
        f"\n# {f.metadata['help']}\n# Default: {_shown(f, code='')}\n#{f.metadata['env']}=\n" for f in declared()
    ]
    return ENV_HEAD + "".join(entries)


def _shown(item: Field[Any], code: str) -> str:
    shown: str = item.metadata["shown"]
    return (shown or f"`{_plain(item.default)}`").replace("`", code)


def _plain(default: Any) -> str:
    if isinstance(default, bool):
        return "1" if default else "0"
    return (
        default.as_posix()
        if isinstance(default, Path)
        else f"{default:g}"
        if isinstance(default, float)
        else str(default)
    )
