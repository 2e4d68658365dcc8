"""New patients, many in a few statements: a list of a hundred thousand must not take a hundred thousand turns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.dialects import postgresql, sqlite

from bot.store.database import Transaction
from bot.store.patients import Profile, seal_profile
from bot.store.rows import insert_rows
from bot.store.tables import Base, Consent, Patient, PatientPhone, Phone


@dataclass(frozen=True)
class Newcomer:
    """A patient who is not known yet. ``own``: language, timezone, clinic, proxy; ``consent``: granted, method, at."""

    patient_id: str
    profile: Profile
    address: str | None
    own: Mapping[str, Any]
    consent: tuple[bool, str, datetime] | None


def insert(tx: Transaction, people: Sequence[Newcomer]) -> None:
    """Insert them with their phones and consents. Two may share a phone. Nobody among them is known already."""
    if not people:
        return
    phone_ids = _phones(tx, {each.address for each in people if each.address is not None})
    insert_rows(tx, Patient, [_patient(tx, each) for each in people])
    reached = [(each, phone_ids[each.address]) for each in people if each.address is not None]
    links = [
        {"patient_id": each.patient_id, "phone_id": phone_id, "is_primary": True, "created_at": tx.now()}
        for each, phone_id in reached
    ]
    insert_rows(tx, PatientPhone, links)
    insert_rows(tx, Consent, [_consent(tx, each, phone_ids) for each in people if each.consent is not None])


def _phones(tx: Transaction, addresses: set[str]) -> dict[str, str]:
    """The id of the phone of each address, made where it is new."""
    if not addresses:
        return {}
    hashes = {tx.vault.number_hash(address): address for address in sorted(addresses)}
    known = _known(tx, list(hashes))
    fresh = [
        {
            "id": tx.new_id("ph"),
            "number_hash": number_hash,
            "number_sealed": tx.vault.seal(address, "phone.number_sealed"),
            "created_at": tx.now(),
        }
        for number_hash, address in hashes.items()
        if number_hash not in known
    ]
    if fresh:
        _insert_new(tx, Phone, fresh)
        known = _known(tx, list(hashes))
    return {address: known[number_hash] for number_hash, address in hashes.items()}


def _known(tx: Transaction, hashes: list[str]) -> dict[str, str]:
    query = select(Phone.number_hash, Phone.id).where(Phone.number_hash.in_(hashes))
    return {number_hash: phone_id for number_hash, phone_id in tx.session.execute(query)}


def _insert_new(tx: Transaction, model: type[Base], rows: list[dict[str, Any]]) -> None:
    """Insert rows, but for those whose unique key somebody else was faster with."""
    table = model.__table__
    assert isinstance(table, Table)
    statement = postgresql.insert(table) if tx.dialect == "postgresql" else sqlite.insert(table)
    tx.session.execute(statement.on_conflict_do_nothing(), rows)


def _patient(tx: Transaction, person: Newcomer) -> dict[str, Any]:
    return {
        "id": person.patient_id,
        "origin": "clinic",
        "profile_sealed": seal_profile(tx, person.profile),
        "created_at": tx.now(),
        "updated_at": tx.now(),
        **person.own,
    }


def _consent(tx: Transaction, person: Newcomer, phone_ids: Mapping[str, str]) -> dict[str, Any]:
    assert person.consent is not None
    granted, method, at = person.consent
    return {
        "id": tx.new_id("con"),
        "patient_id": person.patient_id,
        "phone_id": phone_ids.get(person.address or ""),
        "granted": granted,
        "method": method,
        "text_version": None,
        "channel": "clinic",
        "at": at,
        "recorded_at": tx.now(),
    }
