"""Requests that could not be stored wait here, on this machine's disk, until the database is back.

``BOT_DATA_DIR/spool/`` holds one sealed file for each, named by its time and a keyed hash. A file is whole
or not there: written beside, flushed, then renamed. Webhooks write; :func:`run`, a thread of the web
process, takes the files in, oldest first. While files wait, new requests join them, so that a
conversation keeps its order and nobody waits for a database that is known to be away.
"""

from __future__ import annotations

import fcntl
import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, SQLAlchemyError, StatementError

from webhooks.arrivals import Arrival
from webhooks.faults import describe

if TYPE_CHECKING:
    from bot.bootstrap import Deps

PLACE = "spool.request"
SUFFIX = ".sealed"
LOOK_EVERY = 0.5
LOOK_AGAIN_AFTER = 2.0
_DRAFT_SUFFIX = ".draft"
_DRAFT_KEPT_SECONDS = 3600
_log = logging.getLogger(__name__)


def folder(deps: Deps) -> Path:
    """Where the files lie; it may not exist yet."""
    return Path(deps.settings.data_dir) / "spool"


def is_empty(deps: Deps) -> bool:
    """True when nothing waits. A folder that cannot be read counts as empty."""
    try:
        with os.scandir(folder(deps)) as entries:
            return not any(e.name.endswith(SUFFIX) for e in entries)
    except OSError:
        return True


def count(deps: Deps) -> int:
    """How many requests wait."""
    return len(_waiting(folder(deps)))


def count_set_aside(deps: Deps) -> int:
    """How many files could not be read or stored, and wait for a person."""
    return len(_waiting(_aside(deps)))


def put(deps: Deps, arrival: Arrival) -> None:
    """Keep the request on disk, safe against a crash of the machine. Raises ``OSError`` when the disk fails too."""
    place = folder(deps)
    _make_folder(place)
    text = arrival.to_json()
    micros = int(arrival.received_at.timestamp() * 1_000_000)
    name = f"{micros:017d}-{deps.vault.number_hash('spool:' + text)[:32]}"
    draft = place / f"{name}-{os.getpid()}-{threading.get_ident()}{_DRAFT_SUFFIX}"
    _write_flushed(draft, deps.vault.seal(text, PLACE))
    draft.replace(place / f"{name}{SUFFIX}")
    _flush_folder(place)


def take_in(deps: Deps) -> int:
    """Store what waits, oldest first, and give how many files were stored. Several at once: one works.

    A file goes only after its commit, so one that was stored just before a crash is offered again and
    found there. Stops at the first that the database cannot take now; a file that it will never take, or
    that cannot be opened, is moved to ``spool/set_aside`` and holds nobody up.
    """
    if is_empty(deps):
        return 0
    with _only_one(folder(deps)) as mine:
        return _take_in_all(deps) if mine else 0


def run(deps: Deps, stop: threading.Event) -> None:
    """Take files in until ``stop`` is set. The web process runs this in a thread; it survives every error."""
    while not stop.is_set():
        try:
            take_in(deps)
        except Exception as error:
            _log.error("spool_not_taken_in error=%s", describe(error))
        stop.wait(LOOK_EVERY if is_empty(deps) else LOOK_AGAIN_AFTER)


def _take_in_all(deps: Deps) -> int:
    _remove_old_drafts(folder(deps))
    taken = 0
    for file in _waiting(folder(deps)):
        try:
            _take_in_one(deps, file)
        except Exception as error:
            if _database_is_away(error):
                _log.warning("spool_waits count=%d error=%s", count(deps), describe(error))
                break
            _set_aside(deps, file, error)
        else:
            taken += 1
    if taken:
        _log.info("spool_taken_in count=%d", taken)
    return taken


def _take_in_one(deps: Deps, file: Path) -> None:
    arrival = Arrival.from_json(deps.vault.open(file.read_text("utf-8"), PLACE))
    with deps.db.write() as tx:
        arrival.store(tx)
    file.unlink(missing_ok=True)
    deps.wakeups.notify(arrival.topic)


def _database_is_away(error: Exception) -> bool:
    """True when trying again later may help; False when the trouble is this one file's content."""
    if isinstance(error, StatementError):
        return isinstance(error, DBAPIError) and not isinstance(error, DataError | IntegrityError)
    return isinstance(error, SQLAlchemyError)


def _set_aside(deps: Deps, file: Path, error: Exception) -> None:
    _log.error("spool_file_set_aside name=%s error=%s; move it back to try again", file.name, describe(error))
    with suppress(OSError):
        _aside(deps).mkdir(mode=0o700, exist_ok=True)
        file.replace(_aside(deps) / file.name)


def _aside(deps: Deps) -> Path:
    return folder(deps) / "set_aside"


def _waiting(place: Path) -> list[Path]:
    """The whole files, in order of arrival."""
    try:
        with os.scandir(place) as entries:
            return sorted(Path(e.path) for e in entries if e.name.endswith(SUFFIX))
    except OSError:
        return []


def _make_folder(place: Path) -> None:
    if not place.is_dir():
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        _flush_folder(place.parent)


def _write_flushed(file: Path, text: str) -> None:
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())


def _flush_folder(place: Path) -> None:
    """Makes the new name itself safe; without this a crash of the machine may forget it."""
    handle = os.open(place, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _only_one(place: Path) -> Iterator[bool]:
    """True for the one process and thread that may take files in; the lock ends with its holder, however that ends."""
    with (place / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def _remove_old_drafts(place: Path) -> None:
    """Halves of files that a crash left: their request was never answered 200, so nothing is lost."""
    newest = (place / ".lock").stat().st_mtime
    for draft in place.glob(f"*{_DRAFT_SUFFIX}"):
        with suppress(OSError):
            if draft.stat().st_mtime < newest - _DRAFT_KEPT_SECONDS:
                draft.unlink()
