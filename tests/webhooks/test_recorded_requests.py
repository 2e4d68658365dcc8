"""Every recorded request of Twilio's, posted as it came."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from bot.bootstrap import Deps
from tests.webhooks.conftest import inbound_rows, opened, receipt_rows
from tests.webhooks.twilio_requests import post, raw_form, rows
from webhooks.twilio.answers import EMPTY_TWIML
from webhooks.twilio.form import read_status, read_text

PAYLOADS = list(enumerate(rows("payloads.jsonl")))
pytestmark = pytest.mark.skipif(not PAYLOADS, reason="the recorded Twilio requests are not at hand")

TEXTS = ("sms_inbound", "sms_inbound_base64_body", "mms_inbound", "whatsapp_inbound", "opt_in", "opt_out")
REPORTS = ("status_callback", "status_callback_error")


def _of(*kinds: str) -> list[Any]:
    return [pytest.param(r, id=f"{i}-{r.get('name') or r['kind']}") for i, r in PAYLOADS if r["kind"] in kinds]


def _others() -> list[Any]:
    return [
        pytest.param(r, id=f"{i}-{r['kind']}")
        for i, r in PAYLOADS
        if r["kind"] not in (*TEXTS, *REPORTS) and not r["kind"].startswith("rest_")
    ]


@pytest.mark.parametrize("row", _of(*TEXTS))
def test_texts(row: dict[str, Any], client: FlaskClient, deps: Deps) -> None:
    """Answered with an empty TwiML, and stored unless nobody sent it or it has no id."""
    answer = post(client, "/twilio/sms", raw_form(row))
    assert (answer.status_code, answer.mimetype, answer.text) == (200, "text/xml", EMPTY_TWIML)
    params = row["params"]
    can_be_answered = any(c.isalnum() for c in params.get("From", "").removeprefix("whatsapp:"))
    has_id = any(params.get(name) for name in ("MessageSid", "SmsSid", "SmsMessageSid"))
    stored = inbound_rows(deps.db)
    assert len(stored) == (1 if can_be_answered and has_id else 0)
    if stored:
        _check(stored[0], row, deps)


def _check(stored: Any, row: dict[str, Any], deps: Deps) -> None:
    params = row["params"]
    sender, body = opened(deps.db, stored)
    assert stored.message_sid == params.get("MessageSid", params.get("SmsSid"))
    assert sender == (params["From"] if params["From"][0] != " " else "+" + params["From"][1:])
    assert stored.channel == ("whatsapp" if sender.startswith("whatsapp:") else "sms")
    assert stored.opt_out_type == params.get("OptOutType")
    assert stored.num_media == int(params.get("NumMedia", 0))
    assert stored.number_hash == deps.vault.number_hash(sender)
    if row["kind"] == "sms_inbound_base64_body":
        assert body == "Bannon Explains The World ...\n“The Camp of the Saints"
        assert stored.detail == {"was_base64": True}
    else:
        assert body == params.get("Body", "").replace("\x00", "")


@pytest.mark.parametrize("row", _of(*REPORTS))
@pytest.mark.parametrize("path", ["/twilio/status", "/twilio/sms"])
def test_reports(row: dict[str, Any], path: str, client: FlaskClient, deps: Deps) -> None:
    """Kept as receipts, also when they were sent to the address for texts: a report never starts a turn."""
    assert post(client, path, raw_form(row)).status_code == 200
    (receipt,) = receipt_rows(deps.db)
    assert receipt.message_sid == row["params"]["MessageSid"]
    assert receipt.status == row["params"]["MessageStatus"]
    assert receipt.error_code == (int(row["params"]["ErrorCode"]) if "ErrorCode" in row["params"] else None)
    assert inbound_rows(deps.db) == []


@pytest.mark.parametrize("row", _others())
def test_other_requests_do_no_harm(row: dict[str, Any], client: FlaskClient, deps: Deps) -> None:
    """Calls and the like that go astray are read without error, answered 200 and stored nowhere."""
    params = {name: str(value) for name, value in row["params"].items()}
    assert read_text(params) is None
    assert read_status(params, None) is None
    for path in ("/twilio/sms", "/twilio/status"):
        assert post(client, path, raw_form(row)).status_code == 200
    assert inbound_rows(deps.db) == []
    assert receipt_rows(deps.db) == []
