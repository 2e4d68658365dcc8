"""Every setting of the app: its name in the environment, what it is for, what is refused.

A setting is one field of :class:`Settings`. ``docs/settings.md`` and ``.env.example`` are written from
these fields (``bot settings --markdown``, ``bot settings --env``), and ``Settings.from_env`` checks them.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bot import setting_kinds as kind
from bot.setting_kinds import Parser, SettingsError

__all__ = ["TWILIO_API", "Settings", "SettingsError"]

PROJECT = Path(__file__).resolve().parent.parent
TWILIO_API = "https://api.twilio.com"
SIMULATOR_ACCOUNT = "AC" + "simulator".ljust(32, "0")
SIMULATOR_NUMBER = "+12025550100"
REQUIRED_WITH_TWILIO = (
    "TWILIO_ACCOUNT_SID",
    "TWILIO_FROM",
    "BOT_PUBLIC_URL",
    "BOT_SECRET_KEY",
    "BOT_ENCRYPTION_KEYS",
)


def _setting(env: str, parse: Parser, default: Any, help_text: str, *, shown: str = "", secret: bool = False) -> Any:
    metadata = {"env": env, "parse": parse, "help": help_text, "shown": shown}
    return field(default=default, metadata=metadata, repr=not secret)


@dataclass(frozen=True)
class Settings:
    """What a process runs with. Build it with :meth:`from_env`; a wrong value raises :class:`SettingsError`."""

    data_dir: Path = _setting(
        "BOT_DATA_DIR", kind.path, Path("var"), "Folder for what is kept on disk: database, spool, keys."
    )
    database_url: str = _setting(
        "BOT_DATABASE_URL",
        kind.database_url,
        "",
        "SQLAlchemy address of the database: `sqlite:///…` or `postgresql+psycopg://…`.",
        shown="SQLite under `BOT_DATA_DIR`",
        secret=True,
    )
    redis_url: str | None = _setting(
        "BOT_REDIS_URL",
        kind.redis_url,
        None,
        "Redis for locks, wake-ups and sending rates across machines. It holds nothing that may not be lost.",
        shown="none: in-process",
        secret=True,
    )
    host: str = _setting("BOT_HOST", kind.text, "127.0.0.1", "Address that the web process listens on.")
    port: int = _setting("BOT_PORT", kind.port, 8000, "Port that the web process listens on.")
    public_url: str = _setting(
        "BOT_PUBLIC_URL",
        kind.http_url,
        "",
        "Address at which Twilio reaches the web process, exactly as Twilio signs it. Required with Twilio.",
        shown="`http://127.0.0.1:BOT_PORT`",
    )
    secret_key: str = _setting(
        "BOT_SECRET_KEY",
        kind.secret,
        "",
        "32 characters or more. Numbers are looked up by it: keep it as long as the database. Required with Twilio.",
        shown="made once, in `BOT_DATA_DIR/keys.json`",
        secret=True,
    )
    encryption_keys: tuple[tuple[str, bytes], ...] = _setting(
        "BOT_ENCRYPTION_KEYS",
        kind.encryption_keys,
        (),
        "`id:key` pairs, comma-separated, each key 32 bytes in base64. First seals, all open. Required with Twilio.",
        shown="made once, in `BOT_DATA_DIR/keys.json`",
        secret=True,
    )
    dialog_url: str = _setting(
        "BOT_DIALOG_URL",
        kind.http_url,
        "http://127.0.0.1:5005",
        "Address of the dialog process. `bot serve` starts one there when the address is on this machine.",
    )
    dialog_python: Path = _setting(
        "BOT_DIALOG_PYTHON",
        kind.path,
        PROJECT / ".venv-dialog/bin/python",
        "Python of the dialog environment.",
        shown="`.venv-dialog/bin/python` of the project",
    )
    content_dir: Path = _setting(
        "BOT_CONTENT_DIR",
        kind.path,
        PROJECT / "dialogs",
        "Folder of the content: messages, lexicons, questionnaires.",
        shown="`dialogs` of the project",
    )
    model_dir: Path = _setting(
        "BOT_MODEL_DIR",
        kind.path,
        PROJECT / "dialogs/models",
        "Folder of the trained dialog model.",
        shown="`dialogs/models` of the project",
    )
    workers: int = _setting("BOT_WORKERS", kind.count, 2, "Worker processes that `bot serve` starts.")
    log_level: str = _setting("BOT_LOG_LEVEL", kind.log_level, "info", "debug, info, warning or error.")
    log_format: str = _setting("BOT_LOG_FORMAT", kind.log_format, "plain", "plain or json, one line each.")
    twilio_account_sid: str = _setting(
        "TWILIO_ACCOUNT_SID", kind.account_sid, "", "The Twilio account, `AC…`.", shown="none"
    )
    twilio_auth_tokens: tuple[str, ...] = _setting(
        "TWILIO_AUTH_TOKEN",
        kind.words,
        (),
        "The account's auth token. While rotating, both, comma-separated: the first signs in, all check signatures.",
        shown="none",
        secret=True,
    )
    twilio_from: str = _setting(
        "TWILIO_FROM",
        kind.sender,
        "",
        "What texts are sent from: a number (`+1…`), a short code or a messaging service (`MG…`).",
        shown="none",
    )
    twilio_api_url: str = _setting(
        "TWILIO_API_URL", kind.http_url, TWILIO_API, "Twilio's REST address; every REST call goes there."
    )
    send_rate: float = _setting(
        "BOT_SEND_RATE", kind.rate, 10.0, "Segments a second that may be handed to Twilio, over all workers."
    )
    virtual_clock: bool = _setting(
        "BOT_VIRTUAL_CLOCK", kind.flag, False, "1 to let the simulator move the time. Refused beside real Twilio."
    )
    simulator: bool = _setting(
        "BOT_SIMULATOR",
        kind.flag,
        False,
        "1 to serve a Twilio of our own and `/simulator`. Refused beside real Twilio.",
    )
    programme_name: str = _setting("BOT_PROGRAMME_NAME", kind.text, "Followthrough", "How texts name the programme.")
    clinic_name: str = _setting("BOT_CLINIC_NAME", kind.text, "your clinic", "How texts name the clinic.")
    help_contact: str = _setting(
        "BOT_HELP_CONTACT",
        kind.text,
        "the front desk of your clinic",
        "Whom HELP points to: a phone number or address.",
    )
    smtp_url: str | None = _setting(
        "BOT_SMTP_URL",
        kind.smtp_url,
        None,
        "Mail server for alerts to whoever is on call: `smtp://user:password@host:587` or `smtps://…`.",
        shown="none: alerts go by text alone",
        secret=True,
    )
    mail_from: str = _setting(
        "BOT_MAIL_FROM",
        kind.mail_address,
        "",
        "Address that alerts come from. Required with `BOT_SMTP_URL`.",
        shown="none",
    )
    given: frozenset[str] = frozenset()
    warnings: tuple[str, ...] = ()

    @property
    def real_twilio(self) -> bool:
        """True when texts would reach people: a token is set and the REST address is Twilio's own."""
        return bool(self.twilio_auth_tokens) and self.twilio_api_url == TWILIO_API

    @property
    def dialog_is_local(self) -> bool:
        """True when the dialog address is on this machine."""
        return urlsplit(self.dialog_url).hostname in {"127.0.0.1", "localhost", "::1"}

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Settings:
        """Read and check the settings. Raises :class:`SettingsError`, which names the setting and what it must be.

        Pure: nothing is read but ``environ``, nothing is written. An unknown ``BOT_`` name is a warning.
        """
        given = {f.name: _read(f, environ) for f in declared() if environ.get(f.metadata["env"], "").strip()}
        names = frozenset(f.metadata["env"] for f in declared() if f.name in given)
        settings = cls(**_with_defaults(given), given=names, warnings=tuple(_unknown_names(environ)))
        _refuse_combinations(settings)
        return settings


