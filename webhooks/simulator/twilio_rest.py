"""The REST side of the simulated Twilio: the Messages resource, as twilio-python speaks to it."""

from __future__ import annotations

import hmac
import socket
import time
from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from flask import Blueprint, Flask, Response, jsonify, request

from webhooks.simulator.create_request import CreateRequest, read_create
from webhooks.simulator.faults import Fault, Faults
from webhooks.simulator.message_list import page_of
from webhooks.simulator.twilio_errors import TwilioRefusal, bad_request, not_found, planned, unauthenticated
from webhooks.simulator.twilio_message import API_VERSION, FINAL_STATUSES, TwilioMessage
from webhooks.simulator.twilio_store import TwilioStore

BASE = f"/{API_VERSION}/Accounts/<account_sid>"


@dataclass(frozen=True)
class Account:
    """The simulated account: who may use the API, and which numbers it sends from.

    ``senders`` None lets any sender pass; ``service_sender`` is the number that a Messaging Service sends from.
    """

    sid: str
    tokens: tuple[str, ...]
    service_sender: str
    senders: Collection[str] | None = None

    def knows(self, sid: str, token: str) -> bool:
        """Whether this is the account's SID with one of its tokens."""
        return sid == self.sid and any(hmac.compare_digest(token.encode(), known.encode()) for known in self.tokens)


class Parts(Protocol):
    """What the REST side works with; asked for at each request, so that they may be made late."""

    @property
    def store(self) -> TwilioStore:
        """Where messages are kept."""
        ...

    @property
    def account(self) -> Account:
        """The one account."""
        ...

    @property
    def faults(self) -> Faults:
        """What is to go wrong."""
        ...


def twilio_blueprint(parts: Parts) -> Blueprint:
    """The routes below ``/2010-04-01/Accounts/{sid}``. Every request needs Basic auth (401 with 20003)."""
    blueprint = Blueprint("simulated_twilio", __name__)
    desk = _MessagesDesk(parts)

    @blueprint.before_request
    def check_auth() -> None:
        login = request.authorization
        given = (login.username or "", login.password or "") if login and login.type == "basic" else ("", "")
        if not parts.account.knows(*given):
            raise unauthenticated()
        if (request.view_args or {}).get("account_sid") != parts.account.sid:
            raise not_found(request.path)

    blueprint.register_error_handler(TwilioRefusal, _answer_refusal)
    blueprint.add_url_rule(f"{BASE}/Messages.json", view_func=desk.create, methods=["POST"])
    blueprint.add_url_rule(f"{BASE}/Messages.json", view_func=desk.list, methods=["GET"])
    blueprint.add_url_rule(f"{BASE}/Messages/<sid>.json", view_func=desk.fetch, methods=["GET"])
    blueprint.add_url_rule(f"{BASE}/Messages/<sid>.json", view_func=desk.update, methods=["POST"])
    blueprint.add_url_rule(f"{BASE}/Messages/<sid>.json", view_func=desk.delete, methods=["DELETE"])
    return blueprint


def _answer_refusal(refusal: TwilioRefusal) -> Response:
    response = jsonify(refusal.to_json())
    response.status_code = refusal.http_status
    return response


class _MessagesDesk:
    """The views of the Messages resource."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def create(self, account_sid: str) -> Response:
        """``POST Messages.json``: 201 with the message, or 400 with Twilio's code."""
        fault = self._parts.faults.next_create()
        message = self._take(read_create(request.form, self._parts.account.senders)) if fault.accepts else None
        return _with_fault(fault, message, self._parts.account.sid)

    def list(self, account_sid: str) -> Response:
        """``GET Messages.json``: newest first, filtered by To, From and DateSent, in pages."""
        fault = self._parts.faults.next_list()
        if fault.http_status:
            raise planned(fault.http_status, fault.code)
        return jsonify(page_of(self._parts.store, self._parts.account.sid, request.args))

    def fetch(self, account_sid: str, sid: str) -> Response:
        """``GET Messages/{sid}.json``."""
        return jsonify(self._find(sid).to_json(self._parts.account.sid))

    def update(self, account_sid: str, sid: str) -> Response:
        """``POST Messages/{sid}.json``: ``Body=`` redacts, ``Status=canceled`` cancels a scheduled message."""
        message = self._find(sid)
        body, status = request.form.get("Body"), request.form.get("Status")
        if body:
            raise bad_request(20001, "Body can only be updated to an empty string")
        if body is not None and message.status not in FINAL_STATUSES | {"sent"}:
            raise TwilioRefusal(409, 20009, "The message is still in progress and cannot be changed yet")
        if status is not None and (status != "canceled" or message.status != "scheduled"):
            raise bad_request(30409, "This message cannot be canceled")
        return jsonify(self._parts.store.change(sid, body=body, status=status).to_json(self._parts.account.sid))

    def delete(self, account_sid: str, sid: str) -> Response:
        """``DELETE Messages/{sid}.json``: 204."""
        if self._find(sid).status not in FINAL_STATUSES | {"sent"}:
            raise TwilioRefusal(409, 20009, "The message is still in progress and cannot be deleted yet")
        self._parts.store.delete(sid)
        return Response(status=204)

    def _take(self, asked: CreateRequest) -> TwilioMessage:
        sender = asked.from_ or self._parts.account.service_sender
        refused = self._parts.faults.refusal_of(asked.to)
        if refused is not None:
            raise bad_request(refused, f"Refused with {refused}")
        if self._parts.store.is_blocked(asked.to, sender):
            raise bad_request(21610, "Attempt to send to unsubscribed recipient")
        return self._parts.store.accept(
            asked.to,
            sender,
            asked.body,
            service_sid=asked.service_sid,
            status_callback=asked.status_callback,
            send_at=asked.send_at,
        )

    def _find(self, sid: str) -> TwilioMessage:
        try:
            return self._parts.store.get(sid)
        except KeyError:
            raise not_found(f"/{API_VERSION}/Accounts/{self._parts.account.sid}/Messages/{sid}.json") from None


def _with_fault(fault: Fault, message: TwilioMessage | None, account_sid: str) -> Response:
    if fault.delay:
        time.sleep(fault.delay)
    if fault.drops:
        _close_connection()
        return Response(status=500)
    if fault.http_status is not None or message is None:
        response = _answer_refusal(planned(fault.http_status or 500, fault.code))
        if fault.retry_after is not None:
            response.headers["Retry-After"] = str(fault.retry_after)
        return response
    response = jsonify(message.to_json(account_sid))
    response.status_code = 201
    return response


def _close_connection() -> None:
    connection = request.environ.get("werkzeug.socket")
    if isinstance(connection, socket.socket):
        connection.shutdown(socket.SHUT_RDWR)


def add_health(app: Flask) -> None:
    """``GET /healthz`` for whoever waits until the stand-alone Twilio is up."""
    app.add_url_rule("/healthz", "healthz", lambda: ("ok", 200))
