"""The simulated Twilio by itself: an app, and a server of it on a free port for tests."""

from __future__ import annotations

import threading
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from bot.clock import Clock
from webhooks.simulator.courier import Courier, Signer
from webhooks.simulator.faults import Faults
from webhooks.simulator.inbound import InboundLine, send_from_phone
from webhooks.simulator.twilio_message import TwilioMessage
from webhooks.simulator.twilio_rest import Account, add_health, twilio_blueprint
from webhooks.simulator.twilio_store import TwilioStore

SMS_WEBHOOK = "/twilio/sms"
TEST_ACCOUNT = "AC" + "0" * 32
TEST_TOKEN = "simulated-auth-token"
TEST_NUMBER = "+12025550100"


def create_twilio_app(
    store: TwilioStore,
    account_sid: str,
    auth_token: str,
    number: str = TEST_NUMBER,
    faults: Faults | None = None,
    senders: Collection[str] | None = None,
) -> Flask:
    """A Flask app that serves the REST side at its root. No thread is started: see :class:`TwilioServer`."""
    app = Flask("simulated_twilio")
    account = Account(account_sid, (auth_token,), number, senders)
    app.register_blueprint(twilio_blueprint(_Parts(store, account, faults or Faults())))
    add_health(app)
    return app


@dataclass(frozen=True)
class _Parts:
    store: TwilioStore
    account: Account
    faults: Faults


class QuietHandler(WSGIRequestHandler):
    """Logs no request line: twilio-python writes numbers into the query."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Log nothing."""


class TwilioServer:
    """The simulated Twilio on a free loopback port, with receipts and inbound texts. A context manager.

    ``url`` is what TWILIO_API_URL is set to; ``webhook_base`` is the application's address, may be set later
    (``server.webhook_base = …``), and is needed only to text in. ``faults`` makes things go wrong.
    """

    def __init__(
        self,
        folder: Path,
        webhook_base: str = "",
        account_sid: str = TEST_ACCOUNT,
        auth_token: str = TEST_TOKEN,
        number: str = TEST_NUMBER,
        clock: Clock | None = None,
    ) -> None:
        self.webhook_base = webhook_base
        self.account_sid = account_sid
        self.auth_token = auth_token
        self.number = number
        self.faults = Faults()
        self.store = TwilioStore(folder / "simulator.db", clock)
        self.courier = Courier(self.store, Signer(account_sid, auth_token), self.faults)
        app = create_twilio_app(self.store, account_sid, auth_token, number, self.faults)
        self._server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=QuietHandler)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), name="simulated-twilio", daemon=True
        )

    @property
    def url(self) -> str:
        """The address of the REST side."""
        return f"http://127.0.0.1:{self._server.port}"

    def text(self, person: str, body: str, num_media: int = 0) -> str:
        """Text the application from ``person``; gives the MessageSid. The webhook follows in the background."""
        line = InboundLine(self.account_sid, self.number, self.webhook_base + SMS_WEBHOOK)
        return send_from_phone(self.store, line, person, body, num_media)

    def sent_to(self, person: str) -> list[TwilioMessage]:
        """What the application had sent to ``person``, oldest first, without Twilio's own replies."""
        return [m for m in self.store.thread(person) if m.direction == "outbound-api"]

    def __enter__(self) -> TwilioServer:
        """Serve and work."""
        self._thread.start()
        self.courier.start()
        return self

    def __exit__(self, *exc: object) -> None:
        """Stop serving and close the file."""
        self.courier.stop()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=5)
        self.store.close()
