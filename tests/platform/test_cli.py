"""The command line, as somebody types it."""

from __future__ import annotations

import base64
import json
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.cli import COMMANDS, main
from bot.cli.loading import load_settings, open_database
from bot.processes import free_port
from bot.store import audit, phones, tokens
from tests import services

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test has a folder and an environment of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BOT_SIMULATOR", "1")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs ``bot …``; gives exit code, standard output and standard error."""

    def run_bot(*args: str) -> tuple[int, str, str]:
        code = main(args)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run_bot


def test_help_lists_every_command(run: Run) -> None:
    """With a line for each."""
    code, out, _ = run("--help")
    assert code == 0
    assert all(f"  {name} " in out for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(run: Run, name: str) -> None:
    """Help works without settings or servers."""
    code, out, err = run(name, "--help")
    assert (code, err) == (0, "")
    assert out.startswith(f"Usage: bot {name}")


def test_the_installed_script(tmp_path: Path) -> None:
    """`bot` as installed, and `python -m bot.cli`, are the same."""
    for command in ([str(Path(sys.executable).with_name("bot"))], [sys.executable, "-m", "bot.cli"]):
        done = subprocess.run([*command, "--version"], capture_output=True, text=True, check=True)
        assert done.stdout.startswith("bot, version ")


def test_a_wrong_setting_is_one_sentence(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """On standard error, with a non-zero exit."""
    monkeypatch.setenv("BOT_PORT", "eighty")
    code, out, err = run("db", "upgrade")
    assert (code, out) == (1, "")
    assert err == "Error: BOT_PORT must be a port, a whole number from 1 to 65535.\n"


def test_settings_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`.env` is read, and the environment wins over it."""
    (tmp_path / ".env").write_text("BOT_PORT=8001\nBOT_WORKERS=3\n")
    monkeypatch.setenv("BOT_PORT", "8002")
    settings = load_settings()
    assert (settings.port, settings.workers) == (8002, 3)


def test_upgrade_twice(run: Run) -> None:
    """The first makes the schema, the second finds it."""
    assert run("db", "upgrade") == (0, "The schema is now up to date.\n", "")
    assert run("db", "upgrade") == (0, "The schema was up to date.\n", "")


def test_a_database_that_is_away_is_one_sentence(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The address, which may hold a password, is not repeated."""
    monkeypatch.setenv("BOT_DATABASE_URL", f"postgresql://bot:hidden@127.0.0.1:{free_port()}/bot")
    code, _, err = run("db", "upgrade")
    assert code == 1
    assert err.count("\n") == 1
    assert "BOT_DATABASE_URL" in err
    assert "hidden" not in err


def test_a_schema_that_is_missing_is_one_sentence(run: Run) -> None:
    """It says what to run."""
    code, _, err = run("token", "list")
    assert code == 1
    assert "bot db upgrade" in err


def test_a_token_is_made_listed_and_revoked(run: Run) -> None:
    """Its secret is printed alone, once, and works until it is revoked; the audit has both."""
    run("db", "upgrade")
    code, out, _ = run("token", "create", "--role", "clinic", "--name", "Front desk")
    secret = out.strip()
    with open_database() as database, database.read() as tx:
        made = tokens.verify(tx, secret)
    assert code == 0
    assert made is not None
    listed = run("token", "list")[1]
    assert made.id in listed
    assert "Front desk" in listed
    assert secret not in listed
    assert run("token", "revoke", made.id)[0] == 0
    with open_database() as database, database.read() as tx:
        assert tokens.verify(tx, secret) is None
        actions = [entry.action for entry in audit.of_subject(tx, "token", made.id)]
    assert actions == ["token_created", "token_revoked"]
    code, _, err = run("token", "revoke", made.id)
    assert code == 1
    assert "no valid token" in err


@pytest.mark.parametrize("arguments", [["--role", "admiral"], ["--role", "clinic", "--name", "x" * 81], []])
def test_a_token_that_cannot_be(run: Run, arguments: list[str]) -> None:
    """A wrong role or name is refused, and names the option."""
    run("db", "upgrade")
    code, out, err = run("token", "create", *arguments)
    assert (code, out) == (2, "")
    assert "--" in err


def _key(letter: str) -> str:
    return f"{letter}:{base64.b64encode(letter.encode() * 32).decode()}"


def test_keys_are_rotated(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """After it, what was sealed with the old key opens with the new one alone."""
    monkeypatch.setenv("BOT_ENCRYPTION_KEYS", _key("a"))
    run("db", "upgrade")
    with open_database() as database, database.write() as tx:
        phone = phones.find_or_create(tx, "+12025550147")
    monkeypatch.setenv("BOT_ENCRYPTION_KEYS", f"{_key('b')},{_key('a')}")
    code, out, _ = run("keys", "rotate")
    assert (code, out.split()[0]) == (0, "1")
    assert run("keys", "rotate")[1].startswith("0 ")
    monkeypatch.setenv("BOT_ENCRYPTION_KEYS", _key("b"))
    with open_database() as database, database.read() as tx:
        assert phones.address(tx, phone.id) == "+12025550147"


def test_keys_that_are_missing(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rotation and doctor say that the key is missing, and nothing is lost."""
    monkeypatch.setenv("BOT_ENCRYPTION_KEYS", _key("a"))
    run("db", "upgrade")
    with open_database() as database, database.write() as tx:
        phones.find_or_create(tx, "+12025550147")
    monkeypatch.setenv("BOT_ENCRYPTION_KEYS", _key("b"))
    code, _, err = run("keys", "rotate")
    assert code == 1
    assert "BOT_ENCRYPTION_KEYS" in err
    assert "FIX   keys" in run("doctor")[1]


def test_the_doctor_finds_all_well(run: Run) -> None:
    """Every check passes or says why it does not apply."""
    run("db", "upgrade")
    code, out, err = run("doctor")
    assert (code, err) == (0, "")
    assert "ok    database" in out
    assert "-     twilio" in out


def test_the_doctor_says_what_to_fix(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each thing that is wrong has its line, and the exit says so."""
    monkeypatch.setenv("BOT_REDIS_URL", f"redis://127.0.0.1:{free_port()}/0")
    monkeypatch.setenv("BOT_DIALOG_PYTHON", "/nowhere/python")
    monkeypatch.setenv("BOT_WORKER", "2")
    monkeypatch.setenv("BOT_CONTENT_DIR", "/nowhere")
    code, out, err = run("doctor")
    assert code == 1
    fix = {line.split()[1].rstrip(":") for line in out.splitlines() if line.startswith("FIX")}
    assert fix == {"settings", "content", "database", "redis", "dialog"}
    assert "5 of 10" in err


def test_the_doctor_asks_for_what_patients_read(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Real texts name the clinic and a contact; the simulator may do without."""
    assert "-     names" in run("doctor")[1]
    monkeypatch.delenv("BOT_SIMULATOR")
    assert "FIX   names: Patients read it in their texts: set BOT_CLINIC_NAME and BOT_HELP_CONTACT." in run("doctor")[1]
    monkeypatch.setenv("BOT_CLINIC_NAME", "Elm Clinic")
    assert "set BOT_HELP_CONTACT." in run("doctor")[1]
    monkeypatch.setenv("BOT_HELP_CONTACT", "555-555-0123")
    assert "ok    names" in run("doctor")[1]


def test_the_doctor_asks_redis(run: Run, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Redis that answers is well."""
    run("db", "upgrade")
    monkeypatch.setenv("BOT_REDIS_URL", redis_url)
    assert "ok    redis" in run("doctor")[1]


def test_the_doctor_on_postgresql(run: Run, postgres: services.PostgresServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty database is told, and an upgraded one is well."""
    with postgres.database() as url:
        monkeypatch.setenv("BOT_DATABASE_URL", url)
        assert "FIX   database" in run("doctor")[1]
        run("db", "upgrade")
        assert "ok    database" in run("doctor")[1]


def test_instruments_as_json(run: Run) -> None:
    """What other systems read: id, version, title, languages."""
    code, out, _ = run("instruments", "list", "--json")
    listed = {each["id"]: each for each in json.loads(out)}
    assert code == 0
    assert set(listed["ahc-hrsn-core"]) == {"id", "version", "title", "languages"}
    assert {"en", "es"} <= set(listed["ahc-hrsn-core"]["languages"])


def test_the_content_is_in_order(run: Run) -> None:
    """`content check` and `instruments check` pass on what we ship."""
    assert run("content", "check")[:2] == (0, "The content is in order.\n")
    assert run("instruments", "check")[0] == 0


def test_serve_on_a_port_that_is_busy(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is said plainly, before anything is started."""
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        monkeypatch.setenv("BOT_PORT", str(port))
        code, _, err = run("serve")
    assert code == 1
    assert err == f"Error: Port {port} is in use by another program; stop that, or set BOT_PORT to another.\n"


def test_serve_with_nothing_to_text_through(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says how to try it out and how to go live."""
    monkeypatch.delenv("BOT_SIMULATOR")
    code, _, err = run("serve")
    assert code == 1
    assert "BOT_SIMULATOR=1" in err
    assert "TWILIO_AUTH_TOKEN" in err


def test_without_the_dialog_environment(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says how to make it."""
    monkeypatch.setenv("BOT_DIALOG_PYTHON", "/nowhere/python")
    code, _, err = run("train")
    assert code == 1
    assert "make train" in err
