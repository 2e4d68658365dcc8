"""The port to the directory of places, as referrals need it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.store.database import Transaction
from bot.store.patients import Patient


@dataclass(frozen=True)
class Place:
    """One place that fits. ``text`` is ready to send, in the patient's language.

    ``address`` is where to go and ``number`` what to call, as they are sent; None where that is not known or must not
    be told. ``free`` is None where nothing is said of the cost.
    """

    id: str
    name: str
    text: str
    domain: str
    address: str | None = None
    number: str | None = None
    free: bool | None = None


@dataclass(frozen=True)
class Found:
    """Places, the best first; whether there are more; and the address of the page that shows them all."""

    places: tuple[Place, ...] = ()
    more: bool = False
    page: str | None = None


@dataclass(frozen=True)
class Reach:
    """What the directory knows of how to reach a place. ``number`` is what it calls from, as far as that is known.

    ``address`` and ``free`` are as in :class:`Place`; of a place with several addresses there is none.
    """

    name: str
    mail: str | None = None
    number: str | None = None
    address: str | None = None
    free: bool | None = None


class PlaceFinder(Protocol):
    """The directory, as referrals need it."""

    def find(
        self,
        tx: Transaction,
        patient: Patient,
        language: str,
        domains: Sequence[str],
        without: frozenset[str],
        limit: int,
    ) -> Found:
        """Places for any of the domains, none of ``without``, at most ``limit``. May write the row of a page."""
        ...

    def offers(self, tx: Transaction, domains: Sequence[str]) -> bool:
        """Whether any place anywhere may be offered for one of the domains."""
        ...

    def knows_zip(self, code: str) -> bool:
        """Whether there is such a ZIP code."""
        ...

    def reach(self, tx: Transaction, service_id: str) -> Reach | None:
        """How to reach the place; None for one that the directory does not have."""
        ...
