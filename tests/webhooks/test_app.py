"""The app as a whole: headers, errors, and what it keeps to itself."""

from __future__ import annotations

import logging
from dataclasses import replace
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient

from bot.bootstrap import Deps
from bot.store.database import Database
from tests.webhooks.conftest import MakeDeps
from tests.webhooks.twilio_requests import FORM, PATIENT, body, post, text_form
from webhooks import spool
from webhooks.app import create_app

MARKER = "a-planted-marker"


@pytest.mark.parametrize("path", ["/healthz", "/twilio/sms", "/nowhere"])
def test_every_answer_carries_the_headers(client: FlaskClient, path: str) -> None:
    """Also refusals and errors."""
    headers = client.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "no-store"
    assert headers["Strict-Transport-Security"] == "max-age=31536000"


@pytest.mark.parametrize(("simulator", "target"), [(True, "/simulator"), (False, "/api/v1/docs")])
def test_the_bare_address_leads_somewhere(deps: Deps, simulator: bool, target: str) -> None:
    """To the phone where there is one, else to the documents of the API; both are there."""
    settings = replace(deps.settings, simulator=simulator, given=frozenset())
    client = create_app(replace(deps, settings=settings)).test_client()
    answer = client.get("/")
    assert (answer.status_code, answer.headers["Location"]) == (302, target)
    with client.get(target) as page:
        assert page.status_code == 200


def test_https_is_not_insisted_on_without_it(deps: Deps) -> None:
    """On plain HTTP, as at home, nobody is locked out."""
    settings = replace(deps.settings, public_url="http://127.0.0.1:8000")
    answer = create_app(replace(deps, settings=settings)).test_client().get("/healthz")
    assert "Strict-Transport-Security" not in answer.headers


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", f"/{MARKER}", 404), ("DELETE", "/healthz", 405), ("POST", "/twilio/sms", 403)],
)
def test_refusals_are_problem_documents(client: FlaskClient, method: str, path: str, status: int) -> None:
    """In standard words, with nothing of the request in them."""
    answer = client.open(path, method=method)
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"
    assert body(answer)["status"] == status
    assert "marker" not in answer.text


def test_an_error_tells_nobody_anything(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    """500 for the caller, class and place for the log, and the words of the error for neither."""

    def fail() -> str:
        raise ValueError(MARKER)

    app.add_url_rule("/fail", "fail", fail)
    answer = app.test_client().get("/fail")
    assert (answer.status_code, answer.mimetype) == (500, "application/problem+json")
    assert MARKER not in answer.text + caplog.text
    assert "ValueError at test_app.py" in caplog.text


def test_debugging_is_off(app: Flask) -> None:
    """No debugger page and no exception of ours goes out."""
    assert not app.debug
    assert not app.config["PROPAGATE_EXCEPTIONS"]


def test_nothing_that_a_patient_wrote_is_logged_or_answered(
    deps: Deps, make_deps: MakeDeps, lost_db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    """Markers through every way in: stored, repeated, forged, no use, spooled, taken in, set aside."""
    caplog.set_level(logging.DEBUG)
    form = text_form(Body=MARKER, FromCity=MARKER, ProfileName=MARKER)
    forms = [form, form, form | {"From": "client:"}, {f"{MARKER} {PATIENT}": "x", "MessageSid": MARKER + "!"}]
    answers = []
    for on in (deps, make_deps(lost_db)):
        client = create_app(on).test_client()
        for given in forms:
            answers.append(post(client, "/twilio/sms", given))
            answers.append(post(client, "/twilio/status", given))
            answers.append(client.post("/twilio/sms", data=urlencode(given), content_type=FORM))
            answers.append(client.post("/twilio/sms", json=given))
        answers.append(client.get("/metrics"))
    for file in spool.folder(deps).iterdir():
        if file.suffix == spool.SUFFIX:
            file.write_text(MARKER)
            break
    spool.take_in(deps)
    told = caplog.text + "".join(a.text + str(a.headers) for a in answers)
    assert MARKER not in told
    assert PATIENT[1:] not in told
    assert {a.status_code for a in answers} == {200, 403}
