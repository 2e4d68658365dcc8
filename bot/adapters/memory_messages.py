"""Twilio's messages kept in memory: the twin of :class:`bot.adapters.twilio_messages.TwilioMessages`."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.adapters.twilio_messages import SendRefused, SendUnknown, SentMessage
from bot.core.segments import segments

OPTED_OUT_AT_TWILIO = 21610
NOT_CANCELLABLE = 30409
NOT_FOUND = 20404


@dataclass(frozen=True)
class KeptMessage:
    """A message as this Twilio has it."""

    sid: str
    to: str
    from_: str
    body: str
    status: str
    status_callback: str | None
    made_at: datetime


class MemoryMessages:
    """See :class:`bot.adapters.twilio_messages.MessagesApi`. What goes wrong next can be told beforehand.

    Safe to share between threads. ``kept`` is everything that was taken, oldest first.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        """``now`` gives the aware time at which a message is made."""
        self.kept: list[KeptMessage] = []
        self.blocked: set[str] = set()
        self.look_ups = 0
        self._now = now
        self._guard = threading.Lock()
        self._troubles: deque[tuple[bool, Exception]] = deque()

    def fail_next(self, error: Exception, taken: bool = False) -> None:
        """The next ``create`` (after those told before) raises ``error``; the message is kept if ``taken``."""
        self._troubles.append((taken, error))

    def create(self, to: str, body: str, status_callback: str | None, from_: str) -> SentMessage:
        """See the port. A number in ``blocked`` is refused with 21610."""
        with self._guard:
            taken, error = self._troubles.popleft() if self._troubles else (True, None)
            if error is None and to in self.blocked:
                raise SendRefused(OPTED_OUT_AT_TWILIO, 400)
            kept = self._keep(to, body, status_callback, from_) if taken else None
            if error is not None or kept is None:
                raise error or SendUnknown()
            return _sent(kept)

    def find_recent(self, to: str, body: str, since: datetime) -> list[SentMessage]:
        """See the port."""
        with self._guard:
            self.look_ups += 1
            return [_sent(k) for k in self.kept if (k.to, k.body) == (to, body) and k.made_at >= since]

    def cancel(self, sid: str) -> None:
        """See the port. Nothing is ever scheduled here, so it is refused."""
        with self._guard:
            known = any(kept.sid == sid for kept in self.kept)
        raise SendRefused(NOT_CANCELLABLE, 400) if known else SendRefused(NOT_FOUND, 404)

    def _keep(self, to: str, body: str, status_callback: str | None, from_: str) -> KeptMessage:
        status = "accepted" if from_.startswith("MG") else "queued"
        sid = f"SM{len(self.kept):032x}"
        self.kept.append(KeptMessage(sid, to, from_, body, status, status_callback, self._now()))
        return self.kept[-1]


def _sent(kept: KeptMessage) -> SentMessage:
    return SentMessage(kept.sid, kept.status, 0 if kept.from_.startswith("MG") else segments(kept.body))
