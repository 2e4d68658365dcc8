"""What a test can make the simulated Twilio do wrong."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, field
from enum import Enum


class Receipts(Enum):
    """How the receipts of a message arrive."""

    IN_ORDER = "in order"
    REVERSED = "delivered before sent"
    DUPLICATED = "each twice"
    NONE = "never"


@dataclass(frozen=True)
class Fault:
    """What happens to one request.

    ``accepts`` says whether the message is taken before things go wrong; ``delay`` holds the answer back so many
    seconds; ``http_status`` is answered in its stead; ``drops`` closes the connection without an answer.
    """

    accepts: bool = True
    delay: float = 0.0
    http_status: int | None = None
    code: int | None = None
    retry_after: int | None = None
    drops: bool = False


@dataclass
class Faults:
    """The faults that are planned. Each planned one meets one create request, in order; thread-safe.

    ``receipts`` may be changed at any time and holds for messages whose receipts are still to come.
    """

    receipts: Receipts = Receipts.IN_ORDER
    _planned: deque[Fault] = field(default_factory=deque)
    _list_planned: deque[Fault] = field(default_factory=deque)
    _refused: dict[str, int] = field(default_factory=dict)
    _undelivered: dict[str, int] = field(default_factory=dict)
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, http_status: int, times: int = 1, code: int | None = None, retry_after: int | None = None) -> None:
        """Answer ``times`` create requests with this HTTP status; nothing is sent."""
        self._plan(Fault(accepts=False, http_status=http_status, code=code, retry_after=retry_after), times)

    def accept_then_answer(self, http_status: int, times: int = 1) -> None:
        """Take the message, yet answer with this HTTP status (a gateway that lost the answer)."""
        self._plan(Fault(http_status=http_status), times)

    def delay(self, seconds: float, times: int = 1) -> None:
        """Take the message, but hold the answer back."""
        self._plan(Fault(delay=seconds), times)

    def drop(self, times: int = 1, accepts: bool = True) -> None:
        """Close the connection without an answer, after taking the message (or before, with ``accepts=False``)."""
        self._plan(Fault(accepts=accepts, drops=True), times)

    def answer_lists(self, http_status: int, times: int = 1) -> None:
        """Answer ``times`` list requests with this HTTP status."""
        with self._turn:
            self._list_planned.extend([Fault(accepts=False, http_status=http_status)] * times)

    def refuse(self, to: str, code: int) -> None:
        """Answer every create request for ``to`` with 400 and this error code."""
        self._refused[to] = code

    def undeliver(self, to: str, code: int) -> None:
        """Take messages for ``to``, then report them as undelivered with this error code."""
        self._undelivered[to] = code

    def clear(self) -> None:
        """Forget every fault: all goes well again."""
        with self._turn:
            self._planned.clear()
            self._list_planned.clear()
            self._refused.clear()
            self._undelivered.clear()
            self.receipts = Receipts.IN_ORDER

    def next_create(self) -> Fault:
        """What is to happen to this create request."""
        with self._turn:
            return self._planned.popleft() if self._planned else Fault()

    def next_list(self) -> Fault:
        """What is to happen to this list request."""
        with self._turn:
            return self._list_planned.popleft() if self._list_planned else Fault()

    def refusal_of(self, to: str) -> int | None:
        """The code with which messages to this address are refused, if they are."""
        return self._refused.get(to)

    def undelivered_code(self, to: str) -> int | None:
        """The code with which messages to this address come back, if they do."""
        return self._undelivered.get(to)

    def _plan(self, fault: Fault, times: int) -> None:
        with self._turn:
            self._planned.extend([fault] * times)
