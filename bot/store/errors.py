"""What the store refuses. No message quotes a patient's words, name or number."""

from __future__ import annotations


class NotFound(LookupError):
    """There is no such row."""


class LeaseLost(Exception):
    """The row is no longer ours: the lease ran out and another worker has it, or it was cancelled. Roll back."""


class StaleConversation(Exception):
    """Another turn saved the conversation first. Roll back and take the turn again."""


class WrongState(Exception):
    """The row is not in a state from which this can be done."""


class KeyReused(Exception):
    """An idempotency key came again with a different request."""


class RequestInProgress(Exception):
    """The first request with this idempotency key has not been answered yet."""
