"""Only Twilio may speak to the webhooks."""

from __future__ import annotations

import hashlib
import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
import waitress
from flask import Flask, Request
from flask.testing import FlaskClient
from waitress import wasyncore
from werkzeug.datastructures import MultiDict
from werkzeug.test import EnvironBuilder

from bot.bootstrap import Deps
from tests.webhooks.conftest import inbound_rows
from tests.webhooks.twilio_requests import FORM, PUBLIC_URL, SID, TOKEN, post, rows, sign, text_form
from webhooks.app import create_app
from webhooks.twilio.signature import is_genuine, is_signed, raw_target

VECTORS = rows("signatures.jsonl")
needs_vectors = pytest.mark.skipif(not VECTORS, reason="the recorded Twilio requests are not at hand")
HEADER = "X-Twilio-Signature"


def _name(row: dict[str, Any]) -> str:
    return str(row["name"])


def _tokens(row: dict[str, Any]) -> list[str]:
    return [str(row["auth_token"])] if row["auth_token"] else []


@needs_vectors
@pytest.mark.parametrize("row", VECTORS, ids=_name)
def test_published_vectors_are_judged_as_their_sources_judge_them(row: dict[str, Any]) -> None:
    """The verdict is the source's; where it has none, nothing is raised."""
    body = row.get("body") or MultiDict(row["params"])
    verdict = is_genuine(str(row["url"]), body, str(row["signature"]), _tokens(row))
    assert row["valid"] is None or verdict == row["valid"]


@needs_vectors
@pytest.mark.parametrize("row", VECTORS, ids=_name)
def test_the_same_vectors_as_requests(row: dict[str, Any]) -> None:
    """As requests the forms get the same verdict, and a JSON body is refused whatever it is signed with."""
    parts = urlsplit(str(row["url"]))
    is_form = "params" in row
    form = urlencode(list(MultiDict(row["params"]).items(multi=True))) if is_form else ""
    builder = EnvironBuilder(
        path=f"{parts.path}?{parts.query}" if parts.query else parts.path,
        method="POST",
        data=form if is_form else row["body"],
        content_type=FORM if is_form else "application/json",
        headers=[(HEADER, str(row["signature"]))],
    )
    verdict = is_signed(Request(builder.get_environ()), f"{parts.scheme}://{parts.netloc}", _tokens(row))
    assert row["valid"] is None or verdict == (row["valid"] if is_form else False)


@pytest.mark.parametrize("token", [TOKEN, "f" * 32])
def test_every_token_of_a_rotation_is_taken(client: FlaskClient, token: str) -> None:
    """While tokens rotate, requests signed with either are taken."""
    assert post(client, "/twilio/sms", text_form(), token).status_code == 200


def test_another_token_is_refused(client: FlaskClient) -> None:
    """Another account's token signs nothing here."""
    assert post(client, "/twilio/sms", text_form(), "e" * 32).status_code == 403


def test_no_token_means_nobody_is_believed() -> None:
    """Without a token, or with an empty one, a signature made with an empty key is no signature."""
    forged = sign("https://a.example/x", "A=1", token="")
    assert not is_genuine("https://a.example/x", {"A": "1"}, forged, [])
    assert not is_genuine("https://a.example/x", {"A": "1"}, forged, [""])


def _signed_headers(target: str, raw: str) -> dict[str, str]:
    return {HEADER: sign(PUBLIC_URL + target, raw)}


def test_a_changed_field_is_refused(client: FlaskClient, deps: Deps) -> None:
    """A signature belongs to the words that were signed."""
    headers = _signed_headers("/twilio/sms", urlencode(text_form()))
    answer = client.post("/twilio/sms", data=text_form(Body="changed"), headers=headers)
    assert answer.status_code == 403
    assert inbound_rows(deps.db) == []


def test_a_dropped_empty_field_is_refused(client: FlaskClient) -> None:
    """Empty fields are signed too."""
    headers = _signed_headers("/twilio/sms", urlencode(text_form()))
    form = {name: value for name, value in text_form().items() if value}
    assert client.post("/twilio/sms", data=form, headers=headers).status_code == 403


def test_a_reordered_query_is_refused(client: FlaskClient) -> None:
    """The query is signed as it stands, not as what it means."""
    raw = urlencode({"MessageSid": SID, "MessageStatus": "sent"})
    headers = _signed_headers("/twilio/status?m=msg_1&x=2", raw)
    given = {"data": raw, "content_type": FORM, "headers": headers}
    assert client.post("/twilio/status?x=2&m=msg_1", **given).status_code == 403
    assert client.post("/twilio/status?m=msg_1&x=2", **given).status_code == 200


def test_a_missing_or_empty_signature_is_refused(client: FlaskClient) -> None:
    """No header is no error of ours: 403."""
    assert client.post("/twilio/sms", data=text_form()).status_code == 403
    assert client.post("/twilio/sms", data=text_form(), headers={HEADER: ""}).status_code == 403


@pytest.mark.parametrize("signature", ["¡é!", "=", "0" * 5000, "RSOYDt4T1cUTdK1PDd93/VVr8B8="])
def test_a_nonsense_signature_is_refused(client: FlaskClient, signature: str) -> None:
    """Whatever the header holds, the answer is 403."""
    environ = {"HTTP_X_TWILIO_SIGNATURE": signature.encode().decode("latin-1")}
    assert client.post("/twilio/sms", data=text_form(), environ_overrides=environ).status_code == 403


def test_a_json_body_is_refused_even_when_signed(client: FlaskClient) -> None:
    """Our webhooks take forms; JSON is 403 without a hash, with a wrong one and with a right one."""
    body = '{"Body": "hi"}'
    for query in ("", "?bodySHA256=" + "0" * 64, "?bodySHA256=" + hashlib.sha256(body.encode()).hexdigest()):
        headers = _signed_headers(f"/twilio/sms{query}", "")
        answer = client.post(f"/twilio/sms{query}", data=body, content_type="application/json", headers=headers)
        assert answer.status_code == 403


