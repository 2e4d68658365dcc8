"""Patient lists: read whole, accepted or refused whole, and then written a few hundred patients at a time.

What was accepted lies sealed in the database and is written by the clock, or by the command that gave it, each chunk
in one transaction. A kill at any moment leaves no patient half-written and no list forgotten.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from typing import IO, Any

from sqlalchemy.exc import InterfaceError, OperationalError

from bot import patient_records
from bot.bootstrap import Deps
from bot.campaigns import (
    Forecast,
    Outreach,
    begin,
    chunks,
    enrol_chunk,
    foresee,
    one_to_a_phone,
    refuse_unknown,
    spread_from,
)
from bot.content.policy import load_policy
from bot.core.spread import Spread
from bot.patient_file import Reading, read_rows
from bot.referrals import visits
from bot.store import audit, campaigns, enrolling, escalations, uploads
from bot.store.database import Database, Transaction
from bot.store.enrolling import Known
from bot.store.patients import Profile
from bot.store.vault import Vault

log = logging.getLogger(__name__)

CHUNK = 250
FAILED_CASE = "patient_list_not_written"
ONLY_ENROLLED = "only_enrolled"
_AWAY = (OperationalError, InterfaceError)


@dataclass(frozen=True)
class PatientList:
    """A list that was read whole and found in order. ``sealed`` holds a chunk a line."""

    reading: Reading
    sealed: IO[str]
    vault: Vault

    def lines(self) -> Iterator[tuple[str, int]]:
        """Each chunk as it is kept, and how many patients are in it."""
        self.sealed.seek(0)
        for line in self.sealed:
            count, _, text = line.rstrip("\n").partition(" ")
            yield text, int(count)


@contextmanager
def read_list(file: IO[bytes], vault: Vault, today: date) -> Iterator[PatientList]:
    """Read a file to its end; what is kept of it on disk is sealed, and gone at the end of the block.

    Raises :class:`bot.patient_file.BadFile` for one with anything wrong in it.
    """
    reading = Reading()
    with tempfile.TemporaryFile("w+", encoding="ascii") as sealed:
        rows = read_rows(file, today, reading)
        while chunk := [patient_records.to_json(row) for row in islice(rows, CHUNK)]:
            sealed.write(f"{len(chunk)} {uploads.seal_rows(vault, chunk)}\n")
        yield PatientList(reading, sealed, vault)


def accept(tx: Transaction, patients: PatientList, outreach: Outreach | None, actor: str) -> tuple[str, str | None]:
    """Keep the list, to be written; with an outreach its campaign begins. Gives the batch and the campaign's id."""
    count = patients.reading.rows
    campaign_id = None if outreach is None else begin(tx, outreach, actor, count)
    batch = tx.new_id("list")
    for sealed, number in patients.lines():
        uploads.put(tx, campaign_id, batch, sealed, number)
    audit.record(tx, actor, "patient_list_accepted", "list", batch, patients=count)
    return batch, campaign_id


def accept_ids(tx: Transaction, outreach: Outreach, actor: str) -> str:
    """Begin a campaign for patients who are known, to be enrolled in chunks as those of a list are; gives its id.

    Raises :class:`bot.campaigns.UnknownPatients`.
    """
    refuse_unknown(tx, outreach.patients)
    ids = list(dict.fromkeys(outreach.patients))
    campaign_id, batch = begin(tx, outreach, actor, len(ids)), tx.new_id("list")
    for chunk in chunks(ids, CHUNK):
        sealed = uploads.seal_rows(tx.vault, [{"patient_id": each, ONLY_ENROLLED: True} for each in chunk])
        uploads.put(tx, campaign_id, batch, sealed, len(chunk))
    return campaign_id


def write_accepted(deps: Deps) -> int:
    """Write every chunk that waits; how many patients. Called by the clock; any number may run at once."""
    return write_batch(deps.db, deps.settings.send_rate)


def write_batch(
    db: Database, send_rate: float, batch: str | None = None, progress: Callable[[int], object] | None = None
) -> int:
    """Write the chunks of one list, or of all; ``progress`` hears of each chunk how many patients it had.

    A patient who cannot be written is set aside and a person is told; only a database that is away stops the others.
    """
    written = 0
    while (count := _write_next(db, send_rate, batch)) is not None:
        written += count
        if progress is not None:
            progress(count)
    return written


