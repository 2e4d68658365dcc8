"""Where a patient may be when a text arrives: asked by the gate, and by whoever reads "tomorrow at 3"."""

from __future__ import annotations

from functools import partial

from bot.adapters.places import by_number, by_zip, holidays_in, states_in, states_of_number
from bot.core.hours import Recipient
from bot.core.policy import Policy
from bot.core.zones import plausible_states, plausible_zones
from bot.store import phones
from bot.store.database import Transaction
from bot.store.patients import Patient
from bot.store.phones import Phone


def recipient_of(tx: Transaction, patient: Patient, phone: Phone, policy: Policy) -> Recipient:
    """The zones and the states of this patient, with the holidays there. Raises ``VaultError`` for a lost number."""
    return place(patient.timezone, patient.profile.zip, phones.address(tx, phone.id), policy)


def place(stored: str | None, zip_code: str | None, address: str, policy: Policy) -> Recipient:
    """The same for a zone, a ZIP code and an address that are given, each where it is known."""
    zone, state = by_zip(zip_code) if zip_code else (None, None)
    spanned = () if stored or zone else by_number(address)
    zones = plausible_zones(stored, zone, spanned, policy.hours.everywhere)
    states = plausible_states(state, states_of_number(address), states_in(zones))
    return Recipient(zones, states, partial(holidays_in, states))
