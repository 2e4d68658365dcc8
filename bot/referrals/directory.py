"""The directory of places behind the port of referrals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bot.adapters.place_finder import Found, Place, Reach
from bot.core.directory.wish import Match, Wish
from bot.core.scoring import age_on
from bot.directory.links import make_link
from bot.directory.searching import search
from bot.store import directory
from bot.store.database import Transaction
from bot.store.patients import Patient

if TYPE_CHECKING:
    from bot.bootstrap import Deps


class DirectoryPlaces:
    """See :class:`bot.adapters.place_finder.PlaceFinder`."""

    def __init__(self, deps: Deps) -> None:
        """Opens nothing."""
        self._deps = deps

    def find(
        self,
        tx: Transaction,
        patient: Patient,
        language: str,
        domains: Sequence[str],
        without: frozenset[str],
        limit: int,
    ) -> Found:
        """See the port."""
        wish = Wish(
            needs=tuple(domains),
            at=tx.now(),
            zip=patient.profile.zip,
            language=language,
            age=age_on(tx.now().date(), patient.profile.birth_date),
            limit=limit + 1,
            not_ids=without,
        )
        matches = search(self._deps, tx, wish).matches
        shown = matches[:limit]
        if not shown:
            return Found()
        page = make_link(self._deps, tx, patient.id, [match.service.id for match in shown], language)
        return Found(tuple(_place(match) for match in shown), len(matches) > limit, page)

    def reach(self, tx: Transaction, service_id: str) -> Reach | None:
        """See the port."""
        service = directory.get(tx, service_id)
        if service is None:
            return None
        phones = [*(phone for place in service.places for phone in place.phones), *service.phones]
        number = next((phone.number for phone in phones if phone.kind == "voice"), None)
        return Reach(service.name, number=number)


def _place(match: Match) -> Place:
    phone = match.phone.number if match.phone else ""
    return Place(match.service.id, match.service.name, f"{match.service.name} {phone}".strip(), match.need)
