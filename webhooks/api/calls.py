"""What a call of the API is: its address, who may make it, what it takes and gives, and what answers it.

Each module of calls keeps a tuple of these; the blueprint serves them and the OpenAPI document is written
from them, so a call that is served is a call that is documented.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flask import Request
from pydantic import BaseModel

from webhooks.api.auth import CLINIC, Caller, Roles
from webhooks.api.reading import LARGEST_BODY

if TYPE_CHECKING:
    from bot.bootstrap import Deps
    from bot.store.database import Transaction


@dataclass(frozen=True)
class Asked:
    """One request, read and checked. ``query`` and ``body`` are of the models that the call names."""

    deps: Deps
    tx: Transaction
    caller: Caller
    request: Request
    path: Mapping[str, str]
    query: Any = None
    body: Any = None


@dataclass(frozen=True)
class Answer:
    """What to answer. ``afterwards`` runs once the transaction is committed, never when it was not."""

    status: int
    body: BaseModel | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    afterwards: Callable[[], None] | None = None


Handler = Callable[[Asked], Answer]


def _always(body: Any) -> bool:
    return True


@dataclass(frozen=True)
class Call:
    """One method on one path below ``/api/v1``; ``path`` has ``{names}``. Anything but GET is a write.

    ``changes`` tells of a body whether the call changes something: when not, it runs beside all writes, and needs and
    keeps no Idempotency-Key. ``largest_body`` is in bytes. ``with_list`` is the model of the fields that come beside an
    uploaded patient list, where one may be uploaded. ``gives`` maps each good status to its model. ``refuses`` are the
    statuses beside those of every call.
    """

    method: str
    path: str
    answer: Handler
    summary: str
    tag: str
    gives: Mapping[int, type[BaseModel] | None]
    roles: Roles = CLINIC
    query: type[BaseModel] | None = None
    body: type[BaseModel] | None = None
    body_required: bool = True
    changes: Callable[[Any], bool] = _always
    largest_body: int = LARGEST_BODY
    with_list: type[BaseModel] | None = None
    refuses: tuple[int, ...] = ()

    @property
    def writes(self) -> bool:
        """True when the call may change something: it runs in one transaction and takes an Idempotency-Key."""
        return self.method != "GET"

    @property
    def endpoint(self) -> str:
        """A name of its own for the router and the document."""
        return self.answer.__name__
