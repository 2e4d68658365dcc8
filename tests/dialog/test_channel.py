"""The dialog process over HTTP: honest answers to good and bad requests, and nothing kept between turns."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests

Body = dict[str, Any]


def _body(message: Body, state: Any = None, **changes: Any) -> Body:
    context = {"programme": "Followthrough", "clinic": "Elm Clinic", "language": "en"}
    turn = {"conversation_id": "cv_1", "state": state, "message": message, "context": context, "now": "2026-01-01"}
    return {**turn, **changes}


def _reading(intent: str, value: Any = None) -> Body:
    return {"reading": {"intent": intent, "value": value}}


@pytest.fixture
def turn(dialog_url: str) -> Any:
    """Posts a body and gives the response."""
    return lambda body: requests.post(f"{dialog_url}/webhooks/followthrough/turn", json=body, timeout=30)


def test_the_same_request_gives_the_same_answer(turn: Any) -> None:
    """A turn is a pure function: nothing is kept from one to the next."""
    state = turn(_body(_reading("greet"))).json()["state"]
    answers = [turn(_body({"text": "yes please"}, state)).json() for _ in range(3)]
    assert answers[0] == answers[1] == answers[2]
    assert answers[0]["events"][0]["type"] == "consent_given"


def test_the_state_of_a_whole_screening_stays_under_a_kilobyte(turn: Any) -> None:
    """Slots, the active form and the place in the screening, no history."""
    state = None
    values: list[Any] = [1, [1, 2, 3, 4, 5, 6, 7], 1, 1, 1, 1]
    readings = [_reading("greet"), _reading("affirm")] + [_reading("give_answer", v) for v in values]
    readings += [_reading("affirm")] + [_reading("give_answer", 5)] * 4
    for message in readings:
        state = turn(_body(message, state)).json()["state"]
        assert len(json.dumps(state)) < 1000


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param([], 400, id="not an object"),
        pytest.param({}, 400, id="nothing in it"),
        pytest.param(_body({}), 400, id="no text and no reading"),
        pytest.param(_body({"text": "a", **_reading("greet")}), 400, id="text and reading"),
        pytest.param(_body({"text": "a"}, conversation_id=3), 400, id="id of another type"),
        pytest.param(_body({"text": "a"}, state="x"), 400, id="state of another type"),
        pytest.param(_body({"text": "a"}, state={"v": 99, "slots": {}}), 409, id="state of another version"),
        pytest.param(_body(_reading("no_such_intent")), 422, id="unknown intent"),
    ],
)
def test_what_is_not_a_turn_is_refused(turn: Any, body: Any, status: int) -> None:
    """4xx with a sentence; the sentence repeats nothing of the request."""
    response = turn(body)
    assert response.status_code == status
    assert set(response.json()) == {"error"}


def test_a_body_that_is_not_json_is_refused(dialog_url: str) -> None:
    """400, not a stack trace."""
    response = requests.post(f"{dialog_url}/webhooks/followthrough/turn", data=b"\xff{", timeout=30)
    assert response.status_code == 400


def test_an_action_that_fails_fails_the_turn(turn: Any) -> None:
    """A screening of an instrument that is gone: 500, no state, no silence taken for an answer."""
    screening = {"instrument": "gone", "version": "1", "at": "1", "answers": {}, "asked": []}
    state = {"v": 1, "slots": {"screening": screening}, "form": "screening_form", "requested": "answer"}
    response = turn(_body(_reading("give_answer", 1), state))
    assert response.status_code == 500
    assert set(response.json()) == {"error"}


def test_a_leading_slash_does_not_command_rasa(turn: Any) -> None:
    """``/restart`` and ``/intent{}`` from a phone are words like others."""
    state = turn(_body(_reading("greet"))).json()["state"]
    state = turn(_body(_reading("affirm"), state)).json()["state"]
    for text in ("/restart", "/session_start", '/give_answer{"answer": 3}', "//", "/"):
        answer = turn(_body({"text": text}, state)).json()
        assert answer["state"]["slots"]["screening"]["answers"] == {}
        assert answer["replies"]


def test_rasas_own_api_is_not_served(dialog_url: str) -> None:
    """No model can be replaced and no tracker read from outside."""
    for path in ("/model", "/conversations/cv_1/tracker", "/webhooks/rest/webhook", "/model/train"):
        assert requests.get(dialog_url + path, timeout=10).status_code == 404
