"""Lists of places that were shared with patients, behind links that expire. Only the hash of a link is kept."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from bot.store.database import Transaction
from bot.store.directory_tables import SharedList
from bot.store.rows import open_json, seal_json

TOKEN_BYTES = 20
_ITEMS = "shared_list.items_sealed"


@dataclass(frozen=True)
class Shared:
    """What was shared with whom, in which language, until when."""

    patient_id: str
    resource_ids: tuple[str, ...]
    language: str
    expires_at: datetime


def create(
    tx: Transaction,
    patient_id: str,
    resource_ids: Sequence[str],
    language: str,
    expires_at: datetime,
    random_bytes: Callable[[int], bytes] = secrets.token_bytes,
) -> str:
    """Keep a list for a patient; gives the token of its link: 160 random bits, which cannot be read again."""
    token = base64.urlsafe_b64encode(random_bytes(TOKEN_BYTES)).decode().rstrip("=")
    row = SharedList(
        id=tx.new_id("shl"),
        token_hash=_hash(token),
        patient_id=patient_id,
        items_sealed=seal_json(tx, list(resource_ids), _ITEMS),
        language=language,
        created_at=tx.now(),
        expires_at=expires_at,
    )
    tx.session.add(row)
    tx.session.flush()
    return token


def find(tx: Transaction, token: str) -> Shared | None:
    """The list behind a token, expired or not; None when there is none."""
    row = tx.session.execute(select(SharedList).where(SharedList.token_hash == _hash(token))).scalar_one_or_none()
    if row is None:
        return None
    ids: list[str] = open_json(tx, row.items_sealed, _ITEMS)
    return Shared(row.patient_id, tuple(ids), row.language, row.expires_at)


def _hash(token: str) -> str:
    # A plain hash is enough: the token is random, there is nothing to guess.
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
