"""Moves messages on (queued, sent, delivered) and makes the signed webhooks of the simulated Twilio."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urldefrag

import requests
from twilio.request_validator import RequestValidator

from webhooks.simulator.faults import Faults
from webhooks.simulator.progress import step_one
from webhooks.simulator.twilio_store import TwilioStore
from webhooks.simulator.webhook_queue import Kind, PendingWebhook

log = logging.getLogger(__name__)

TRIES: Mapping[Kind, int] = {"inbound": 2, "status": 4}
RETRY_AFTER_SECONDS = 0.5
IDLE_SECONDS = 0.04
CONNECT_AND_ANSWER = (5.0, 15.0)


@dataclass(frozen=True)
class Signer:
    """Who signs: the account and its first auth token."""

    account_sid: str
    auth_token: str

    def headers(self, url: str, form: Mapping[str, str], token: str) -> dict[str, str]:
        """The headers of Twilio's request: signature over the exact address, and the same token in every try."""
        signature = RequestValidator(self.auth_token).compute_signature(url, dict(form))
        return {
            "X-Twilio-Signature": signature,
            "I-Twilio-Idempotency-Token": token,
            "User-Agent": "TwilioProxy/1.1",
            "X-Home-Region": "us1",
            "Accept": "*/*",
        }


class Courier:
    """Three threads: progress of messages, inbound texts, receipts. Use it as a context manager, or ``start``/``stop``.

    A refused connection in the first ``patience`` seconds does not count as a try: whoever is called may still
    be starting.
    """

    def __init__(self, store: TwilioStore, signer: Signer, faults: Faults, patience: float = 0.0) -> None:
        self._store = store
        self._signer = signer
        self._faults = faults
        self._patient_until = store.wall() + patience
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Begin to work in the background."""
        jobs: dict[str, Callable[[], bool]] = {
            "progress": self.move_one,
            "inbound": lambda: self.deliver_one("inbound"),
            "receipts": lambda: self.deliver_one("status"),
        }
        for name, job in jobs.items():
            thread = threading.Thread(target=self._run, args=(job,), name=f"simulator-{name}", daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self) -> None:
        """Finish what is in hand and end the threads."""
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=CONNECT_AND_ANSWER[1])

    def __enter__(self) -> Courier:
        """Start."""
        self.start()
        return self

    def __exit__(self, *exc: object) -> None:
        """Stop."""
        self.stop()

    def move_one(self) -> bool:
        """Move one message whose time has come. False when there is none."""
        return step_one(self._store, self._faults, self._signer.account_sid)

    def deliver_one(self, kind: Kind) -> bool:
        """Make one waiting webhook. False when none is due."""
        webhook = self._store.webhooks.claim(kind)
        if webhook is None:
            return False
        try:
            good, counted = self._post(webhook), True
        except requests.ConnectionError:
            good, counted = False, self._store.wall() >= self._patient_until
        except requests.RequestException:
            good, counted = False, True
        self._settle(webhook, good, counted)
        return True

    def _post(self, webhook: PendingWebhook) -> bool:
        # A fragment carries connection overrides; it is neither sent nor signed.
        url = urldefrag(webhook.url).url
        with requests.Session() as session:
            session.trust_env = False
            answer = session.post(
                url,
                data=dict(webhook.form),
                headers=self._signer.headers(url, webhook.form, webhook.token),
                timeout=CONNECT_AND_ANSWER,
                allow_redirects=False,
            )
        return answer.ok

    def _settle(self, webhook: PendingWebhook, good: bool, counted: bool) -> None:
        if good:
            self._store.webhooks.done(webhook)
        elif counted and webhook.tries + 1 >= TRIES[webhook.kind]:
            log.warning("webhook given up", extra={"kind": webhook.kind, "tries": webhook.tries + 1})
            self._store.webhooks.give_up(webhook)
        else:
            self._store.webhooks.again(webhook, RETRY_AFTER_SECONDS * 2**webhook.tries, counted)

    def _run(self, job: Callable[[], bool]) -> None:
        while not self._stop.is_set():
            try:
                worked = job()
            except Exception as error:
                log.error("simulator failed", extra={"error": type(error).__name__})
                worked = False
            if not worked:
                self._stop.wait(IDLE_SECONDS)
