"""The phone page's calls, on an app whose bot repeats what it hears."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import requests

from bot.bootstrap import Deps
from bot.setting_kinds import SettingsError
from tests.simulator.echo_bot import QUESTION
from tests.simulator.receiver import wait_until
from webhooks.app import create_app

ANN = "+12025550123"
SECONDS = 10
PAGE = Path(__file__).parents[2] / "webhooks/simulator/page"


class Phone:
    """A phone of the simulator, held through its HTTP calls."""

    def __init__(self, base: str, number: str = ANN) -> None:
        """Makes the phone."""
        self.base = base
        self.id = requests.post(f"{base}/phones", json={"number": number}, timeout=SECONDS).json()["id"]

    def send(self, body: str) -> None:
        """Text the bot."""
        answer = requests.post(f"{self.base}/phone/send", json={"phone_id": self.id, "body": body}, timeout=SECONDS)
        assert answer.status_code == 202

    def read(self) -> dict[str, Any]:
        """Thread and record."""
        state: dict[str, Any] = requests.get(f"{self.base}/phones/{self.id}", timeout=SECONDS).json()
        return state

    def converse(self, body: str) -> dict[str, Any]:
        """Text the bot and give what there is once it is done."""
        self.send(body)
        wait_until(lambda: not self.read()["busy"])
        return self.read()


@pytest.fixture
def base(echo_bot: Deps) -> str:
    """The address of the simulator."""
    return f"{echo_bot.settings.public_url}/simulator"


def test_text_is_answered_and_recorded(base: str) -> None:
    """A text comes back as a bubble, and what the bot recorded stands beside it."""
    phone = Phone(base)
    state = phone.converse("hi")
    assert [m["from"] for m in state["messages"]] == ["person", "bot"]
    assert state["messages"][1]["body"].startswith("You said: hi")
    [patient] = state["record"]["patients"]
    assert patient["consent"]["granted"] is True
    assert patient["language"] == "en"
    assert [e["action"] for e in state["record"]["events"]] == ["consent_granted"]
    assert state["record"]["messages"][0]["segments"] == 1
    wait_until(lambda: phone.read()["messages"][1]["status"] == "delivered")


def test_answers_are_shown_with_question_and_codes(base: str) -> None:
    """An answer is shown as its question, its label and both codes."""
    phone = Phone(base)
    phone.converse("hi")
    [screening] = phone.converse("1")["record"]["patients"][0]["screenings"]
    assert (screening["answered"], screening["questions"], screening["state"]) == (1, 1, "in_progress")
    [answer] = screening["answers"]
    assert (answer["question"], answer["value"]) == (QUESTION, "I have a steady place to live")
    assert (answer["code"], answer["value_code"]) == ("71802-3", "LA31993-1")


def test_text_from_a_number_makes_its_phone(base: str) -> None:
    """A number that was never seen can text at once, in any usual form."""
    sent = requests.post(f"{base}/phone/send", json={"from": "(312) 555-0144", "body": "hi"}, timeout=SECONDS).json()
    assert re.fullmatch(r"SM[0-9a-f]{32}", sent["message_sid"])
    phones = requests.get(f"{base}/phones", timeout=SECONDS).json()["items"]
    assert {"id": sent["phone_id"], "number": "+13125550144"} in phones


def test_stop_blocks_and_start_lifts(base: str) -> None:
    """STOP is answered by Twilio itself and shown as such; the bot's texts no longer come until START."""
    phone = Phone(base)
    phone.converse("hi")
    stopped = phone.converse("STOP")
    assert stopped["blocked"] is True
    assert [m["from"] for m in stopped["messages"]][-1] == "twilio"
    assert stopped["record"]["messages"][0]["error_code"] == 21610
    started = phone.converse("START")
    assert started["blocked"] is False
    assert [m["from"] for m in started["messages"]][-2:] == ["twilio", "bot"]


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("phone/send", {"from": ANN, "phone_id": "ph_1", "body": "x"}, 422),
        ("phone/send", {"body": "x"}, 422),
        ("phone/send", {"from": ANN, "body": ""}, 422),
        ("phone/send", {"from": ANN, "body": "x" * 1601}, 422),
        ("phone/send", {"from": "12", "body": "x"}, 422),
        ("phone/send", {"phone_id": "ph_unknown", "body": "x"}, 404),
        ("phones", {"number": "no number"}, 422),
        ("phones", {"colour": "red"}, 422),
    ],
)
def test_bad_calls_get_a_problem(base: str, path: str, body: dict[str, str], status: int) -> None:
    """What cannot be done is a problem document that names the field and does not repeat what was sent."""
    answer = requests.post(f"{base}/{path}", json=body, timeout=SECONDS)
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert "no number" not in answer.text


def test_a_form_post_is_refused(base: str) -> None:
    """Another site's form cannot text: only JSON is taken."""
    assert requests.post(f"{base}/phone/send", data={"from": ANN, "body": "x"}, timeout=SECONDS).status_code == 415


def test_nothing_new_is_304(base: str) -> None:
    """Asked with the tag of what it knows, the page gets 304 until something changes."""
    phone = Phone(base)
    address = f"{base}/phones/{phone.id}"
    tag = requests.get(address, timeout=SECONDS).headers["ETag"]
    assert requests.get(address, headers={"If-None-Match": tag}, timeout=SECONDS).status_code == 304
    phone.send("hi")
    assert requests.get(address, headers={"If-None-Match": tag}, timeout=SECONDS).status_code == 200


def test_page_keeps_a_strict_policy(base: str) -> None:
    """The page and its files allow nothing from elsewhere and nothing inline, and hold nothing inline."""
    for path in ("", "/page/phone.js", "/page/phone.css"):
        answer = requests.get(base + path, timeout=SECONDS)
        policy = answer.headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert policy.startswith("default-src 'none'")
    page = (PAGE / "phone.html").read_text()
    assert not re.search(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=|https?://", page)


def test_new_phones_get_fictional_numbers(base: str) -> None:
    """A phone without a number gets one that is set aside for fiction, another each time."""
    numbers = {requests.post(f"{base}/phones", json={}, timeout=SECONDS).json()["number"] for _ in range(5)}
    assert len(numbers) == 5
    assert all(re.fullmatch(r"\+1\d{3}55501\d\d", number) for number in numbers)


def test_what_people_wrote_is_sealed_in_the_file(base: str, echo_bot: Deps) -> None:
    """Neither a text nor a number can be read in the simulator's file."""
    Phone(base).converse("MARKER-7Q2")
    stored = b"".join(path.read_bytes() for path in echo_bot.settings.data_dir.glob("simulator.db*"))
    assert stored
    assert b"MARKER-7Q2" not in stored
    assert ANN.encode() not in stored


def test_simulator_refuses_real_twilio(echo_deps: Deps) -> None:
    """Beside real credentials the app does not come about."""
    from dataclasses import replace

    real = replace(echo_deps.settings, twilio_api_url="https://api.twilio.com")
    with pytest.raises(SettingsError, match="simulator"):
        create_app(replace(echo_deps, settings=real))