@pytest.mark.parametrize(
    "content_type", ["", "text/plain", "multipart/form-data; boundary=x", "application/xml", "///"]
)
def test_another_content_type_is_refused(client: FlaskClient, content_type: str) -> None:
    """Only a form is a form."""
    raw = urlencode(text_form())
    headers = _signed_headers("/twilio/sms", raw)
    answer = client.post("/twilio/sms", data=raw.encode(), content_type=content_type, headers=headers)
    assert answer.status_code == 403


@pytest.mark.parametrize("body", [b"\xff\xfe=\xff", b"Body=%FF%FE", b"&&&=", b"=" * 1000])
def test_a_broken_form_is_refused(client: FlaskClient, body: bytes) -> None:
    """Bytes that are no text are 403, not an error."""
    answer = client.post("/twilio/sms", data=body, content_type=FORM, headers={HEADER: "x"})
    assert answer.status_code == 403


def test_a_body_beyond_any_text_is_refused(client: FlaskClient) -> None:
    """A form of megabytes is not read."""
    assert post(client, "/twilio/sms", text_form(Body="x" * 400_000)).status_code == 413


def test_host_and_forwarded_headers_are_not_believed(client: FlaskClient) -> None:
    """The address is the configured one, whatever the request says of itself."""
    raw = urlencode(text_form())
    liar = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http"}
    forged = {HEADER: sign("http://evil.example/twilio/sms", raw)}
    given = {"data": raw, "content_type": FORM}
    assert client.post("/twilio/sms", headers={**forged, **liar}, **given).status_code == 403
    honest = _signed_headers("/twilio/sms", raw)
    assert client.post("/twilio/sms", headers={**honest, **liar}, **given).status_code == 200


def test_a_quoted_apostrophe_in_the_query_is_signed_as_it_came(client: FlaskClient) -> None:
    """Flask's own URL would decode it, and the signature would not fit."""
    form = {"MessageSid": SID, "MessageStatus": "sent"}
    assert post(client, "/twilio/status?m=It%27s", form).status_code == 200


def test_credentials_and_a_port_in_the_address() -> None:
    """Both forms of the address are tried, with the credentials kept."""
    for signed in ("https://u:p@a.example:8443/x", "https://u:p@a.example/x"):
        assert is_genuine("https://u:p@a.example:8443/x", {"A": "1"}, sign(signed, "A=1"), [TOKEN])


@pytest.mark.parametrize(
    ("environ", "target"),
    [
        ({"REQUEST_URI": "/a%27b?c=%27"}, "/a%27b?c=%27"),
        ({"RAW_URI": "/a?b"}, "/a?b"),
        ({"REQUEST_URI": "http://a.example/b?c=1"}, "/b?c=1"),
        ({"PATH_INFO": "/a b", "QUERY_STRING": "c=%27"}, "/a%20b?c=%27"),
        ({"SCRIPT_NAME": "/s", "PATH_INFO": "/a"}, "/s/a"),
        ({}, "/"),
    ],
)
def test_the_raw_target(environ: dict[str, str], target: str) -> None:
    """Taken from the server where it tells, put together where it does not."""
    assert raw_target(environ) == target


def _post_raw(port: int, target: str, raw: str, signed_target: str) -> int:
    """Post to a server with the target untouched on the wire; the status."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    headers = {HEADER: sign(PUBLIC_URL + signed_target, raw), "Content-Type": FORM}
    connection.request("POST", target, raw, headers)
    status = connection.getresponse().status
    connection.close()
    return status


@contextmanager
def _served(app: Flask) -> Iterator[int]:
    """The app under waitress, on a port of its own; everything of the server is ended by its own thread."""
    sockets: dict[int, Any] = {}
    server = waitress.create_server(app, host="127.0.0.1", port=0, map=sockets)
    stop = threading.Event()

    def serve() -> None:
        while not stop.is_set():
            wasyncore.loop(timeout=0.05, map=sockets, count=1)
        server.task_dispatcher.shutdown()
        wasyncore.close_all(sockets)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield server.effective_port
    finally:
        stop.set()
        thread.join(10)


def test_the_production_server_tells_the_raw_target(app: Flask) -> None:
    """Under waitress a signature over a quoted path and query holds, and one over the decoded path does not."""
    raw = urlencode({"MessageSid": SID, "MessageStatus": "sent"})
    target = "/twilio/%73tatus?m=It%27s"
    with _served(app) as port:
        assert _post_raw(port, target, raw, target) == 200
        assert _post_raw(port, target, raw, "/twilio/status?m=It's") == 403


def _unchecked(app: Flask) -> list[str]:
    """The rules under /twilio that let an unsigned post through."""
    open_rules = []
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/twilio") and "POST" in (rule.methods or ()):
            target = rule.rule.replace("<", "").replace(">", "")
            if app.test_client().post(target, data={"MessageSid": SID}).status_code != 403:
                open_rules.append(rule.rule)
    return open_rules


def test_every_post_route_under_twilio_checks_the_signature(app: Flask) -> None:
    """Prevents a new webhook that anybody can call: found by walking the URL map, not by a list."""
    assert [r for r in app.url_map.iter_rules() if r.rule.startswith("/twilio")]
    assert _unchecked(app) == []


def test_the_walk_finds_a_route_without_the_check(deps: Deps) -> None:
    """The guard above would notice."""
    app = create_app(deps)
    app.add_url_rule("/twilio/forgotten", "forgotten", lambda: "", methods=["POST"])
    assert _unchecked(app) == ["/twilio/forgotten"]
