"""The directory as referrals need it: the port :class:`bot.adapters.place_finder.PlaceFinder`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bot.adapters.place_finder import Found, Place, Reach
from bot.content import Content
from bot.core.directory.service import Service
from bot.core.directory.texts import in_gsm, phone_text, short_lines
from bot.core.directory.wish import Wish
from bot.directory.links import make_link
from bot.directory.searching import search
from bot.directory.zip_book import open_zip_book
from bot.settings import Settings
from bot.store import directory
from bot.store.database import Transaction
from bot.store.patients import Patient


@dataclass(frozen=True)
class DirectoryFinder:
    """Finds places for patients in the directory of these settings."""

    settings: Settings
    content: Content

    def find(
        self,
        tx: Transaction,
        patient: Patient,
        language: str,
        domains: Sequence[str],
        without: frozenset[str],
        limit: int,
    ) -> Found:
        """Places for any of the domains, none of ``without``, at most ``limit``; with a page of those that it gives.

        Help against violence is never among them: that is not told unasked. While it is not known where the patient
        lives, only what serves people everywhere is.
        """
        born = patient.profile.birth_date
        wish = Wish(
            needs=tuple(domains),
            at=tx.now(),
            zip=patient.profile.zip,
            language=language,
            age=_age(born, tx.now().date()) if born else None,
            limit=limit + 1,
            not_ids=without,
            everywhere=True,
        )
        found = search(self.settings, tx, wish).matches
        shown = found[:limit]
        if not shown:
            return Found()
        messages = self.content.messages.get(language) or self.content.messages["en"]
        lines = short_lines(shown, messages, tx.now())
        places = tuple(
            Place(
                match.service.id,
                match.service.name,
                line.partition(". ")[2],
                match.need,
                in_gsm(match.address) if match.address else None,
                phone_text(match.phone, messages) if match.phone else None,
                match.service.is_free,
            )
            for match, line in zip(shown, lines, strict=True)
        )
        page = make_link(self.settings, tx, patient.id, [place.id for place in places], language)
        return Found(places, len(found) > limit, page)

    def offers(self, tx: Transaction, domains: Sequence[str]) -> bool:
        """Whether any place anywhere may be offered for one of the domains."""
        return any(directory.is_offered(tx, domain) for domain in domains)

    def knows_zip(self, code: str) -> bool:
        """Whether this ZIP code is on the map."""
        return open_zip_book()(code) is not None

    def reach(self, tx: Transaction, service_id: str) -> Reach | None:
        """How to reach the place; None for one that the directory does not have, or that is private."""
        service = directory.get(tx, service_id)
        if service is None or service.status == "private":
            return None
        phones = [*service.phones, *(phone for place in service.places for phone in place.phones)]
        number = next((phone.number for phone in phones if phone.kind == "voice"), None)
        return Reach(service.name, service.email or None, number, _only_address(service), service.is_free)


def _only_address(service: Service) -> str | None:
    """Where to go, if there is one such place and it may be told."""
    told = {place.address for place in service.places if place.address and not place.is_hidden}
    if len(told) != 1 or service.is_violence:
        return None
    address = told.pop()
    return in_gsm(", ".join(part for part in (address.street, address.city) if part))


def _age(born: date, today: date) -> int:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))
