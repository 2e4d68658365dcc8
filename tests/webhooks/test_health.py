"""Liveness, readiness and metrics."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from bot.bootstrap import Deps
from bot.processes import free_port
from bot.store import conversations, escalations, outbox, patients, phones, sending
from bot.store.database import Database, make_engine
from bot.store.vault import Vault
from tests.webhooks.conftest import DialogAtHand, DialogAway, MakeDeps
from tests.webhooks.twilio_requests import PATIENT, body, post, text_form
from tests.world import StandingClock
from webhooks.app import create_app


def test_alive_without_anything_else(make_deps: MakeDeps, lost_db: Database) -> None:
    """The process answers, whatever else does not."""
    answer = create_app(make_deps(lost_db)).test_client().get("/healthz")
    assert (answer.status_code, answer.json) == (200, {"status": "alive"})


def test_ready(client: FlaskClient) -> None:
    """Everything answers and nothing waits."""
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json == {
        "ready": True,
        "not_ready": [],
        "checks": {"database": "ok", "dialog": "ok"},
        "spooled": 0,
        "waiting": {
            "inbound": {"count": 0, "oldest_seconds": 0.0},
            "outbox": {"count": 0, "oldest_seconds": 0.0, "held_by_error": {}},
        },
        "warnings": ["nobody is on call; run: bot on-call add"],
    }


def test_the_age_of_the_oldest_text_is_told(client: FlaskClient, clock: StandingClock) -> None:
    """A backlog shows, and does not take the webhooks out of service."""
    post(client, "/twilio/sms", text_form())
    clock.advance(minutes=10)
    post(client, "/twilio/sms", text_form(MessageSid="SM2"))
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert body(answer)["waiting"]["inbound"] == {"count": 2, "oldest_seconds": 600.0}


def test_not_ready_without_the_database(make_deps: MakeDeps, lost_db: Database) -> None:
    """503 that names it, and no address or password of it."""
    client = create_app(make_deps(lost_db)).test_client()
    post(client, "/twilio/sms", text_form())
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert body(answer)["not_ready"] == ["database"]
    assert body(answer)["checks"]["database"] == "cannot be reached"
    assert body(answer)["spooled"] == 1
    assert "nobody" not in answer.text


def test_not_ready_before_the_migrations(
    make_deps: MakeDeps, tmp_path: Path, vault: Vault, clock: StandingClock
) -> None:
    """503 that says what to run."""
    db = Database(make_engine(f"sqlite:///{tmp_path}/empty.db"), vault, clock, str)
    answer = create_app(make_deps(db)).test_client().get("/readyz")
    assert answer.status_code == 503
    assert "bot db upgrade" in body(answer)["checks"]["database"]
    db.engine.dispose()


@pytest.mark.parametrize("dialog", [DialogAtHand(is_ready=False), DialogAway()])
def test_not_ready_without_the_dialog_process(deps: Deps, dialog: DialogAtHand) -> None:
    """503 that names it, whether it says no or cannot be asked."""
    answer = create_app(replace(deps, dialog=dialog)).test_client().get("/readyz")
    assert (answer.status_code, body(answer)["not_ready"]) == (503, ["dialog"])


def test_redis_is_asked_where_there_is_one(deps: Deps, redis_url: str) -> None:
    """Ready with it, not ready when the configured one does not answer."""
    settings = replace(deps.settings, redis_url=redis_url)
    answer = create_app(replace(deps, settings=settings)).test_client().get("/readyz")
    assert (answer.status_code, body(answer)["checks"]["redis"]) == (200, "ok")
    settings = replace(deps.settings, redis_url=f"redis://127.0.0.1:{free_port()}/0")
    answer = create_app(replace(deps, settings=settings)).test_client().get("/readyz")
    assert (answer.status_code, body(answer)["not_ready"]) == (503, ["redis"])


def _gauges(client: FlaskClient) -> dict[str, float]:
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer.content_type.startswith("text/plain")
    lines = [line for line in answer.text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


def test_metrics_count_what_happened(client: FlaskClient, deps: Deps, clock: StandingClock) -> None:
    """Requests by outcome from this process, the rest from the database."""
    post(client, "/twilio/sms", text_form())
    post(client, "/twilio/sms", text_form())
    post(client, "/twilio/status", {"MessageSid": "SM9", "MessageStatus": "sent"})
    client.post("/twilio/sms", data=text_form())
    clock.advance(seconds=30)
    found = _gauges(client)
    assert found['followthrough_webhook_requests_total{outcome="stored",route="twilio.sms"}'] == 1
    assert found['followthrough_webhook_requests_total{outcome="duplicate",route="twilio.sms"}'] == 1
    assert found['followthrough_webhook_requests_total{outcome="refused",route="twilio.sms"}'] == 1
    assert found['followthrough_inbound_rows{state="waiting"}'] == 1
    assert found["followthrough_inbound_oldest_seconds"] == 30
    assert found["followthrough_receipts_waiting"] == 1
    assert found["followthrough_spool_files"] == 0
    assert found["followthrough_database_up"] == 1


def test_metrics_count_open_escalations(client: FlaskClient, deps: Deps) -> None:
    """By urgency; what is resolved is no longer counted."""
    with deps.db.write() as tx:
        nobody = {"patient_id": None, "conversation_id": None, "inbound_id": None}
        escalations.create(tx, kind="crisis", urgency="now", **nobody)
        done = escalations.create(tx, kind="asked_for_a_person", urgency="soon", **nobody)
        escalations.resolve(tx, done)
    found = {name: value for name, value in _gauges(client).items() if "escalations" in name}
    assert found == {'followthrough_escalations_open{urgency="now"}': 1}


def test_messages_held_by_an_error_are_named(client: FlaskClient, deps: Deps, clock: StandingClock) -> None:
    """By Twilio's code, and no reason to take the webhooks out of service."""
    with deps.db.write() as tx:
        phone = phones.find_or_create(tx, "whatsapp:+12025550177")
        patient = patients.create_texter(tx, phone.id)
        conversation = conversations.find_or_create(tx, phone.id, patient.id, "en")
        outbox.put(
            tx, conversation_id=conversation.id, patient_id=patient.id, phone_id=phone.id, inbound_id=None,
            channel="whatsapp", body="Hello.", purpose="said", segments=1,
        )  # fmt: skip
        later = tx.now() + timedelta(minutes=5)
        sending.hold_channel(tx, sending.Waited("whatsapp", 63007, later))
    answer = client.get("/readyz")
    assert (answer.status_code, body(answer)["waiting"]["outbox"]["held_by_error"]) == (200, {"63007": 1})
    assert _gauges(client)['followthrough_messages_held{error_code="63007"}'] == 1


def test_metrics_without_the_database(make_deps: MakeDeps, lost_db: Database) -> None:
    """Told without the database's part, and saying that it is away."""
    client = create_app(make_deps(lost_db)).test_client()
    post(client, "/twilio/sms", text_form())
    found = _gauges(client)
    assert found["followthrough_database_up"] == 0
    assert found["followthrough_spool_files"] == 1


def test_metrics_of_two_apps_do_not_mix(deps: Deps) -> None:
    """Each app has a registry of its own."""
    one, two = create_app(deps).test_client(), create_app(deps).test_client()
    post(one, "/twilio/sms", text_form())
    assert any("requests_total" in name for name in _gauges(one))
    assert not any("requests_total" in name for name in _gauges(two))


def test_no_person_in_the_pages(client: FlaskClient) -> None:
    """Labels are codes."""
    post(client, "/twilio/sms", text_form(Body="a-planted-marker"))
    for path in ("/healthz", "/readyz", "/metrics"):
        told = client.get(path).text
        assert "marker" not in told
        assert PATIENT[1:] not in told
