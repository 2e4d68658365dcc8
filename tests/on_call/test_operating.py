"""What an operator sees: the commands, readiness, metrics, the doctor."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.adapters.twilio_messages import SendNotMade
from bot.cli import cli
from bot.on_call.alerting import send_alerts
from bot.processes import free_port
from bot.store.database import make_engine, upgrade
from tests.on_call.conftest import MailServer
from tests.on_call.world import ANA, OnCallWorld
from webhooks.backlog import read_backlog
from webhooks.health import _warnings


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """The command line on a database of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BOT_SIMULATOR", "1")
    monkeypatch.setenv("BOT_DATA_DIR", str(tmp_path / "var"))
    (tmp_path / "var").mkdir()
    engine = make_engine(f"sqlite:///{tmp_path}/var/followthrough.db")
    upgrade(engine)
    engine.dispose()
    return CliRunner()


def test_people_are_put_on_call_listed_and_taken_off(run: CliRunner) -> None:
    """The list shows channels and hours, no number and no address."""
    given = ["--name", "Ana Lopez", "--phone", "(202) 555-0171", "--email", "ana@example.org"]
    added = run.invoke(
        cli, ["on-call", "add", *given, "--hours", "mon-fri 08:00-18:00", "--timezone", "America/Chicago"]
    )
    assert added.exit_code == 0, added.output
    listed = run.invoke(cli, ["on-call", "list"]).output
    assert "text+e-mail" in listed
    assert "Ana Lopez" in listed
    assert "0171" not in listed
    assert "ana@" not in listed
    assert run.invoke(cli, ["on-call", "remove", added.output.strip()]).exit_code == 0
    assert "Nobody is on call" in run.invoke(cli, ["on-call", "list"]).output
    assert run.invoke(cli, ["on-call", "remove", added.output.strip()]).exit_code != 0


@pytest.mark.parametrize(
    "wrong",
    [
        ["--name", "Ana"],
        ["--name", "Ana", "--phone", "911"],
        ["--name", "Ana", "--email", "not an address"],
        ["--name", "Ana", "--email", "a@b.org", "--hours", "always"],
        ["--name", "Ana", "--email", "a@b.org", "--timezone", "Mars"],
        ["--name", "", "--email", "a@b.org"],
    ],
)
def test_what_cannot_reach_anybody_is_refused(run: CliRunner, wrong: list[str]) -> None:
    """No way to reach them, or none that exists."""
    assert run.invoke(cli, ["on-call", "add", *wrong]).exit_code != 0


def test_readiness_warns_of_cases_that_nobody_hears_of(world: OnCallWorld) -> None:
    """Nobody on call, then a Twilio that is away; silence when all is well."""
    world.open_case()
    send_alerts(world.deps)
    with world.db.read() as tx:
        assert len(_warnings(read_backlog(tx))) == 2
    world.put_on_call("Ana", ANA)
    world.twilio.fail_next(SendNotMade(), taken=False)
    world.clock.advance(minutes=1)
    send_alerts(world.deps)
    with world.db.read() as tx:
        (warning,) = _warnings(read_backlog(tx))
    assert "do not go out" in warning
    world.pass_minutes(1)
    with world.db.read() as tx:
        assert _warnings(read_backlog(tx)) == []


def test_the_doctor_asks_for_somebody_on_call_and_a_mail_server_that_answers(
    run: CliRunner, monkeypatch: pytest.MonkeyPatch, mail_server: MailServer
) -> None:
    """Each slip with what to do about it."""

    def told() -> str:
        output = run.invoke(cli, ["doctor"]).output
        return next(line for line in output.splitlines() if " on call: " in line)

    assert told().startswith("-")
    run.invoke(cli, ["on-call", "add", "--name", "Ana", "--email", "ana@example.org"])
    assert "BOT_SMTP_URL" in told()
    monkeypatch.setenv("BOT_MAIL_FROM", "bot@example.org")
    monkeypatch.setenv("BOT_SMTP_URL", f"smtp://127.0.0.1:{free_port()}")
    assert told().startswith("FIX")
    monkeypatch.setenv("BOT_SMTP_URL", mail_server.url)
    assert told().startswith("ok")
