"""Requests as Twilio makes them: signed with an implementation of our own, not with the one under test."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

PUBLIC_URL = "https://bot.example.org"
TOKEN = "0123456789abcdef0123456789abcdef"
FORM = "application/x-www-form-urlencoded"
TWILIO_DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "twilio"
SID = "SM" + "1" * 32
PATIENT = "+12025550147"
CLINIC = "+12025550100"


def sign(url: str, raw: str, token: str = TOKEN) -> str:
    """The signature of a form post, as Twilio's documents describe it."""
    values: dict[str, set[str]] = {}
    for name, value in parse_qsl(raw, keep_blank_values=True):
        values.setdefault(name, set()).add(value)
    text = url + "".join(name + value for name in sorted(values) for value in sorted(values[name]))
    return base64.b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()).decode()


def post(client: FlaskClient, target: str, form: Mapping[str, str] | str, token: str = TOKEN) -> TestResponse:
    """A signed form post to ``target``, a path with or without a query."""
    raw = form if isinstance(form, str) else urlencode(form)
    headers = {"X-Twilio-Signature": sign(PUBLIC_URL + target, raw, token)}
    return client.post(target, data=raw, content_type=FORM, headers=headers)


def text_form(**fields: str) -> dict[str, str]:
    """An inbound text; ``fields`` replace or add."""
    usual = {"MessageSid": SID, "SmsSid": SID, "SmsMessageSid": SID, "SmsStatus": "received", "NumMedia": "0"}
    return {**usual, "From": PATIENT, "To": CLINIC, "Body": "hello", "ToCity": "", "NumSegments": "1", **fields}


def body(answer: TestResponse) -> dict[str, Any]:
    """The JSON object of an answer."""
    found: dict[str, Any] = json.loads(answer.text)
    return found


def rows(name: str) -> list[dict[str, Any]]:
    """The rows of a file of recorded requests; none where the files are not at hand."""
    file = TWILIO_DATA / name
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()] if file.exists() else []


def raw_form(row: Mapping[str, Any]) -> str:
    """A recorded request's body as on the wire, or encoded again from its fields."""
    params = {k: v if isinstance(v, str) else json.dumps(v) for k, v in row["params"].items()}
    return str(row.get("raw") or urlencode(params))
