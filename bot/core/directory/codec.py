"""Listings as JSON: short to store, quick to read. Written from the fields of the dataclasses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, time
from functools import cache
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from bot.core.directory.service import Service

Read = Callable[[Any], Any]


def to_json(service: Service) -> dict[str, Any]:
    """The listing as JSON; what has its default is left out."""
    written: dict[str, Any] = _write(service)
    return written


def from_json(body: Mapping[str, Any]) -> Service:
    """What :func:`to_json` wrote. Raises ``TypeError`` or ``KeyError`` for anything else."""
    service: Service = _reader(Service)(body)
    return service


def _write(value: Any) -> Any:
    if is_dataclass(value):
        return {f.name: _write(v) for f in fields(value) if (v := getattr(value, f.name)) != _default(f)}
    if isinstance(value, tuple):
        return [_write(each) for each in value]
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, date | time):
        return value.isoformat()
    return value


def _default(item: Any) -> Any:
    return item.default_factory() if item.default_factory is not MISSING else item.default


@cache
def _reader(kind: Any) -> Read:
    """What makes a value of this type from its JSON; worked out once for each type."""
    origin, arguments = get_origin(kind), get_args(kind)
    if is_dataclass(kind):
        return _dataclass_reader(kind)
    if origin in (Union, UnionType):
        some = _reader(next(each for each in arguments if each is not type(None)))
        return lambda value: None if value is None else some(value)
    if origin is tuple:
        return _tuple_reader(arguments)
    if kind in (date, time):
        read: Read = kind.fromisoformat
        return read
    return lambda value: value


def _tuple_reader(arguments: tuple[Any, ...]) -> Read:
    each = _reader(arguments[0])
    return lambda value: tuple([each(one) for one in value])


def _dataclass_reader(kind: Any) -> Read:
    hints = get_type_hints(kind)
    readers = {f.name: _reader(hints[f.name]) for f in fields(kind)}
    return lambda value: kind(**{name: readers[name](given) for name, given in value.items()})
