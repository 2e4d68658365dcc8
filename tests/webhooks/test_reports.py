"""``POST /twilio/status``: receipts, in any order, more than once."""

from __future__ import annotations

from flask.testing import FlaskClient

from bot.bootstrap import Deps
from tests.webhooks.conftest import receipt_rows
from tests.webhooks.twilio_requests import SID, post
from tests.world import StandingClock


def _report(status: str, **fields: str) -> dict[str, str]:
    return {"MessageSid": SID, "SmsSid": SID, "MessageStatus": status, "SmsStatus": status, **fields}


def test_a_report_is_kept_with_our_id(client: FlaskClient, deps: Deps, clock: StandingClock) -> None:
    """``m`` in the address says which message of ours it is about, before Twilio's id is known."""
    assert post(client, "/twilio/status?m=msg_000001", _report("sent")).status_code == 200
    (row,) = receipt_rows(deps.db)
    found = (row.message_sid, row.message_id, row.status, row.error_code, row.received_at, row.applied_at)
    assert found == (SID, "msg_000001", "sent", None, clock.now(), None)


def test_reports_in_the_wrong_order_are_all_kept(client: FlaskClient, deps: Deps) -> None:
    """Which one counts is decided where they are applied."""
    for status in ("delivered", "sent", "read"):
        post(client, "/twilio/status?m=msg_1", _report(status))
    assert [row.status for row in receipt_rows(deps.db)] == ["delivered", "sent", "read"]


def test_a_repeated_report_is_kept_once(client: FlaskClient, deps: Deps) -> None:
    """The same word about the same message says nothing new; another code does."""
    for fields in ({}, {}, {"ErrorCode": "30003"}, {"ErrorCode": "30003"}):
        assert post(client, "/twilio/status?m=msg_1", _report("undelivered", **fields)).status_code == 200
    assert [row.error_code for row in receipt_rows(deps.db)] == [None, 30003]


def test_the_sender_is_woken(client: FlaskClient, deps: Deps) -> None:
    """Whoever applies receipts hears of a new one."""
    deps.wakeups.wait("receipts", 0)
    post(client, "/twilio/status", _report("delivered"))
    assert deps.wakeups.wait("receipts", 0)


def test_a_report_that_is_no_use(client: FlaskClient, deps: Deps) -> None:
    """Answered 200 and counted."""
    assert post(client, "/twilio/status", {"MessageStatus": "sent"}).status_code == 200
    assert receipt_rows(deps.db) == []
    assert 'outcome="unusable",route="twilio.status"' in client.get("/metrics").text
