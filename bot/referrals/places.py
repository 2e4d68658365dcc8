"""Finding places for a patient, and how they are told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.adapters.place_finder import Found, Place, PlaceFinder
from bot.bootstrap import Deps
from bot.content.referral import load_referral
from bot.directory.finder import DirectoryFinder
from bot.store import navigation, needs, partners, referrals
from bot.store.database import Transaction
from bot.store.patients import Patient


def finder(deps: Deps) -> PlaceFinder:
    """The directory of this programme, unless another was wired."""
    return deps.places or DirectoryFinder(deps.settings, deps.content)


def contact_of(deps: Deps, tx: Transaction, service_id: str) -> partners.Contact:
    """How the place is told: as the clinic set it, else by the address of the directory, else not at all."""
    known = partners.contact(tx, service_id)
    if known is not None:
        return known
    reach = finder(deps).reach(tx, service_id)
    return partners.Contact(mail=reach.mail if reach else None)


def channels_of(deps: Deps, tx: Transaction, service_id: str) -> tuple[str, ...]:
    """By what the place can be told from here; mail needs a mail server."""
    channels = contact_of(deps, tx, service_id).channels
    return tuple(each for each in channels if each != "mail" or deps.mail is not None)


def find_places(
    deps: Deps,
    tx: Transaction,
    patient: Patient,
    language: str,
    domains: Sequence[str],
    *,
    again: bool = False,
    untried: bool = False,
) -> dict[str, Any]:
    """The value of a ``places_found`` reading: places for the first of the domains that has any.

    Those that were not shown for it before; with ``again`` those, too, when there are no others. Never one that was
    tried for it, which one is that the patient agreed to or refused; ``untried`` takes any but those.
    """
    content = load_referral(deps.settings.content_dir)
    asked = [domain for domain in dict.fromkeys(domains) if domain not in content.not_by_text]
    found = Found()
    for domain in asked:
        tried = _tried(tx, patient.id, domain)
        seen = tried.union(needs.shown(tx, patient.id, domain))
        for without in (tried,) if untried else (seen, tried) if again and seen != tried else (seen,):
            found = found if found.places else _find(deps, tx, patient, language, domain, without)
    case = navigation.current(tx, patient.id)
    return {
        "domains": asked,
        "places": [_shown(deps, tx, place) for place in found.places],
        "more": found.more,
        "page": found.page,
        "navigation": case is not None and case.state == "offered",
    }


def _tried(tx: Transaction, patient_id: str, domain: str) -> frozenset[str]:
    """Without those that were only chosen, and never agreed to."""
    found = [each for each in referrals.of_patient(tx, patient_id) if each.domain == domain]
    return frozenset(r.service_id for r in found if r.text_version is not None or r.state == "declined")


def _find(deps: Deps, tx: Transaction, patient: Patient, language: str, domain: str, without: frozenset[str]) -> Found:
    most = load_referral(deps.settings.content_dir).most_places
    return finder(deps).find(tx, patient, language, [domain], without, most)


def _shown(deps: Deps, tx: Transaction, place: Place) -> dict[str, Any]:
    return {
        "id": place.id,
        "name": place.name,
        "text": place.text,
        "domain": place.domain,
        "address": place.address,
        "number": place.number,
        "free": place.free,
        "phone_only": not channels_of(deps, tx, place.id),
    }
