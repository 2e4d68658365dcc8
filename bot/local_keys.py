"""Keys for trying things out: made once and kept in ``BOT_DATA_DIR/keys.json``, for the owner alone to read."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets
from dataclasses import replace
from pathlib import Path

from bot.setting_kinds import SettingsError
from bot.settings import Settings


def with_keys(settings: Settings) -> Settings:
    """The settings with the keys that were not given filled in, and the simulator's auth token.

    Given keys win. Nothing is made where Twilio is real, because ``Settings`` requires them there. Raises
    :class:`SettingsError` when the file cannot be read or written.
    """
    if not settings.secret_key or not settings.encryption_keys:
        kept = _read_or_make(settings.data_dir / "keys.json")
        settings = replace(
            settings,
            secret_key=settings.secret_key or kept["secret_key"],
            encryption_keys=settings.encryption_keys or (("local", base64.b64decode(kept["encryption_key"])),),
        )
    if settings.simulator and not settings.twilio_auth_tokens:
        settings = replace(settings, twilio_auth_tokens=(derived(settings, "simulator auth token").hex()[:32],))
    return settings


def derived(settings: Settings, purpose: str) -> bytes:
    """32 bytes for one purpose, the same as long as the secret key is."""
    return hmac.digest(settings.secret_key.encode(), purpose.encode(), hashlib.sha256)


def _read_or_make(file: Path) -> dict[str, str]:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        if not file.exists():
            _make(file)
        return _checked(json.loads(file.read_text()), file)
    except OSError as error:
        raise SettingsError(f"{file} cannot be read or made ({error.strerror}); set BOT_DATA_DIR.") from None
    except ValueError:
        raise SettingsError(f"{file} is damaged; restore it, or move it and the database away.") from None


def _checked(kept: dict[str, str], file: Path) -> dict[str, str]:
    if len(kept.get("secret_key", "")) < 32 or len(base64.b64decode(kept.get("encryption_key", ""))) != 32:
        raise ValueError(file)
    return kept


def _make(file: Path) -> None:
    """Write the file whole or not at all; of several processes that try at once, the first wins."""
    content = {
        "secret_key": secrets.token_hex(32),
        "encryption_key": base64.b64encode(secrets.token_bytes(32)).decode(),
    }
    draft = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        json.dump(content, out)
        out.flush()
        os.fsync(out.fileno())
    try:
        os.link(draft, file)
    except FileExistsError:
        return
    finally:
        draft.unlink()
