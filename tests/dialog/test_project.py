"""``dialogs/`` and ``nlu_data/`` are a Rasa project that Rasa's own commands work on."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from bot.effects import EFFECTS
from tests.dialog_process import MODEL, ROOT

RASA = ROOT / ".venv-dialog" / "bin" / "rasa"
HELD_OUT = ROOT / "tests" / "nlu"
# Said by the clock or by code, never by the NLU.
NOT_FOR_NLU = {"invitation_due", "wrong_person"}
# Readings that only the app gives (docs/referrals.md), and one that only code reads (tests/language/test_picking.py).
GIVEN_BY_THE_APP = {
    "places_found", "check_in_due", "partner_will_call", "did_they_call", "next_place_due", "navigation_check_in_due",
    "appointment_reminder",
    "report_change",
}  # fmt: skip
# What the NLU must reach on replies it was never trained on. It is the second reader, after code.
LEAST_ACCURACY = {"en": 0.75, "es": 0.65}


def _rasa(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3"}
    command = [str(RASA), *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.timeout(180)
def test_rasa_data_validate_finds_nothing() -> None:
    """Domain, rules and NLU data agree."""
    data = ["--config", "dialogs/config.yml", "--domain", "dialogs/domain", "--data", "dialogs/rules", "nlu_data"]
    done = _rasa("data", "validate", "--fail-on-warnings", *data)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


@pytest.mark.timeout(240)
def test_rasa_test_nlu_on_the_held_out_replies(tmp_path: Path) -> None:
    """``rasa test nlu`` runs on the trained model and reaches the accuracy that we hold it to, in each language."""
    arguments = ["--nlu", str(HELD_OUT), "--model", str(MODEL), "--out", str(tmp_path), "--no-plot"]
    done = _rasa("test", "nlu", *arguments)
    assert done.returncode == 0, done.stderr[-3000:]
    misread = [error["text"].casefold() for error in json.loads((tmp_path / "intent_errors.json").read_text())]
    for language, least in LEAST_ACCURACY.items():
        held_out = [text for said in _examples(HELD_OUT / f"{language}.yml").values() for text in said]
        wrong = [text for text in misread if text in held_out]
        assert 1 - len(wrong) / len(held_out) >= least, wrong


def test_every_intent_has_training_data_and_a_held_out_set_in_each_language() -> None:
    """A new intent without examples to test it with is forgotten here, not in the field."""
    intents = set().union(*(_yaml(f).get("intents", []) for f in (ROOT / "dialogs/domain").glob("*.yml")))
    for language in LEAST_ACCURACY:
        trained = set().union(*(_examples(f) for f in (ROOT / "nlu_data" / language).glob("*.yml")))
        held_out = set(_examples(HELD_OUT / f"{language}.yml"))
        assert intents - GIVEN_BY_THE_APP == trained - GIVEN_BY_THE_APP
        assert intents - NOT_FOR_NLU - GIVEN_BY_THE_APP == held_out


def test_nothing_held_out_is_trained_on() -> None:
    """The two sets share no sentence."""
    trained = {s for f in (ROOT / "nlu_data").rglob("*.yml") for said in _examples(f).values() for s in said}
    held_out = {s for f in HELD_OUT.glob("*.yml") for said in _examples(f).values() for s in said}
    assert not trained & held_out


def test_every_event_of_the_dialog_has_an_effect() -> None:
    """An event that nobody handles fails the turn; this finds it before a patient does."""
    sources = [
        *(ROOT / "dialogs/actions").glob("*.py"),
        ROOT / "bot/core/screening.py",
        *(ROOT / "bot").glob("*turn.py"),
    ]
    named = {name for path in sources for name in re.findall(r'"type": "(\w+)"', path.read_text())}
    assert {"consent_given", "answer_recorded", "alarm_raised"} <= named
    assert named <= set(EFFECTS)


def _yaml(path: Path) -> dict[str, list[str]]:
    return yaml.safe_load(path.read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def _examples(path: Path) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for entry in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
        lines = [line.removeprefix("- ").strip().casefold() for line in entry["examples"].splitlines()]
        found.setdefault(entry["intent"], set()).update(line for line in lines if line)
    return found
