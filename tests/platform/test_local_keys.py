"""Keys that are made for trying things out."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.local_keys import derived, with_keys
from bot.settings import Settings, SettingsError
from tests.conftest import MakeSettings


def test_keys_are_made_once(make_settings: MakeSettings) -> None:
    """The second start finds the keys of the first, for the owner alone to read."""
    first, second = make_settings(), make_settings()
    assert first == second
    assert len(first.encryption_keys[0][1]) == 32
    assert (first.data_dir / "keys.json").stat().st_mode & 0o777 == 0o600


def test_processes_that_start_at_once_get_the_same_keys(make_settings: MakeSettings) -> None:
    """Web, workers and clock start together on an empty folder, and no half-written file is read."""
    with ThreadPoolExecutor(8) as pool:
        made = set(pool.map(lambda _: make_settings().secret_key, range(32)))
    assert len(made) == 1


def test_given_keys_win(make_settings: MakeSettings) -> None:
    """A key that was set is used, and only the other is made."""
    settings = make_settings(BOT_SECRET_KEY="s" * 40)
    assert settings.secret_key == "s" * 40
    assert settings.encryption_keys


def test_the_simulators_token_stays(make_settings: MakeSettings) -> None:
    """Its token follows from the secret key, so every process has the same."""
    assert make_settings().twilio_auth_tokens == make_settings().twilio_auth_tokens
    assert len(make_settings().twilio_auth_tokens[0]) == 32


def test_purposes_have_different_secrets(make_settings: MakeSettings) -> None:
    """What is derived for one purpose says nothing about another."""
    settings = make_settings()
    assert derived(settings, "a") == derived(settings, "a")
    assert derived(settings, "a") != derived(settings, "b")


@pytest.mark.parametrize("content", ["", "{}", '{"secret_key": "x"}', "not json"])
def test_a_damaged_file_is_not_replaced(tmp_path: Path, content: str) -> None:
    """New keys would make the data unreadable for good, so a damaged file is refused and kept."""
    (tmp_path / "keys.json").write_text(content)
    with pytest.raises(SettingsError, match="damaged"):
        with_keys(Settings.from_env({"BOT_DATA_DIR": str(tmp_path)}))
    assert (tmp_path / "keys.json").read_text() == content


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    """It is told plainly."""
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match="BOT_DATA_DIR"):
        with_keys(Settings.from_env({"BOT_DATA_DIR": str(tmp_path / "file" / "var")}))
