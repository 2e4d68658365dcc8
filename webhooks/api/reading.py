"""Reads what a request carries: JSON body, query and path, each against its model, or a problem."""

from __future__ import annotations

import re
from collections.abc import Mapping

from flask import Request
from pydantic import BaseModel, ValidationError
from werkzeug.exceptions import RequestEntityTooLarge

from webhooks.api.models.base import Query
from webhooks.api.problems import Problem, from_validation, unusable_field, unusable_header

LARGEST_BODY = 1024 * 1024
_IDENTIFIER = re.compile(r"[A-Za-z0-9._~:@=|,-]{1,128}")
_KEY = re.compile(r"[\x21-\x7e]{1,255}")


def read_body(
    request: Request, model: type[BaseModel] | None, required: bool, largest: int = LARGEST_BODY
) -> BaseModel | None:
    """The body as its model. Problems: 400 not JSON, 413 too long, 415 another type, 422 unusable fields."""
    if model is None:
        return None
    raw = raw_body(request, largest)
    if not raw and not required:
        return model()
    if request.mimetype != "application/json":
        raise Problem(415, "The body must be JSON, with Content-Type: application/json.")
    try:
        return model.model_validate_json(raw)
    except ValidationError as error:
        raise from_validation(error) from None


def raw_body(request: Request, largest: int = LARGEST_BODY) -> bytes:
    """The body's bytes. 413 above ``largest`` bytes, whatever the length that was announced; once read it stays."""
    request.max_content_length = largest
    try:
        return request.get_data(cache=True)
    except RequestEntityTooLarge:
        raise Problem(413, f"The body is longer than {largest} bytes.") from None


def read_query(request: Request, model: type[BaseModel] | None) -> BaseModel:
    """The query as its model; a parameter that is unknown or given twice is refused by name."""
    twice = [name for name in request.args if len(request.args.getlist(name)) > 1]
    if twice:
        raise unusable_field(twice[0], "is given more than once")
    try:
        return (model or Query).model_validate(request.args.to_dict())
    except ValidationError as error:
        raise from_validation(error) from None


def read_path(names: Mapping[str, str]) -> dict[str, str]:
    """The identifiers in the path. 422 for one that is not letters, digits and ``._~:@=|,-``."""
    for name, value in names.items():
        if not _IDENTIFIER.fullmatch(value):
            raise unusable_field(name, "must be 1 to 128 letters, digits or any of . _ ~ : @ = | , -")
    return dict(names)


def read_idempotency_key(request: Request) -> str | None:
    """The Idempotency-Key, or ``None``. 422 for an empty, long or unprintable one."""
    key = request.headers.get("Idempotency-Key")
    if key is not None and not _KEY.fullmatch(key):
        raise unusable_header("Idempotency-Key", "must be 1 to 255 printable characters without spaces")
    return key
