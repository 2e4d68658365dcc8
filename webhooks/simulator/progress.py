"""The life of a sent message: which status follows which, and the receipts that tell of it."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from webhooks.simulator.faults import Faults, Receipts
from webhooks.simulator.twilio_message import API_VERSION, FINAL_STATUSES, TwilioMessage
from webhooks.simulator.twilio_store import TwilioStore

NEXT_STATUS = {"accepted": "queued", "queued": "sent", "sent": "delivered"}
STEP_SECONDS = 0.15


def step_one(store: TwilioStore, faults: Faults, account_sid: str) -> bool:
    """Move one message one status on and queue its receipt, in one transaction. False when none is due."""
    # Looking takes no lock; most of the time there is nothing.
    with store.file.read() as db:
        if _due(db, store) is None:
            return False
    with store.file.write() as db:
        row = _due(db, store)
        if row is None:
            return False
        before = store.message_of(row)
        status, error_code = _after(before, faults)
        step_at = None if status in FINAL_STATUSES else store.wall() + STEP_SECONDS
        now = store.now_text()
        db.execute(
            "UPDATE message SET status = ?, error_code = ?, step_at = ?, updated_at = ?,"
            " sent_at = coalesce(sent_at, CASE WHEN ? = 'sent' THEN ? END) WHERE sid = ?",
            (status, error_code, step_at, now, status, now, before.sid),
        )
        if before.status_callback:
            for told in _receipts(before, status, faults):
                code = error_code if told == status else None
                form = receipt_form(before, told, code, account_sid)
                store.webhooks.put(db, "status", before.sid, before.status_callback, form)
    return True


def _due(db: sqlite3.Connection, store: TwilioStore) -> sqlite3.Row | None:
    stepping = "SELECT * FROM message WHERE step_at <= ? ORDER BY step_at, seq LIMIT 1"
    row: sqlite3.Row | None = db.execute(stepping, (store.wall(),)).fetchone()
    return row or _scheduled(db, store)


def _scheduled(db: sqlite3.Connection, store: TwilioStore) -> sqlite3.Row | None:
    """The next scheduled message, once the account's own time has come; it may be a virtual one."""
    query = "SELECT * FROM message WHERE status = 'scheduled' ORDER BY send_at, seq LIMIT 1"
    row: sqlite3.Row | None = db.execute(query).fetchone()
    return row if row is not None and row["send_at"] <= store.now_text() else None


def _after(message: TwilioMessage, faults: Faults) -> tuple[str, int | None]:
    if message.status == "scheduled":
        return "queued", None
    if message.status == "sent":
        code = faults.undelivered_code(message.to)
        return ("delivered", None) if code is None else ("undelivered", code)
    return NEXT_STATUS[message.status], None


def _receipts(message: TwilioMessage, status: str, faults: Faults) -> list[str]:
    """The statuses to tell of at this step, in the order of arrival."""
    match faults.receipts:
        case Receipts.NONE:
            return []
        case Receipts.DUPLICATED:
            return [status, status]
        case Receipts.REVERSED:
            return [status, message.status] if status in FINAL_STATUSES else []
        case Receipts.IN_ORDER:
            return [status]


def receipt_form(message: TwilioMessage, status: str, error_code: int | None, account_sid: str) -> dict[str, str]:
    """The parameters of a status callback."""
    form = {
        "AccountSid": account_sid,
        "ApiVersion": API_VERSION,
        "From": message.sender,
        "MessageSid": message.sid,
        "MessageStatus": status,
        "SmsSid": message.sid,
        "SmsStatus": status,
        "To": message.person,
    }
    if message.service_sid:
        form["MessagingServiceSid"] = message.service_sid
    if error_code is not None:
        form["ErrorCode"] = str(error_code)
    if status == "delivered":
        form["RawDlrDoneDate"] = _dlr_date(message.sent_at or message.created_at)
    return form


def _dlr_date(at: datetime) -> str:
    return at.strftime("%y%m%d%H%M")