def declared() -> list[Field[Any]]:
    """The fields of :class:`Settings` that the environment sets, in order of documentation."""
    return [f for f in fields(Settings) if f.metadata.get("env")]


def _read(item: Field[Any], environ: Mapping[str, str]) -> Any:
    name = item.metadata["env"]
    try:
        return item.metadata["parse"](environ[name].strip())
    except ValueError as error:
        raise SettingsError(f"{name} must be {error}.") from None


def _with_defaults(given: dict[str, Any]) -> dict[str, Any]:
    """The defaults that follow from other settings."""
    data_dir = given.get("data_dir", _default("data_dir"))
    port = given.get("port", _default("port"))
    result = dict(given)
    result.setdefault("database_url", f"sqlite:///{data_dir / 'followthrough.db'}")
    result.setdefault("public_url", f"http://127.0.0.1:{port}")
    if given.get("simulator"):
        result.setdefault("twilio_account_sid", SIMULATOR_ACCOUNT)
        result.setdefault("twilio_from", SIMULATOR_NUMBER)
        if "twilio_auth_tokens" not in given:
            result.setdefault("twilio_api_url", f"http://127.0.0.1:{port}/simulator/twilio")
    return result


def _default(name: str) -> Any:
    return next(f.default for f in fields(Settings) if f.name == name and f.default is not MISSING)


def _refuse_combinations(settings: Settings) -> None:
    if settings.smtp_url and not settings.mail_from:
        raise SettingsError("BOT_MAIL_FROM is required when BOT_SMTP_URL is set.")
    if not settings.real_twilio:
        return
    for name, env in (("simulator", "BOT_SIMULATOR"), ("virtual_clock", "BOT_VIRTUAL_CLOCK")):
        if getattr(settings, name):
            raise SettingsError(
                f"{env}=1 and a real TWILIO_AUTH_TOKEN are both set; unset one, so that no patient is texted by a test."
            )
    for env in REQUIRED_WITH_TWILIO:
        if env not in settings.given:
            raise SettingsError(f"{env} is required when TWILIO_AUTH_TOKEN is set. See docs/settings.md.")


def _unknown_names(environ: Mapping[str, str]) -> list[str]:
    known = [f.metadata["env"] for f in declared()]
    unknown = sorted(n for n in environ if n.startswith("BOT_") and n not in known)
    return [_unknown(name, difflib.get_close_matches(name, known, n=1)) for name in unknown]


def _unknown(name: str, nearest: list[str]) -> str:
    return f"{name} is not a setting" + (f"; did you mean {nearest[0]}?" if nearest else ".")
