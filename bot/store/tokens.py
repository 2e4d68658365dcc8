"""Bearer tokens of the clinic API. Only their hashes are kept."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from bot.store import tables
from bot.store.database import Transaction
from bot.store.rows import changed

SECRET_BYTES = 32


@dataclass(frozen=True)
class Token:
    """A token, without its secret."""

    id: str
    name: str
    role: str
    created_at: datetime
    revoked_at: datetime | None


def create(
    tx: Transaction, name: str, role: str, random_bytes: Callable[[int], bytes] = secrets.token_bytes
) -> tuple[str, str]:
    """Make a token; gives its id and its secret (``ft_…``), which cannot be read again."""
    secret = "ft_" + base64.urlsafe_b64encode(random_bytes(SECRET_BYTES)).decode().rstrip("=")
    row = tables.ApiToken(id=tx.new_id("tok"), name=name, role=role, token_hash=_hash(secret), created_at=tx.now())
    tx.session.add(row)
    tx.session.flush()
    return row.id, secret


def verify(tx: Transaction, secret: str) -> Token | None:
    """The token with this secret; None when there is none or it was revoked."""
    live = (tables.ApiToken.token_hash == _hash(secret)) & tables.ApiToken.revoked_at.is_(None)
    row = tx.session.execute(select(tables.ApiToken).where(live)).scalar_one_or_none()
    return _token(row) if row else None


def revoke(tx: Transaction, token_id: str) -> bool:
    """End a token; False when there is none or it was revoked before."""
    live = (tables.ApiToken.id == token_id) & tables.ApiToken.revoked_at.is_(None)
    return changed(tx.session.execute(update(tables.ApiToken).where(live).values(revoked_at=tx.now()))) == 1


def list_all(tx: Transaction) -> list[Token]:
    """Every token, revoked ones too, in the order they were made."""
    query = select(tables.ApiToken).order_by(tables.ApiToken.created_at, tables.ApiToken.id)
    return [_token(row) for row in tx.session.execute(query).scalars()]


def _hash(secret: str) -> str:
    # A plain hash is enough: the secret is 256 random bits, there is nothing to guess.
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _token(row: tables.ApiToken) -> Token:
    return Token(row.id, row.name, row.role, row.created_at, row.revoked_at)
