"""Numbers that must not be texted. They are kept by hash and outlive the person's record."""

from __future__ import annotations

from sqlalchemy import delete, select

from bot.store.database import Transaction
from bot.store.rows import changed, insert_new
from bot.store.tables import Suppression


def add(tx: Transaction, number_hash: str, kind: str, source: str) -> bool:
    """Suppress a number (``opted_out``, ``wrong_person``, ``undeliverable`` …); False when it is already."""
    values = {"number_hash": number_hash, "kind": kind, "source": source, "since": tx.now()}
    return insert_new(tx, Suppression, values)


def lift(tx: Transaction, number_hash: str, kind: str) -> bool:
    """End a suppression; False when there was none."""
    this = (Suppression.number_hash == number_hash) & (Suppression.kind == kind)
    return changed(tx.session.execute(delete(Suppression).where(this))) == 1


def kinds(tx: Transaction, number_hash: str) -> set[str]:
    """Why the number must not be texted; empty when it may."""
    query = select(Suppression.kind).where(Suppression.number_hash == number_hash)
    return set(tx.session.execute(query).scalars())
