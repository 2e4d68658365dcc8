"""Keeps to the sender's rate, and keeps the last tokens for replies."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from bot.adapters.ports import Buckets
from bot.store.outbox import ClaimedMessage

# As much as the longest message that replies are packed into.
KEPT_FOR_REPLIES = 3


class Pace:
    """Asks the token bucket, in segments, and remembers how long it must not be asked again."""

    def __init__(self, buckets: Buckets, sender: str, monotonic: Callable[[], float]) -> None:
        """``sender`` is the number or service that is texted from; ``monotonic`` counts seconds and never goes back."""
        self._buckets = buckets
        self._sender = sender
        self._monotonic = monotonic
        self._not_before = self._bulk_not_before = monotonic()

    def must_wait(self) -> bool:
        """Whether nothing at all may be sent at this moment."""
        return self._monotonic() < self._not_before

    def hold(self, wait: timedelta) -> None:
        """Send nothing for so long."""
        self._not_before = max(self._not_before, self._monotonic() + wait.total_seconds())

    def lets_pass(self, claimed: ClaimedMessage) -> bool:
        """Take the message's tokens. False when there are too few: then everything waits, or bulk alone if it is bulk.

        Asked inside the claim, so a message that may not go yet is not claimed and a reply can still come first.
        """
        if claimed.priority == 0:
            wait = self._buckets.take(self._sender, claimed.segments)
            self._not_before = max(self._not_before, self._monotonic() + wait)
        elif self._monotonic() < self._bulk_not_before:
            return False
        else:
            wait = self._take_for_bulk(claimed.segments)
            self._bulk_not_before = self._monotonic() + wait
        return wait == 0.0

    def _take_for_bulk(self, cost: int) -> float:
        """Passes only when the tokens kept for replies would be left; these are given back at once."""
        wait = self._buckets.take(self._sender, cost + KEPT_FOR_REPLIES)
        if wait == 0.0:
            self._buckets.take(self._sender, -KEPT_FOR_REPLIES)
        return wait
