"""How the simulated Twilio hides what people wrote in its file."""

from __future__ import annotations

import hashlib
from typing import Protocol


class Sealing(Protocol):
    """What :class:`bot.store.vault.Vault` gives: sealed texts and a keyed hash to look numbers up by."""

    def seal(self, text: str, place: str) -> str:
        """``text`` so that only the holder of the key reads it, bound to ``place``."""
        ...

    def open(self, sealed: str, place: str) -> str:
        """What :meth:`seal` was given for the same ``place``."""
        ...

    def number_hash(self, address: str) -> str:
        """The same word for the same address, from which the address cannot be read."""
        ...


class NoSealing:
    """Keeps texts as they are: for tests, whose people are invented."""

    def seal(self, text: str, place: str) -> str:
        """``text`` itself."""
        return text

    def open(self, sealed: str, place: str) -> str:
        """``sealed`` itself."""
        return sealed

    def number_hash(self, address: str) -> str:
        """A plain SHA-256."""
        return hashlib.sha256(address.encode()).hexdigest()
