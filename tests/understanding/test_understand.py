"""``bot understand``, with the trained model behind it."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.cli import main
from bot.understanding import INTENTS

ROOT = Path(__file__).resolve().parents[2]
Understand = Callable[..., list[dict[str, Any]]]
YES_NO = {"type": "boolean", "text": "Do you have a car?"}
TWO = {"type": "choice", "options": ["Sometimes", "Never true"]}


@pytest.fixture
def run(
    dialog_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[[bytes], tuple[int, str, str]]:
    """Runs the command on standard input; gives exit code, standard output and standard error."""
    monkeypatch.setenv("BOT_DIALOG_URL", dialog_url)

    def run_on(given: bytes) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given)))
        code = main(["understand"])
        out, err = capsys.readouterr()
        return code, out, err

    return run_on


@pytest.fixture
def understand(run: Callable[[bytes], tuple[int, str, str]]) -> Understand:
    """Gives the readings of replies to one question."""

    def understood(*texts: str, question: Any = None, lang: str = "en") -> list[dict[str, Any]]:
        lines = [json.dumps({"text": text, "lang": lang, "question": question}) for text in texts]
        code, out, err = run("\n".join(lines).encode())
        assert (code, err) == (0, "")
        return [json.loads(line) for line in out.splitlines()]

    return understood


@pytest.mark.parametrize(
    ("text", "reading", "value"),
    [
        ("stop texting me", "opt_out", None),
        ("i want to kill myself", "crisis", None),
        ("we have nothing to eat today", "need", "food"),
        ("stop, i want to kill myself", "crisis", None),
        ("wrong number", "wrong_person", None),
        ("this is his wife", "wrong_person", None),
        ("spanish please", "language", "es"),
        ("do you speak french", "language", "other"),
        ("go back", "back", None),
        ("i meant never", "back", None),
        ("yes", "answer", True),
        ("how long will this take", "why", "how_long"),
        ("", "not_understood", None),
        ("/session_start", "not_understood", None),
    ],
)
def test_what_is_said_about_the_conversation(text: str, reading: str, value: Any, understand: Understand) -> None:
    """With no question open."""
    (found,) = understand(text)
    assert (found["reading"], found["value"]) == (reading, value)


@pytest.mark.parametrize(
    ("text", "question", "reading", "value"),
    [
        ("nope", YES_NO, "answer", False),
        ("never true", TWO, "answer", 2),
        ("3", TWO, "not_understood", None),
        ("skip", YES_NO, "skip", None),
        ("prefer not to say", TWO, "declined", None),
        ("idk", YES_NO, "unsure", None),
        ("wrong #", YES_NO, "wrong_person", None),
        ("first, who is this?", TWO, "who", None),
        ("no hay camión", YES_NO, "need", "transportation"),
        ("2", "71802-3", "answer", 2),
    ],
)
def test_what_is_said_to_a_question(text: str, question: Any, reading: str, value: Any, understand: Understand) -> None:
    """A question of one's own, or an item of a loaded instrument by its code."""
    (found,) = understand(text, question=question)
    assert (found["reading"], found["value"], found["by"]) == (reading, value, "code")


def test_one_line_out_for_each_line_in_and_in_order(understand: Understand) -> None:
    """What code reads and what the NLU reads come back mixed as they went in, over several batches."""
    texts = ["yes", "my neighbor has a green bike", "stop texting me"] * 400
    found = understand(*texts)
    assert [each["reading"] for each in found] == ["answer", "not_understood", "opt_out"] * 400
    assert [each["by"] for each in found] == ["code", "nlu", "code"] * 400


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"yes", "not JSON"),
        (b'{"text": "\xff"}', "not JSON"),
        (b'["yes"]', "not an object with a text"),
        (b'{"text": "2", "lang": 3}', "lang must be a language"),
        (b'{"text": "2", "lang": "en", "question": "0-0"}', "no loaded instrument"),
        (b'{"text": "2", "question": {"type": "choice", "options": ["one"]}}', "two options or more"),
        (b'{"text": "2", "question": {"type": "song"}}', "question must be"),
    ],
)
def test_a_bad_line_ends_the_run_with_its_number(
    line: bytes, why: str, run: Callable[[bytes], tuple[int, str, str]]
) -> None:
    """What stood before it is read, nothing after it is."""
    code, out, err = run(b'{"text": "yes", "lang": "en"}\n' + line + b'\n{"text": "no", "lang": "en"}\n')
    assert code != 0
    assert len(out.splitlines()) == 1
    assert err.startswith("Error: Line 2: ")
    assert why in err


def test_without_a_language_it_is_guessed_as_of_a_stranger(understand: Understand) -> None:
    """Or with one that the bot does not speak."""
    assert understand("hola, gracias", lang="")[0]["reading"] in ("greeting", "thanks")
    assert understand("sí", lang="mixed")[0]["value"] is True


def test_every_intent_has_a_name_for_people() -> None:
    """An intent that is new in the dialog is named here too, or said to have none."""
    files = (ROOT / "dialogs/domain").glob("*.yml")
    intents = {name for file in files for name in yaml.safe_load(file.read_text("utf-8")).get("intents", [])}
    told_by_the_bot = {"appointment_reminder", "check_in_due", "did_they_call", "invitation_due", "partner_will_call"}
    told_by_the_bot |= {"navigation_check_in_due", "next_place_due", "places_found"}
    assert intents - INTENTS.keys() == {"give_answer", "affirm", "deny"} | told_by_the_bot
    assert INTENTS.keys() <= intents
