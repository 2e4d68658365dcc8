"""Runs one call: reads the request, answers it in one transaction, and keeps the answer for a repeat."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Request, Response

from bot.bootstrap import Deps
from bot.store import idempotency
from bot.store.database import Transaction
from webhooks.api.auth import Caller
from webhooks.api.calls import Answer, Asked, Call
from webhooks.api.lists import ListBody, is_list, read_upload
from webhooks.api.reading import raw_body, read_body, read_idempotency_key, read_path, read_query
from webhooks.faults import describe

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Read:
    """A request, read and checked, before its transaction begins."""

    path: dict[str, str]
    query: Any
    body: Any
    key: str | None
    body_digest: str | None = None


def serve(deps: Deps, call: Call, caller: Caller, request: Request, names: Mapping[str, str]) -> Response:
    """Answer one request. Whatever is raised leaves nothing behind; :mod:`webhooks.api.failures` answers it."""
    if call.with_list is not None and is_list(request):
        with read_upload(deps, request, call.with_list) as (body, digest):
            return _write(deps, call, caller, request, _read_list(request, names, body, digest))
    read = _Read(
        path=read_path(names),
        query=read_query(request, call.query),
        body=read_body(request, call.body, call.body_required, call.largest_body),
        key=read_idempotency_key(request) if call.writes else None,
    )
    if not call.writes:
        return _look(deps, call, caller, request, read)
    return _write(deps, call, caller, request, read)


def _look(deps: Deps, call: Call, caller: Caller, request: Request, read: _Read) -> Response:
    with deps.db.read() as tx:
        return _response(call.answer(_asked(deps, tx, caller, request, read)))


def _write(deps: Deps, call: Call, caller: Caller, request: Request, read: _Read) -> Response:
    if not call.changes(read.body):
        return _look(deps, call, caller, request, read)
    with deps.db.write() as tx:
        if (kept := _kept_answer(tx, caller, request, read)) is not None:
            return kept
        answer = call.answer(_asked(deps, tx, caller, request, read))
        response = _response(answer)
        if read.key is not None:
            idempotency.finish(tx, caller.token_id, read.key, response.status_code, _to_keep(response))
    _run_afterwards(answer)
    return response


def _asked(deps: Deps, tx: Transaction, caller: Caller, request: Request, read: _Read) -> Asked:
    return Asked(deps, tx, caller, request, read.path, read.query, read.body)


def _kept_answer(tx: Transaction, caller: Caller, request: Request, read: _Read) -> Response | None:
    """What the same request was answered before. Raises when the key was used for another one."""
    if read.key is None:
        return None
    kept = idempotency.begin(tx, caller.token_id, read.key, _digest(tx, request, read))
    if kept is None:
        return None
    stored = json.loads(kept.body)
    response = Response(stored["body"], kept.status, mimetype="application/json", headers=stored["headers"])
    response.headers["Idempotent-Replayed"] = "true"
    return response


def _to_keep(response: Response) -> str:
    headers = {name: value for name, value in response.headers.items() if name == "Location"}
    return json.dumps({"headers": headers, "body": response.get_data(as_text=True)})


def _read_list(request: Request, names: Mapping[str, str], body: ListBody, digest: str) -> _Read:
    given = f"{digest} {body.fields.model_dump_json()}"
    return _Read(read_path(names), None, body, read_idempotency_key(request), given)


def _digest(tx: Transaction, request: Request, read: _Read) -> str:
    """One hash for method, address and body. It is keyed: a body may hold little more than a phone number."""
    body = read.body_digest or hashlib.sha256(raw_body(request)).hexdigest()
    return tx.vault.number_hash(f"request {request.method} {request.full_path} {body}")


def _response(answer: Answer) -> Response:
    text = answer.body.model_dump_json() if answer.body is not None else ""
    response = Response(text, answer.status, mimetype="application/json")
    response.headers.update(answer.headers)
    if answer.body is None:
        del response.headers["Content-Type"]
    return response


def _run_afterwards(answer: Answer) -> None:
    """What it starts is due in the database already, so a failure here only means a little later."""
    if answer.afterwards is None:
        return
    try:
        answer.afterwards()
    except Exception as error:
        logger.error("afterwards failed: %s", describe(error))
