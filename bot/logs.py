"""Logging: one line each to standard output, with ids, codes and lengths, never with what people wrote.

The text of an exception may quote a message, a number or a statement's parameters, so no line carries it:
an exception is logged as its class, its causes' classes and the places in the code that it passed.
"""

from __future__ import annotations

import json
import logging
import sys
import threading
import traceback
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

from bot.settings import Settings

# Libraries that would log addresses or bodies of requests at a lower level.
LIBRARIES = ("alembic", "apscheduler", "flask_openapi3", "sqlalchemy", "twilio", "urllib3", "waitress", "werkzeug")
PLACES = 12


def configure(settings: Settings, process: str) -> None:
    """Send this process's log to standard output. ``process`` names it in each line. Call once, at start."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonLines(process) if settings.log_format == "json" else PlainLines(process))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level.upper())
    for name in LIBRARIES:
        logging.getLogger(name).setLevel(max(root.level, logging.WARNING))
    # A job that is still running when it is due again is left out once, which is as it should be.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    logging.captureWarnings(True)
    sys.excepthook = _log_uncaught
    threading.excepthook = _log_uncaught_in_thread
    for warning in settings.warnings:
        logging.getLogger(__name__).warning("setting_unknown %s", warning)


class PlainLines(logging.Formatter):
    """``2026-03-03T15:00:00.000Z INFO web bot.turn: turn_taken id=…``."""

    def __init__(self, process: str) -> None:
        """``process`` is the word after the level."""
        super().__init__()
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        """One line; an exception follows it as classes and places."""
        line = f"{_time(record)} {record.levelname} {self._process} {record.name}: {_message(record)}"
        error = _error(record)
        return f"{line} error={error['error']} at={' < '.join(error['at'])}" if error else line


class JsonLines(logging.Formatter):
    """The same as one JSON object a line."""

    def __init__(self, process: str) -> None:
        """``process`` is the value of ``process``."""
        super().__init__()
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        """One JSON object."""
        line = {
            "at": _time(record),
            "level": record.levelname.lower(),
            "process": self._process,
            "logger": record.name,
            "message": _message(record),
        }
        return json.dumps(line | _error(record), ensure_ascii=False)


def places(error: BaseException) -> list[str]:
    """Where in the code an exception was raised, innermost first."""
    frames = traceback.extract_tb(error.__traceback__)
    return [f"{frame.filename}:{frame.lineno}:{frame.name}" for frame in reversed(frames)][:PLACES]


def _time(record: logging.LogRecord) -> str:
    at = datetime.fromtimestamp(record.created, UTC)
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def _message(record: logging.LogRecord) -> str:
    """The message on one line, with exceptions among its arguments reduced to their class."""
    args: Any = record.args
    if isinstance(args, tuple):
        args = tuple(type(a).__name__ if isinstance(a, BaseException) else a for a in args)
    message = str(record.msg) if not isinstance(record.msg, BaseException) else type(record.msg).__name__
    return (message % args if args else message).replace("\n", " ")


def _error(record: logging.LogRecord) -> dict[str, Any]:
    error = record.exc_info[1] if record.exc_info else None
    return {"error": " < ".join(_classes(error)), "at": places(error)} if error else {}


def _classes(error: BaseException | None) -> list[str]:
    """The class of the exception and of what it came from."""
    names: list[str] = []
    while error is not None and len(names) < PLACES:
        names.append(type(error).__qualname__)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return names


def _log_uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    logging.getLogger(__name__).critical("process_failed", exc_info=(kind, error, trace))


def _log_uncaught_in_thread(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None:
        _log_uncaught(args.exc_type, args.exc_value, args.exc_traceback)