def _write_next(db: Database, send_rate: float, batch: str | None) -> int | None:
    """How many patients were written of the next chunk; None when none waits."""
    chunk = None
    try:
        with db.write() as tx:
            chunk = uploads.take(tx, batch)
            return None if chunk is None else _write_chunk(tx, chunk, send_rate)
    except _AWAY:
        raise
    except Exception as error:
        if chunk is None:
            raise
        # The class and its places only: a text could quote what was sealed.
        log.error("patient_list_chunk_failed seq=%s", chunk.seq, exc_info=error)
        with db.write() as tx:
            _set_aside(tx, chunk, type(error).__name__)
        return 0


def _write_chunk(tx: Transaction, chunk: uploads.Chunk, send_rate: float) -> int:
    rows = [patient_records.from_json(row) for row in uploads.open_rows(tx.vault, chunk.sealed)]
    # Who was only named is not written: somebody erased meanwhile would be there again.
    patient_records.write_rows(tx, [row for row in rows if ONLY_ENROLLED not in row])
    for row in rows:
        if "appointment_at" in row:
            visits.plan(tx, row["patient_id"])
    if chunk.campaign_id is not None:
        _enrol(tx, chunk, [row["patient_id"] for row in rows], send_rate)
    return len(rows)


def _set_aside(tx: Transaction, chunk: uploads.Chunk, error: str) -> None:
    """One case a list, however many of its patients fail."""
    failed = uploads.set_aside(tx, chunk.seq, error)
    if failed is None:
        return
    batch, patients = failed
    audit.record(tx, "clock", "patient_list_set_aside", "list", batch, patients=patients, error=error)
    if uploads.not_written(tx, batch=batch) == patients:
        escalations.create(
            tx,
            patient_id=None,
            conversation_id=None,
            inbound_id=None,
            kind=FAILED_CASE,
            urgency="today",
            note=f"Patient list {batch}, campaign {chunk.campaign_id or 'none'}: {error}",
        )


def forecast_list(tx: Transaction, patients: PatientList, outreach: Outreach, send_rate: float) -> list[Forecast]:
    """What a campaign for the list would do with each patient as things stand now. Changes nothing."""
    return one_to_a_phone(_foreseen(tx, patients, outreach, send_rate))


def _foreseen(tx: Transaction, patients: PatientList, outreach: Outreach, send_rate: float) -> Iterator[Forecast]:
    spread = spread_from(outreach.start_at, tx.now(), send_rate)
    since = tx.now() - load_policy().cadence.screened_recently
    for sealed, _ in patients.lines():
        rows = [patient_records.from_json(row) for row in uploads.open_rows(patients.vault, sealed)]
        for some in chunks([row["patient_id"] for row in rows]):
            known = enrolling.known(tx, some, since)
            yield from foresee(tx, [_with_row(tx, known.get(row["patient_id"]), row) for row in rows], spread)


def _enrol(tx: Transaction, chunk: uploads.Chunk, ids: list[str], send_rate: float) -> None:
    assert chunk.campaign_id is not None
    campaign = campaigns.get(tx, chunk.campaign_id)
    if campaign.state == "cancelled":
        return
    spread = Spread.from_json(chunk.spread) if chunk.spread else spread_from(campaign.start_at, tx.now(), send_rate)
    enrol_chunk(tx, campaign.id, campaign.kind, campaign.instrument, ids, spread)
    uploads.keep_spread(tx, campaign.id, spread.to_json())


def _with_row(tx: Transaction, known: Known | None, row: dict[str, Any]) -> Known:
    """What would be on record once the row is written."""
    before = known or Known(row["patient_id"], None, Profile(), None, None, None, frozenset(), None)
    row = patient_records.in_zone(row, before.profile, before.timezone, before.address)
    consent = patient_records.consent_of(row)
    address = row.get("phone", before.address)
    return replace(
        before,
        timezone=row.get("timezone", before.timezone),
        profile=patient_records.profile_of(row, before.profile),
        address=address,
        phone_id=tx.vault.number_hash(address) if address else None,
        consent=before.consent if consent is None else consent.granted,
        suppressions=enrolling.suppressed(tx, address),
    )
