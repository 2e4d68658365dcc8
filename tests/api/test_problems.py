"""Bad requests: each gets a problem document that helps and repeats nothing."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any, NoReturn

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import OperationalError

from bot.store.database import Database
from tests.api.clinic import Clinic, fields, make_token
from webhooks.app import create_app

JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize("body", [b"", b"{", b"{'a': 1}", b"\xff\xfe", b"[" * 100_000, b'{"a": "\xff"}'])
def test_what_is_not_json_is_400(clinic: Clinic, body: bytes) -> None:
    """Cut off, wrongly quoted, not UTF-8, nested without end: said plainly."""
    answer = clinic.ask("PUT", "/patients/mrn-1", data=body, headers=JSON)
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
    assert answer.get_json() == {
        "type": "about:blank",
        "title": "Bad Request",
        "status": 400,
        "detail": "The body is not valid JSON.",
    }


@pytest.mark.parametrize("body", ["[]", "null", '"text"', "1"])
def test_json_that_is_no_object_is_422(clinic: Clinic, body: str) -> None:
    """It was JSON, so the body itself is to blame."""
    answer = clinic.ask("PUT", "/patients/mrn-1", data=body, headers=JSON)
    assert fields(answer) == ["body"]


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data", ""])
def test_another_media_type_is_415(clinic: Clinic, kind: str) -> None:
    """A form is not quietly read as an empty update."""
    answer = clinic.ask("PUT", "/patients/mrn-1", data=b"phone=1", headers={"Content-Type": kind})
    assert answer.status_code == 415


def test_a_long_body_is_413(clinic: Clinic) -> None:
    """Over a megabyte is not read."""
    answer = clinic.ask("PUT", "/patients/mrn-1", data=b" " * (1024 * 1024 + 1), headers=JSON)
    assert answer.status_code == 413
    assert answer.mimetype == "application/problem+json"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("GET", "/patients/mrn-1/nothing", 404),
        ("GET", "/patients/mrn-1", 404),
        ("GET", "/screenings/scr-1", 404),
        ("GET", "/campaigns/cmp-1", 404),
        ("POST", "/escalations/esc-1/claim", 404),
        ("POST", "/escalations/esc-1/resolve", 404),
        ("POST", "/patients/mrn-1/opt-out", 404),
        ("DELETE", "/patients/mrn-1", 404),
        ("PATCH", "/patients/mrn-1", 405),
        ("DELETE", "/patients", 405),
        ("PUT", "/campaigns", 405),
    ],
)
def test_what_is_not_there_is_said_so(clinic: Clinic, method: str, path: str, status: int) -> None:
    """404 and 405 are problem documents too."""
    answer = clinic.ask(method, path)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert answer.get_json()["status"] == status
    assert (status == 405) == ("Allow" in answer.headers)


@pytest.mark.parametrize("path", ["/escalations", "/patients/mrn-1/messages"])
@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=x", "limit"),
        ("cursor=x", "cursor"),
        ("cursor=W10", "cursor"),
        ("cursor=%00", "cursor"),
        ("page=2", "page"),
        ("limit=1&limit=2", "limit"),
    ],
)
def test_an_unusable_parameter_is_named(clinic: Clinic, path: str, query: str, field: str) -> None:
    """Pages are asked for as documented or not at all."""
    clinic.put("/patients/mrn-1", {})
    assert fields(clinic.get(f"{path}?{query}")) == [field]


def test_a_call_without_parameters_takes_none(clinic: Clinic) -> None:
    """A slip of the pen is not ignored."""
    clinic.put("/patients/mrn-1", {})
    assert fields(clinic.get("/patients/mrn-1?verbose=1")) == ["verbose"]


CAMPAIGN = {"name": "March", "instrument": "ahc-hrsn-core", "patients": ["mrn-1"]}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"patients": []}, "must have at least one entry"),
        ({"patients": ["x"] * 20_001}, "must have at most 20000 entries"),
        ({"name": "x" * 201}, "must have at most 200 characters"),
        ({"channel": "pigeon"}, "must be sms"),
        ({"start_at": "2026-03-05T16:00:00"}, "must be a date and time with its zone, such as 2026-03-02T15:04:00Z"),
        ({"start_at": "soon"}, "must be a date and time with its zone, such as 2026-03-02T15:04:00Z"),
        ({"dry_run": "no"}, "must be true or false"),
        ({"patients": "mrn-1"}, "must be a list"),
    ],
)
def test_what_is_wrong_is_said_in_plain_words(clinic: Clinic, change: dict[str, Any], message: str) -> None:
    """A clinic's developer need not know what the API is written with."""
    answer = clinic.post("/campaigns", CAMPAIGN | change)
    assert [e["message"] for e in answer.get_json()["errors"]] == [message]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("limit=0", "must be at least 1"),
        ("limit=201", "must be at most 200"),
        ("limit=x", "must be a whole number"),
        ("state=lost", "must be open, claimed or resolved"),
    ],
)
def test_parameters_too(clinic: Clinic, query: str, message: str) -> None:
    """The same words."""
    assert [e["message"] for e in clinic.get(f"/escalations?{query}").get_json()["errors"]] == [message]


