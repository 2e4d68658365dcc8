"""Who is calling, and may they: the one place where tokens and roles are checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Request

from bot.store import tokens
from webhooks.api.problems import Problem

if TYPE_CHECKING:
    from bot.bootstrap import Deps

Roles = frozenset[str]
CLINIC: Roles = frozenset({"clinic"})

_REALM = 'Bearer realm="Followthrough"'
_SCOPE = f'{_REALM}, error="insufficient_scope"'


@dataclass(frozen=True)
class Caller:
    """The holder of a token. ``actor`` is how the audit names it."""

    token_id: str
    name: str
    role: str

    @property
    def actor(self) -> str:
        """``token:<id>``."""
        return f"token:{self.token_id}"


def authenticate(deps: Deps, request: Request, roles: Roles) -> Caller:
    """Who holds the request's token. Problems: 401 without a valid one, 403 when its role is not among ``roles``."""
    secret = _bearer(request)
    if secret is None:
        raise _unknown("A token is needed: Authorization: Bearer <token>.", _REALM)
    with deps.db.read() as tx:
        token = tokens.verify(tx, secret)
    if token is None:
        raise _unknown("The token is not valid, or was revoked.", f'{_REALM}, error="invalid_token"')
    if token.role not in roles:
        needed = " or ".join(sorted(roles))
        raise Problem(403, f"This token is not for this call, which needs one for: {needed}.", headers=_header(_SCOPE))
    return Caller(token.id, token.name, token.role)


def _bearer(request: Request) -> str | None:
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    return secret.strip() or None if scheme.lower() == "bearer" else None


def _unknown(detail: str, challenge: str) -> Problem:
    return Problem(401, detail, headers=_header(challenge))


def _header(challenge: str) -> dict[str, str]:
    return {"WWW-Authenticate": challenge}
