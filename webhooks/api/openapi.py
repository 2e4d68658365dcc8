"""Writes the OpenAPI 3.1 document from the calls and their models.

Pydantic gives JSON Schema 2020-12, which OpenAPI 3.1 takes as it is, so the document cannot differ from
what is checked.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from webhooks.api import problems
from webhooks.api.calls import Call
from webhooks.api.models.base import ProblemJson

Json = dict[str, Any]
ModelUse = tuple[type[BaseModel], Literal["validation", "serialization"]]
_REF = "#/components/schemas/{model}"
_ALWAYS_REFUSES = (401, 403, 422)
_DESCRIPTION = (
    "What a clinic's systems hold on to: patients, screenings, outreach, and the queue of what a person must "
    "look at. Every call but the documents needs `Authorization: Bearer <token>`; make one with `bot token create`. "
    "Writes take an `Idempotency-Key`: the same key with the same request is answered as before and not done again. "
    "Errors are RFC 9457 problem details. Lists are `{items, next}`; follow `next` until it is null."
)


def document(calls: Sequence[Call], version: str, prefix: str) -> Json:
    """The whole document. ``prefix`` is where the calls are served, and becomes the server's address."""
    schemas = _schemas(calls)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Followthrough clinic API", "version": version, "description": _DESCRIPTION},
        "servers": [{"url": "/"}],
        "security": [{"bearer": []}],
        "tags": [{"name": name} for name in dict.fromkeys(c.tag for c in calls)],
        "paths": _paths(calls, schemas[0], prefix),
        "components": {
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
            "schemas": schemas[1],
        },
    }


def _schemas(calls: Sequence[Call]) -> tuple[Any, Json]:
    uses: dict[Any, None] = {(ProblemJson, "serialization"): None}
    for call in calls:
        uses |= {(call.body, "validation"): None} if call.body else {}
        uses |= {(given, "serialization"): None for given in call.gives.values() if given}
    refs, definitions = models_json_schema(list(uses), ref_template=_REF)
    return refs, definitions.get("$defs", {})


def _paths(calls: Sequence[Call], refs: dict[ModelUse, Json], prefix: str) -> Json:
    paths: Json = {}
    for call in calls:
        paths.setdefault(prefix + call.path, {})[call.method.lower()] = _operation(call, refs)
    return paths


def _operation(call: Call, refs: dict[ModelUse, Json]) -> Json:
    operation: Json = {
        "operationId": call.endpoint,
        "summary": call.summary,
        "description": f"Roles: {', '.join(sorted(call.roles))}.",
        "tags": [call.tag],
        "parameters": [*_path_parameters(call), *_query_parameters(call), *_header_parameters(call)],
        "responses": _responses(call, refs),
    }
    if call.body:
        content: Json = {"application/json": {"schema": refs[(call.body, "validation")]}}
        if call.with_list:
            content |= _list_bodies(call.with_list)
        operation["requestBody"] = {"required": call.body_required, "content": content}
    return operation


def _list_bodies(beside: type[BaseModel]) -> Json:
    """A patient list: in a form with the other fields, or as the body with the other fields in the query."""
    fields = beside.model_json_schema()
    file = {"type": "string", "contentMediaType": "text/csv"}
    form = {"type": "object", "properties": {"file": file, **fields["properties"]}, "required": ["file"]}
    text = "A CSV file; its columns are the patient's fields, the other fields of the call are query parameters."
    return {
        "multipart/form-data": {"schema": {**form, "required": ["file", *fields.get("required", [])]}},
        "text/csv": {"schema": {"type": "string", "description": text}},
    }


def _path_parameters(call: Call) -> list[Json]:
    schema = {"type": "string", "minLength": 1, "maxLength": 128}
    names = re.findall(r"{(\w+)}", call.path)
    return [{"name": n, "in": "path", "required": True, "schema": schema} for n in names]


def _query_parameters(call: Call) -> list[Json]:
    if call.query is None:
        return []
    schema = call.query.model_json_schema()
    required = schema.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in required, "schema": field}
        for name, field in schema["properties"].items()
    ]


def _header_parameters(call: Call) -> list[Json]:
    if not call.writes:
        return []
    text = "Makes a repeat of this request harmless. Another request with the same key is refused with 422."
    schema = {"type": "string", "minLength": 1, "maxLength": 255}
    return [{"name": "Idempotency-Key", "in": "header", "required": False, "description": text, "schema": schema}]


def _responses(call: Call, refs: dict[ModelUse, Json]) -> Json:
    good = {str(s): _good(s, refs[(m, "serialization")] if m else None) for s, m in call.gives.items()}
    bad = {str(s): _bad(s, refs) for s in sorted({*_ALWAYS_REFUSES, *_body_refusals(call), *call.refuses})}
    return good | bad


def _body_refusals(call: Call) -> tuple[int, ...]:
    return (400, 413, 415) if call.body else ()


def _good(status: int, schema: Json | None) -> Json:
    answer: Json = {"description": HTTPStatus(status).phrase}
    if schema:
        answer["content"] = {"application/json": {"schema": schema}}
    return answer


def _bad(status: int, refs: dict[ModelUse, Json]) -> Json:
    schema = refs[(ProblemJson, "serialization")]
    return {"description": HTTPStatus(status).phrase, "content": {problems.MEDIA_TYPE: {"schema": schema}}}
