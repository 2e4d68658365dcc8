"""Import of a package of listings: everything is read first, then written in one transaction, or nothing is.

Re-importing from the same source updates by id and retires what the package no longer has.
"""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import IO, Any

from bot.content.directory import load_directory
from bot.core.directory.needs import Crosswalk
from bot.core.directory.service import Service
from bot.core.directory.words import ListingWords
from bot.directory.folder import PackageError
from bot.directory.formats import listings
from bot.directory.reading import Reader
from bot.directory.report import Report, Where
from bot.directory.zip_book import ZipBook
from bot.store import audit, directory
from bot.store.database import Database, Transaction

# Wraps an iteration to show how far it is: what is done, how many there are (None: not known), and the items.
Progress = Callable[[str, int | None, Iterable[Any]], Iterable[Any]]


@dataclass(frozen=True)
class Order:
    """What to import, and how. ``assured_on`` is taken for listings without a date of their own."""

    path: Path
    format: str
    source: str
    assured_on: date | None = None
    dry_run: bool = False


@dataclass
class Imported:
    """What an import did: listings ``added``, ``changed``, ``unchanged``, ``back``, ``retired``; those that are kept
    and never offered (``private``, ``inactive``), and those that fit no need (``without_need``).
    """

    counts: Counter[str] = field(default_factory=Counter)
    report: Report = field(default_factory=Report)

    def to_json(self, order: Order) -> dict[str, Any]:
        """As JSON, for ``--report``."""
        head = {"source": order.source, "format": order.format, "dry_run": order.dry_run}
        problems = [problem.to_json() for problem in self.report.problems]
        return {**head, "counts": dict(self.counts), "refused": dict(self.report.counts), "problems": problems}


class _DryRun(Exception):
    """Takes a transaction back after a dry run."""


def import_package(
    db: Database,
    order: Order,
    crosswalk: Crosswalk,
    book: ZipBook,
    progress: Progress = lambda _label, _length, items: items,
    actor: str = "cli",
    words: ListingWords | None = None,
) -> Imported:
    """Import a package, read by these ``words`` (left out: those of the content folder).

    Raises :class:`PackageError`, nothing changed, when it cannot be read or holds no listing.
    """
    done = Imported()
    chosen = words or load_directory().words
    reader = Reader(order.source, crosswalk, book, done.report, order.assured_on, db.clock.now().date(), chosen)
    with tempfile.TemporaryFile("w+", encoding="utf-8", prefix="followthrough-import-") as staged:
        count = _stage(order, reader, done, staged, progress)
        if not count:
            raise PackageError(f"There is no listing in {order.path} that can be used; nothing was changed.")
        staged.seek(0)
        with _writing(db, order) as tx:
            _write(tx, order, done, progress("Writing", count, staged), actor)
    return done


def _stage(order: Order, reader: Reader, done: Imported, staged: IO[str], progress: Progress) -> int:
    """Read the whole package into the temporary file, one listing a line; how many."""
    seen: dict[str, int | None] = {}
    raws = progress("Reading", None, listings(order.path, order.format, done.report))
    for where, raw in raws:
        service = reader.read(raw, where)
        if service is None or not _is_first(service, where, seen, done.report):
            continue
        _count(service, done.counts)
        staged.write(json.dumps(directory.encode(service)) + "\n")
    return len(seen)


def _is_first(service: Service, where: Where, seen: dict[str, int | None], report: Report) -> bool:
    if service.id in seen:
        report.refuse(where, "id", f"the same id as row {seen[service.id]}")
        return False
    seen[service.id] = where.row
    return True


def _count(service: Service, counts: Counter[str]) -> None:
    if service.status != "active":
        counts[service.status] += 1
    elif not service.needs:
        counts["without_need"] += 1


@contextmanager
def _writing(db: Database, order: Order) -> Iterator[Transaction]:
    try:
        with db.write() as tx:
            yield tx
            if order.dry_run:
                raise _DryRun
    except _DryRun:
        return


def _write(tx: Transaction, order: Order, done: Imported, lines: Iterable[str], actor: str) -> None:
    import_id = tx.new_id("imp")
    for batch in _batches(lines, directory.BATCH):
        done.counts += directory.write(tx, [_pair(line) for line in batch], import_id)
    done.counts["retired"] += directory.retire_others(tx, order.source, import_id)
    counts = {word: number for word, number in done.counts.items() if number}
    audit.record(tx, actor, "resources_imported", "directory", order.source[:128], format=order.format, **counts)


def _pair(line: str) -> tuple[str, str]:
    document, digest = json.loads(line)
    return document, digest


def _batches(lines: Iterable[str], size: int) -> Iterator[list[str]]:
    batch: list[str] = []
    for line in lines:
        batch.append(line)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch
