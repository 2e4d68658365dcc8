"""What settings are taken, filled in and refused."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import pytest

from bot.settings import SIMULATOR_ACCOUNT, Settings, SettingsError, declared

KEY = base64.b64encode(bytes(32)).decode()
SID = "AC" + "0" * 32
LIVE = {
    "TWILIO_ACCOUNT_SID": SID,
    "TWILIO_AUTH_TOKEN": "secret-token",
    "TWILIO_FROM": "+12025550199",
    "BOT_PUBLIC_URL": "https://bot.example.org",
    "BOT_SECRET_KEY": "s" * 32,
    "BOT_ENCRYPTION_KEYS": f"k1:{KEY}",
}


def test_nothing_is_needed() -> None:
    """An empty environment gives settings, so that commands that need no Twilio run."""
    settings = Settings.from_env({})
    assert (settings.port, settings.redis_url, settings.simulator) == (8000, None, False)
    assert settings.database_url == "sqlite:///var/followthrough.db"
    assert settings.public_url == "http://127.0.0.1:8000"


def test_the_simulator_is_its_own_twilio() -> None:
    """In simulator mode account, sender and REST address are our own, on our own port."""
    settings = Settings.from_env({"BOT_SIMULATOR": "1", "BOT_PORT": "8123"})
    assert settings.twilio_account_sid == SIMULATOR_ACCOUNT
    assert re.fullmatch(r"AC\w{32}", settings.twilio_account_sid)
    assert settings.twilio_api_url == "http://127.0.0.1:8123/simulator/twilio"
    assert not settings.real_twilio


def test_live_settings() -> None:
    """With everything that Twilio needs, texts are real."""
    settings = Settings.from_env(LIVE | {"TWILIO_AUTH_TOKEN": "new, old"})
    assert settings.real_twilio
    assert settings.twilio_auth_tokens == ("new", "old")
    assert settings.encryption_keys == (("k1", bytes(32)),)


@pytest.mark.parametrize("missing", [name for name in LIVE if name != "TWILIO_AUTH_TOKEN"])
def test_twilio_needs_all_of_its_settings(missing: str) -> None:
    """A real token without one of the others is refused, and the sentence names the one."""
    with pytest.raises(SettingsError, match=missing):
        Settings.from_env({name: value for name, value in LIVE.items() if name != missing})


@pytest.mark.parametrize("name", ["BOT_SIMULATOR", "BOT_VIRTUAL_CLOCK"])
def test_no_test_beside_real_patients(name: str) -> None:
    """Simulator and virtual clock are refused beside a real token."""
    with pytest.raises(SettingsError, match=name):
        Settings.from_env(LIVE | {name: "1"})


def test_a_test_twilio_may_have_both() -> None:
    """Where TWILIO_API_URL is not Twilio's own, nobody is texted, and no keys are required."""
    test_twilio = {"TWILIO_AUTH_TOKEN": "t", "TWILIO_ACCOUNT_SID": SID, "TWILIO_API_URL": "http://127.0.0.1:9/"}
    settings = Settings.from_env(test_twilio | {"BOT_VIRTUAL_CLOCK": "1", "BOT_SIMULATOR": "1"})
    assert settings.twilio_api_url == "http://127.0.0.1:9"
    assert not settings.real_twilio


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BOT_PORT", "eighty"),
        ("BOT_PORT", "0"),
        ("BOT_PORT", "70000"),
        ("BOT_WORKERS", "0"),
        ("BOT_WORKERS", "two"),
        ("BOT_SEND_RATE", "0"),
        ("BOT_SEND_RATE", "-1"),
        ("BOT_SIMULATOR", "maybe"),
        ("BOT_PUBLIC_URL", "bot.clinic.test"),
        ("BOT_PUBLIC_URL", "https://bot.example.org/?a=1"),
        ("BOT_PUBLIC_URL", "https://[bot"),
        ("BOT_DIALOG_URL", "http://127.0.0.1:port"),
        ("BOT_DATABASE_URL", "mysql://localhost/bot"),
        ("BOT_REDIS_URL", "10.0.0.1:6379"),
        ("BOT_LOG_LEVEL", "loud"),
        ("BOT_LOG_FORMAT", "xml"),
        ("BOT_SECRET_KEY", "short"),
        ("BOT_ENCRYPTION_KEYS", KEY),
        ("BOT_ENCRYPTION_KEYS", "k1:" + KEY[:20]),
        ("BOT_ENCRYPTION_KEYS", "k1:not base64!"),
        ("BOT_ENCRYPTION_KEYS", f"k1:{KEY},k1:{KEY}"),
        ("BOT_ENCRYPTION_KEYS", ","),
        ("TWILIO_ACCOUNT_SID", "AC12"),
        ("TWILIO_AUTH_TOKEN", ","),
        ("TWILIO_FROM", "(202) 555-0199"),
        ("BOT_CLINIC_NAME", "two\nlines"),
    ],
)
def test_a_wrong_value_is_refused_in_one_sentence(name: str, value: str) -> None:
    """The sentence names the setting and what it must be, and does not repeat the value, which may be a secret."""
    with pytest.raises(SettingsError, match=f"^{name} must be .*\\.$") as refused:
        Settings.from_env({name: value})
    assert len(value) < 5 or value not in str(refused.value)


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("postgres://u@h/d", "postgresql+psycopg://u@h/d"),
        ("postgresql://u@h/d", "postgresql+psycopg://u@h/d"),
        ("postgresql+psycopg://u@h/d", "postgresql+psycopg://u@h/d"),
        ("sqlite:////tmp/x.db", "sqlite:////tmp/x.db"),
    ],
)
def test_the_usual_ways_to_write_a_database(given: str, used: str) -> None:
    """What hosting services hand out is taken."""
    assert Settings.from_env({"BOT_DATABASE_URL": given}).database_url == used


def test_an_empty_value_is_none() -> None:
    """A name set to nothing, as in an unfilled .env, counts as not set."""
    assert Settings.from_env({"BOT_PORT": "", "BOT_REDIS_URL": " "}) == Settings.from_env({})


def test_a_misspelt_name_is_told() -> None:
    """A name that looks like ours and is not is a warning with the nearest name."""
    warnings = Settings.from_env({"BOT_PUBLIC_ULR": "x", "PATH": "y"}).warnings
    assert warnings == ("BOT_PUBLIC_ULR is not a setting; did you mean BOT_PUBLIC_URL?",)


def test_secrets_are_not_shown() -> None:
    """Settings in a traceback or a log show no key, token, or address with a password in it."""
    shown = repr(Settings.from_env(LIVE | {"BOT_DATABASE_URL": "postgresql://u:hidden@h/d"}))
    assert not any(secret in shown for secret in ("secret-token", "s" * 32, "hidden", repr(bytes(32))))


def test_every_setting_has_a_name_and_help() -> None:
    """Nobody has to read code to know what a setting is for."""
    for item in declared():
        assert re.fullmatch(r"(BOT|TWILIO)_[A-Z_]+", item.metadata["env"])
        assert len(item.metadata["help"]) > 10


def test_the_pages_agree_with_the_settings() -> None:
    """docs/settings.md and .env.example are what the settings say; rewrite them with `bot settings`."""
    from bot.settings_pages import env_example, markdown

    root = Path(__file__).parents[2]
    assert (root / "docs/settings.md").read_text() == markdown()
    assert (root / ".env.example").read_text() == env_example()
