"""``bot chat`` with lines piped in."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from click.testing import CliRunner, Result

from bot.bootstrap import Deps
from bot.cli.chat import chat
from bot.cli.chat_record import record_lines


def converse(deps: Deps, lines: Sequence[str]) -> Result:
    """Pipe lines into the chat with the bot that runs."""
    typed = "".join(f"{line}\n" for line in lines)
    return CliRunner().invoke(chat, ["--url", deps.settings.public_url, "--wait", "20"], input=typed)


def test_lines_are_texted_and_answered(echo_bot: Deps) -> None:
    """Each line is texted, and the reply to it is printed before the next one goes out."""
    result = converse(echo_bot, ["hi", "¿qué tal?"])
    assert result.exit_code == 0
    said = [line.strip() for line in result.output.splitlines() if "hi" in line or "qué" in line]
    assert said == ["you  hi", "bot  You said: hi", "you  ¿qué tal?", "bot  You said: ¿qué tal?"]


def test_record_is_shown(echo_bot: Deps) -> None:
    """/record prints the patient, consent, and the answers with their codes."""
    output = converse(echo_bot, ["hi", "1", "/record"]).output
    assert "consent granted" in output
    assert "A tiny screening: in_progress, 1 of 1 answered" in output
    assert "I have a steady place to live  [71802-3 LA31993-1]" in output


def test_time_can_be_skipped(echo_bot: Deps) -> None:
    """/skip-day moves the clock."""
    before = echo_bot.clock.now()
    assert "It is now" in converse(echo_bot, ["/skip-day"]).output
    assert (echo_bot.clock.now() - before).days == 1


def test_unknown_command_is_explained(echo_bot: Deps) -> None:
    """A command that is not known prints those that are, and nothing is texted."""
    result = converse(echo_bot, ["/jump", "/quit", "never texted"])
    assert "/jump is not known" in result.output
    assert "/skip-week" in result.output
    assert "never texted" not in result.output


def test_no_simulator_is_one_sentence(echo_deps: Deps) -> None:
    """An address where nothing answers is one plain sentence and a non-zero exit."""
    result = converse(echo_deps, ["hi"])
    assert result.exit_code == 1
    assert "there is no phone simulator at" in result.output


@pytest.mark.parametrize("record", [None, {"patients": [], "suppressed": [], "messages": [], "events": []}])
def test_empty_record_says_so(record: dict[str, object] | None) -> None:
    """Before the first turn nothing is recorded."""
    assert list(record_lines(record)) == ["Nothing is recorded yet."]
