"""The kinds of value a setting may have. Each parser says in its ``ValueError`` what the value must be."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

Parser = Callable[[str], Any]


class SettingsError(Exception):
    """A setting is wrong or missing; the text is one plain sentence for the person who set it."""


def text(value: str) -> str:
    """Any text on one line."""
    if "\n" in value:
        raise ValueError("on one line")
    return value


def path(value: str) -> Path:
    """A path; ``~`` is the home folder."""
    return Path(value).expanduser()


def flag(value: str) -> bool:
    """1 or 0, also true/false, yes/no, on/off."""
    word = value.lower()
    if word in {"1", "true", "yes", "on"}:
        return True
    if word in {"0", "false", "no", "off"}:
        return False
    raise ValueError("1 or 0")


def port(value: str) -> int:
    """A TCP port."""
    if not (value.isascii() and value.isdigit() and 1 <= int(value) <= 65535):
        raise ValueError("a port, a whole number from 1 to 65535")
    return int(value)


def count(value: str) -> int:
    """How many, at least one."""
    if not (value.isascii() and value.isdigit() and 1 <= int(value) <= 256):
        raise ValueError("a whole number from 1 to 256")
    return int(value)


def rate(value: str) -> float:
    """So many a second."""
    if not re.fullmatch(r"\d{1,6}(\.\d{1,3})?", value) or float(value) == 0:
        raise ValueError("a number above 0, such as 10 or 0.5")
    return float(value)


def words(value: str) -> tuple[str, ...]:
    """Comma-separated, at least one."""
    parts = tuple(part.strip() for part in value.split(",") if part.strip())
    if not parts:
        raise ValueError("one value, or several with commas between them")
    return parts


def secret(value: str) -> str:
    """A secret long enough not to be guessed."""
    if len(value) < 32:
        raise ValueError("32 characters or longer; `openssl rand -hex 32` makes one")
    return value


def http_url(value: str) -> str:
    """An http or https address without query; a slash at the end is dropped."""
    parts = _split(value, "an address such as https://bot.example.org")
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("an address such as https://bot.example.org")
    return value.rstrip("/")


def database_url(value: str) -> str:
    """A SQLite or PostgreSQL address; ``postgres://`` and ``postgresql://`` get the psycopg driver."""
    expected = "a sqlite:/// or postgresql:// address"
    scheme = _split(value, expected).scheme
    if scheme in {"postgres", "postgresql"}:
        return "postgresql+psycopg" + value[len(scheme) :]
    if scheme not in {"sqlite", "postgresql+psycopg"}:
        raise ValueError(expected)
    return value


def redis_url(value: str) -> str:
    """A redis, rediss or unix address."""
    expected = "an address such as redis://127.0.0.1:6379/0"
    if _split(value, expected).scheme not in {"redis", "rediss", "unix"}:
        raise ValueError(expected)
    return value


def smtp_url(value: str) -> str:
    """A mail server: smtp or smtps, with an account or without; odd characters of a password as ``%40``."""
    expected = "an address such as smtp://user:password@mail.example.org:587"
    parts = _split(value, expected)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname or parts.path.strip("/") or parts.query:
        raise ValueError(expected)
    return value


def mail_address(value: str) -> str:
    """An e-mail address, without a name."""
    if not re.fullmatch(r"[A-Za-z0-9._%+'-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*", value):
        raise ValueError("an e-mail address such as bot@example.org")
    return value


def log_level(value: str) -> str:
    """How much is logged."""
    if value.lower() not in {"debug", "info", "warning", "error"}:
        raise ValueError("debug, info, warning or error")
    return value.lower()


def log_format(value: str) -> str:
    """What a log line looks like."""
    if value.lower() not in {"plain", "json"}:
        raise ValueError("plain or json")
    return value.lower()


def account_sid(value: str) -> str:
    """A Twilio account."""
    if not re.fullmatch(r"AC[0-9a-zA-Z]{32}", value):
        raise ValueError("AC and 32 letters and digits, as the Twilio console shows it")
    return value


def sender(value: str) -> str:
    """A number, a short code or a messaging service."""
    if not re.fullmatch(r"\+[1-9]\d{6,14}|\d{3,8}|MG[0-9a-zA-Z]{32}", value):
        raise ValueError("a number such as +12025550100, a short code or a messaging service (MG…)")
    return value


def encryption_keys(value: str) -> tuple[tuple[str, bytes], ...]:
    """``id:base64`` pairs; ids are short words, keys 32 bytes. The first is the active one."""
    pairs = tuple(_key(part.strip()) for part in value.split(",") if part.strip())
    if not pairs:
        raise ValueError("id:key pairs with commas between them")
    if len({key_id for key_id, _ in pairs}) < len(pairs):
        raise ValueError("id:key pairs with a different id each")
    return pairs


def _key(part: str) -> tuple[str, bytes]:
    key_id, colon, encoded = part.partition(":")
    if not colon or not re.fullmatch(r"[A-Za-z0-9_-]{1,24}", key_id):
        raise ValueError("id:key pairs, the id up to 24 letters, digits, - or _")
    try:
        key = base64.b64decode(encoded.replace("-", "+").replace("_", "/"), validate=True)
    except binascii.Error:
        raise ValueError("id:key pairs, each key in base64") from None
    if len(key) != 32:
        raise ValueError("id:key pairs, each key 32 bytes long; `openssl rand -base64 32` makes one")
    return key_id, key


def _split(value: str, expected: str) -> Any:
    try:
        parts = urlsplit(value)
        parts.port  # noqa: B018 - reading it checks it
    except ValueError:
        raise ValueError(expected) from None
    return parts
