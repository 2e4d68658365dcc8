"""The simulated Twilio inside the app: its file, its account, its courier, made when they are first needed."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from webhooks.simulator.courier import Courier, Signer
from webhooks.simulator.faults import Faults
from webhooks.simulator.inbound import InboundLine
from webhooks.simulator.twilio_rest import Account
from webhooks.simulator.twilio_store import TwilioStore

if TYPE_CHECKING:
    from bot.bootstrap import Deps

FILE_NAME = "simulator.db"
SERVICE_NUMBER = "+12025550100"
# The courier may work before the web process listens.
PATIENCE_SECONDS = 60.0


class Workshop:
    """What the simulator's pages share. :meth:`start` opens the file and begins to deliver; twice is harmless."""

    def __init__(self, deps: Deps) -> None:
        """Opens nothing yet."""
        self.deps = deps
        self.faults = Faults()
        self._turn = threading.Lock()
        self._store: TwilioStore | None = None
        self._courier: Courier | None = None

    @property
    def account(self) -> Account:
        """The simulated account: that of the settings."""
        settings = self.deps.settings
        number = self.line.number
        return Account(settings.twilio_account_sid, settings.twilio_auth_tokens, number, frozenset({number}))

    @property
    def line(self) -> InboundLine:
        """Our number, and where texts to it are told."""
        settings = self.deps.settings
        is_service = settings.twilio_from.startswith("MG")
        return InboundLine(
            account_sid=settings.twilio_account_sid,
            number=SERVICE_NUMBER if is_service else settings.twilio_from,
            webhook_url=f"{settings.public_url}/twilio/sms",
            service_sid=settings.twilio_from if is_service else None,
        )

    @property
    def store(self) -> TwilioStore:
        """The file, opened and served by a courier."""
        self.start()
        assert self._store is not None
        return self._store

    def start(self) -> None:
        """Open the file and start the courier, once."""
        with self._turn:
            if self._store is not None:
                return
            settings = self.deps.settings
            self._store = TwilioStore(settings.data_dir / FILE_NAME, self.deps.clock, self.deps.vault)
            # What a killed process had in hand is made again now; the application knows a repeated MessageSid.
            self._store.webhooks.forget_leases()
            signer = Signer(settings.twilio_account_sid, settings.twilio_auth_tokens[0])
            self._courier = Courier(self._store, signer, self.faults, PATIENCE_SECONDS)
            self._courier.start()

    def stop(self) -> None:
        """Finish what is in hand, stop delivering and close the file. Without :meth:`start` nothing happens."""
        with self._turn:
            if self._store is not None and self._courier is not None:
                self._courier.stop()
                self._store.close()
