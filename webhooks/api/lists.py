"""Patient lists that are uploaded: a multipart form with a ``file``, or a ``text/csv`` body with query parameters."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any

from flask import Request
from pydantic import BaseModel, ValidationError

from bot.bootstrap import Deps
from bot.importing import PatientList, read_list
from bot.patient_file import BadFile
from webhooks.api.problems import FieldError, Problem, from_validation, unusable, unusable_field

LARGEST_LIST = 64 * 1024 * 1024
_IN_MEMORY = 1024 * 1024
_PIECE = 64 * 1024
_LISTS = ("text/csv", "multipart/form-data")


@dataclass(frozen=True)
class ListBody:
    """The fields beside the list, as the model that the call names, and the list itself."""

    fields: Any
    patients: PatientList


def is_list(request: Request) -> bool:
    """Whether the request brings a patient list rather than JSON."""
    return request.mimetype in _LISTS


@contextmanager
def read_upload(deps: Deps, request: Request, model: type[BaseModel]) -> Iterator[tuple[ListBody, str]]:
    """The list, read whole, with a hash of it. 422 names unusable fields, or lines of the list; 413 is too long."""
    with tempfile.SpooledTemporaryFile(_IN_MEMORY) as file:
        given, digest = _spooled(request, file)
        try:
            fields = model.model_validate(given)
        except ValidationError as error:
            raise from_validation(error) from None
        try:
            with read_list(file, deps.vault, deps.clock.now().date()) as patients:
                yield ListBody(fields, patients), digest
        except BadFile as bad:
            raise unusable(FieldError("file", str(each)) for each in bad.problems) from None


def _spooled(request: Request, file: IO[bytes]) -> tuple[dict[str, str], str]:
    """The fields beside the list; the list itself is copied to ``file``."""
    request.max_content_length = LARGEST_LIST
    if request.mimetype == "text/csv":
        twice = [name for name in request.args if len(request.args.getlist(name)) > 1]
        if twice:
            raise unusable_field(twice[0], "is given more than once")
        return request.args.to_dict(), _copy(request.stream, file)
    uploaded = request.files.get("file")
    if uploaded is None:
        raise unusable_field("file", "is missing")
    return request.form.to_dict(), _copy(uploaded.stream, file)


def _copy(stream: IO[bytes], file: IO[bytes]) -> str:
    digest, length = hashlib.sha256(), 0
    while piece := stream.read(_PIECE):
        length += len(piece)
        if length > LARGEST_LIST:
            raise Problem(413, f"The list is longer than {LARGEST_LIST} bytes.")
        digest.update(piece)
        file.write(piece)
    file.seek(0)
    return digest.hexdigest()
