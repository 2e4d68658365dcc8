"""``/simulator``: the page with the phone, and the JSON behind it."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from flask import Blueprint, Response, jsonify, request, send_from_directory
from sqlalchemy.exc import SQLAlchemyError

from bot.phones import UnusableNumber, to_address
from webhooks.api.problems import Problem, not_found, unusable_field
from webhooks.api.reading import read_body
from webhooks.simulator.inbound import queue_of, send_from_phone
from webhooks.simulator.phone_book import SimulatedPhone
from webhooks.simulator.record import is_busy, read_record
from webhooks.simulator.requests import NewPhone, SendRequest
from webhooks.simulator.thread import read_thread
from webhooks.simulator.workshop import Workshop

if TYPE_CHECKING:
    from bot.bootstrap import Deps

PAGE = Path(__file__).parent / "page"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
# Addresses that are no number: a channel with its name, a short code.
PREFIXES = ("whatsapp:", "client:", "messenger:", "rcs:")
SHORT_CODE_DIGITS = range(3, 9)


def phone_blueprint(deps: Deps, workshop: Workshop) -> Blueprint:
    """The page and its calls. A phone's number never stands in an address: ids do."""
    blueprint = Blueprint("simulator_phone", __name__, url_prefix="/simulator")
    desk = _PhoneDesk(deps, workshop)
    blueprint.add_url_rule("", "page", desk.page)
    blueprint.add_url_rule("/page/<path:name>", "file", desk.file)
    blueprint.add_url_rule("/phones", "list", desk.list)
    blueprint.add_url_rule("/phones", "make", desk.make, methods=["POST"])
    blueprint.add_url_rule("/phones/<phone_id>", "show", desk.show)
    blueprint.add_url_rule("/phone/send", "send", desk.send, methods=["POST"])
    blueprint.register_error_handler(Problem, lambda problem: problem.to_response())
    return blueprint


class _PhoneDesk:
    """The views."""

    def __init__(self, deps: Deps, workshop: Workshop) -> None:
        self._deps = deps
        self._workshop = workshop

    def page(self) -> Response:
        """The page itself."""
        return self.file("phone.html")

    def file(self, name: str) -> Response:
        """A file of the page."""
        response = send_from_directory(PAGE, name, conditional=True)
        response.headers["Content-Security-Policy"] = POLICY
        response.headers["Cache-Control"] = "no-cache"
        return response

    def list(self) -> Response:
        """The phones, the oldest first, and what the page must know to begin."""
        phones = [_phone(phone) for phone in self._workshop.store.phones.all()]
        settings = self._deps.settings
        return jsonify(
            {
                "items": phones,
                "next": None,
                "bot": self._workshop.line.number,
                "programme": settings.programme_name,
                "virtual_clock": settings.virtual_clock,
            }
        )

    def make(self) -> Response:
        """201 with a new phone; 422 for a number that cannot text."""
        asked = cast(NewPhone, read_body(request, NewPhone, required=False))
        book = self._workshop.store.phones
        phone = book.make() if asked.number is None else book.of_number(_address(asked.number, "number"))
        response = jsonify(_phone(phone))
        response.status_code = 201
        return response

    def send(self) -> Response:
        """202 with the MessageSid: the text is kept and on its way to the bot's webhook."""
        asked = cast(SendRequest, read_body(request, SendRequest, required=True))
        phone = self._sender(asked)
        sid = send_from_phone(self._workshop.store, self._workshop.line, phone.number, asked.body, asked.num_media)
        response = jsonify({"message_sid": sid, "phone_id": phone.id})
        response.status_code = 202
        return response

    def show(self, phone_id: str) -> Response:
        """The phone's thread and what the bot recorded; 304 when nothing changed since the ``ETag`` that was given."""
        phone = self._find(phone_id)
        # In the order in which a text moves on, so that it is never missed: what is no longer here is there.
        busy = self._is_busy(phone)
        thread = read_thread(self._workshop.store, self._workshop.line, phone)
        shown = {**thread, "busy": busy, "record": self._record(phone)}
        response = jsonify({**shown, "now": self._deps.clock.now().isoformat()})
        # The time alone is no news.
        response.set_etag(hashlib.sha256(repr(shown).encode()).hexdigest()[:32])
        response.headers["Cache-Control"] = "no-cache"
        return cast(Response, response.make_conditional(request))

    def _is_busy(self, phone: SimulatedPhone) -> bool:
        store = self._workshop.store
        if store.webhooks.waiting_in(queue_of(store, phone.number)):
            return True
        try:
            with self._deps.db.read() as tx:
                return is_busy(tx, phone.number)
        except SQLAlchemyError:
            return False

    def _record(self, phone: SimulatedPhone) -> dict[str, Any] | None:
        """None while the database cannot be read: the phone goes on working."""
        try:
            with self._deps.db.read() as tx:
                return read_record(tx, self._deps.content, phone.number)
        except SQLAlchemyError:
            return None

    def _sender(self, asked: SendRequest) -> SimulatedPhone:
        if asked.phone_id is not None:
            return self._find(asked.phone_id)
        return self._workshop.store.phones.of_number(_address(asked.from_ or "", "from"))

    def _find(self, phone_id: str) -> SimulatedPhone:
        try:
            return self._workshop.store.phones.get(phone_id)
        except KeyError:
            raise not_found("phone") from None


def _phone(phone: SimulatedPhone) -> dict[str, str]:
    return {"id": phone.id, "number": phone.number}


def _address(typed: str, field: str) -> str:
    typed = typed.strip()
    if typed.startswith(PREFIXES) or (typed.isascii() and typed.isdigit() and len(typed) in SHORT_CODE_DIGITS):
        return typed
    try:
        return to_address(typed)
    except UnusableNumber as error:
        raise unusable_field(field, error.sentence) from None