def test_an_idempotency_key_is_named_as_itself(clinic: Clinic) -> None:
    """It is a header and no field of the body."""
    answer = clinic.put("/patients/mrn-1", {}, key="a b")
    said = "must be 1 to 255 printable characters without spaces"
    assert (answer.status_code, answer.get_json()["detail"]) == (422, f"The Idempotency-Key cannot be used: it {said}.")
    assert answer.get_json()["errors"] == [{"field": "Idempotency-Key", "message": said}]


def test_a_token_for_something_else_is_told_so(clinic: Clinic) -> None:
    """In words that say what to do."""
    answer = Clinic(clinic.app, clinic.deps, make_token(clinic.deps, "viewer")).get("/escalations")
    assert answer.get_json()["detail"] == "This token is not for this call, which needs one for: clinic."
    unsigned = clinic.app.test_client().post("/twilio/sms")
    assert unsigned.get_json()["detail"] == "The request was not let in: it does not carry a valid signature of Twilio."


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from(["phone", "given_name", "language", "zip", "timezone", "birth_date", "clinic", "consent"])
MORE_NAMES = st.sampled_from(["proxy", "emergency_visits_12m", "appointments"]) | st.text(max_size=12)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.dictionaries(NAMES | MORE_NAMES, VALUES, max_size=5))
def test_no_json_whatever_is_an_error_of_ours(clinic: Clinic, body: dict[str, Any]) -> None:
    """Taken or refused by name, never 500."""
    answer = clinic.put("/patients/mrn-1", body)
    assert answer.status_code in (200, 201, 422), answer.get_data(as_text=True)


class BrokenDatabase(Database):
    """A database that reads tokens and fails every write."""

    error: Exception = OperationalError("INSERT", {}, Exception("no connection to +12025550123"))

    def write(self) -> NoReturn:
        """Raises."""
        raise self.error


def _on_broken_database(clinic: Clinic, error: Exception) -> Clinic:
    db = clinic.deps.db
    broken = BrokenDatabase(db.engine, db.vault, db.clock, db.new_id)
    broken.error = error
    deps = replace(clinic.deps, db=broken)
    return Clinic(create_app(deps), deps, clinic.secret)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (OperationalError("INSERT", {}, Exception("no connection to +12025550123")), 503),
        (RuntimeError("Rosa +12025550123"), 500),
    ],
)
def test_our_own_failures_tell_nothing(
    clinic: Clinic, caplog: pytest.LogCaptureFixture, error: Exception, status: int
) -> None:
    """503 for a database that is away, 500 for the unforeseen; the log has class and place, not the text."""
    caplog.set_level(logging.DEBUG)
    answer = _on_broken_database(clinic, error).put("/patients/mrn-1", {"given_name": "Rosa"})
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert type(error).__name__ in caplog.text
    for text in (caplog.text, answer.get_data(as_text=True)):
        assert "Rosa" not in text
        assert "2025550123" not in text
