"""Runs of an instrument, and the answers given in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from bot.store import tables
from bot.store.database import Transaction
from bot.store.errors import NotFound
from bot.store.paging import Page, cursor, later_than, read_cursor
from bot.store.rows import changed, open_json, seal_json
from bot.store.tables import Answer

_VALUE = "answer.value_sealed"
_RESULT = "screening.result_sealed"


@dataclass(frozen=True)
class StoredAnswer:
    """The answer that counts for one item; ``value`` is JSON as in the interface."""

    link_id: str
    code: str | None
    value: Any
    channel: str
    answered_at: datetime


@dataclass(frozen=True)
class Screening:
    """One run. ``answers`` are in the order in which the items were first answered; ``result`` comes at the end."""

    id: str
    patient_id: str
    conversation_id: str
    instrument: str
    instrument_version: str
    language: str
    channels: tuple[str, ...]
    state: str
    started_at: datetime
    completed_at: datetime | None
    answers: tuple[StoredAnswer, ...]
    result: dict[str, Any] | None


def start(
    tx: Transaction,
    patient_id: str,
    conversation_id: str,
    instrument: str,
    version: str,
    language: str,
    channel: str,
) -> str:
    """Begin a run, in progress, and give its id."""
    row = tables.Screening(
        id=tx.new_id("scr"),
        patient_id=patient_id,
        conversation_id=conversation_id,
        instrument=instrument,
        instrument_version=version,
        language=language,
        channels=[channel],
        state="in_progress",
        started_at=tx.now(),
    )
    tx.session.add(row)
    tx.session.flush()
    return row.id


def record_answer(tx: Transaction, screening_id: str, link_id: str, code: str | None, value: Any, channel: str) -> None:
    """The answer to an item. An earlier one is kept as superseded. Raises :class:`NotFound`."""
    screening = _row(tx, screening_id)
    withdraw_answer(tx, screening_id, link_id)
    if channel not in screening.channels:
        screening.channels = [*screening.channels, channel]
    row = Answer(
        screening_id=screening_id,
        link_id=link_id,
        code=code,
        value_sealed=seal_json(tx, value, _VALUE),
        channel=channel,
        answered_at=tx.now(),
    )
    tx.session.add(row)
    tx.session.flush()


def withdraw_answer(tx: Transaction, screening_id: str, link_id: str) -> bool:
    """The answer to an item no longer counts; False when there was none."""
    open_answer = (Answer.screening_id == screening_id) & (Answer.link_id == link_id) & Answer.superseded_at.is_(None)
    return changed(tx.session.execute(update(Answer).where(open_answer).values(superseded_at=tx.now()))) > 0


def complete(tx: Transaction, screening_id: str, state: str, result: dict[str, Any] | None) -> None:
    """End a run as ``completed``, ``partial``, ``declined`` or ``expired``, with its result. Raises NotFound."""
    row = _row(tx, screening_id)
    row.state = state
    row.completed_at = tx.now()
    row.result_sealed = None if result is None else seal_json(tx, result, _RESULT)
    tx.session.flush()


def current(tx: Transaction, patient_id: str, instrument: str) -> Screening | None:
    """The patient's run of this instrument that is in progress, the latest one; None when there is none."""
    query = (
        select(tables.Screening)
        .where(
            tables.Screening.patient_id == patient_id,
            tables.Screening.instrument == instrument,
            tables.Screening.state == "in_progress",
        )
        .order_by(tables.Screening.started_at.desc(), tables.Screening.id.desc())
        .limit(1)
    )
    return next(iter(_screenings(tx, tx.session.execute(query).scalars())), None)


def running_in(tx: Transaction, conversation_id: str) -> Screening | None:
    """The run that is in progress in this conversation, the latest one; None when there is none."""
    run = tables.Screening
    query = select(run).where(run.conversation_id == conversation_id, run.state == "in_progress")
    latest = tx.session.execute(query.order_by(run.started_at.desc(), run.id.desc()).limit(1)).scalars()
    return next(iter(_screenings(tx, latest)), None)


def in_progress(tx: Transaction, patient_id: str) -> list[Screening]:
    """Every run of the patient that is in progress, of whatever instrument, in the order they began."""
    run = tables.Screening
    query = select(run).where(run.patient_id == patient_id, run.state == "in_progress")
    return _screenings(tx, tx.session.execute(query.order_by(run.started_at, run.id)).scalars())


def last_screened(tx: Transaction, patient_ids: Sequence[str], since: datetime) -> dict[str, datetime]:
    """When each of these patients was last screened, by patient; who was not since then is left out.

    What counts is the end of a run of any instrument that was completed, or that is ``partial`` and told most of what
    it asks: see :func:`tells_most`.
    """
    run = tables.Screening
    query = select(run.patient_id, run.completed_at, run.state, run.result_sealed).where(
        run.patient_id.in_(patient_ids), run.state.in_(("completed", "partial")), run.completed_at >= since
    )
    found: dict[str, datetime] = {}
    for patient_id, ended, state, sealed in tx.session.execute(query):
        if ended is None or found.get(patient_id, since) > ended:
            continue
        if state == "completed" or (sealed and tells_most(open_json(tx, sealed, _RESULT))):
            found[patient_id] = ended
    return found


def tells_most(result: Mapping[str, Any]) -> bool:
    """Whether a run that is partial screened the patient.

    One that reached its end did, whatever was skipped: all of it was asked. One that was left did when it says of more
    than half of its domains whether there is a need.
    """
    known = [need.get("positive") is not None for need in result.get("needs", ())]
    return "answered_by" in result or sum(known) * 2 > len(known)


def last_ended(
    tx: Transaction, patient_id: str, instrument: str, before: datetime, beside: str | None = None
) -> Screening | None:
    """The latest run of this instrument with a result that ended before then, ``beside`` left out; None for none."""
    run = tables.Screening
    query = select(run).where(
        run.patient_id == patient_id,
        run.instrument == instrument,
        run.completed_at <= before,
        run.result_sealed.is_not(None),
        run.id != (beside or ""),
    )
    latest = tx.session.execute(query.order_by(run.completed_at.desc(), run.id.desc()).limit(1)).scalars()
    return next(iter(_screenings(tx, latest)), None)


def get(tx: Transaction, screening_id: str) -> Screening:
    """The run with this id. Raises :class:`NotFound`."""
    return _screenings(tx, [_row(tx, screening_id)])[0]


def list_for_patient(tx: Transaction, patient_id: str, after: str | None, limit: int) -> Page[Screening]:
    """The patient's runs in the order they began. Raises ``BadCursor``."""
    query = select(tables.Screening).where(tables.Screening.patient_id == patient_id)
    if after is not None:
        query = query.where(later_than(tables.Screening.started_at, tables.Screening.id, *read_cursor(after)))
    query = query.order_by(tables.Screening.started_at, tables.Screening.id).limit(limit + 1)
    found = _screenings(tx, tx.session.execute(query).scalars())
    items = found[:limit]
    more = cursor(items[-1].started_at, items[-1].id) if len(found) > limit else None
    return Page(tuple(items), more)


def _row(tx: Transaction, screening_id: str) -> tables.Screening:
    row = tx.session.get(tables.Screening, screening_id)
    if row is None:
        raise NotFound("no such screening")
    return row


def _screenings(tx: Transaction, rows: Iterable[tables.Screening]) -> list[Screening]:
    found = list(rows)
    answers = _answers(tx, [row.id for row in found])
    return [_screening(tx, row, answers.get(row.id, {})) for row in found]


def _answers(tx: Transaction, screening_ids: list[str]) -> dict[str, dict[str, Answer | None]]:
    """By screening and item, in the order of the first answer; None where it was withdrawn."""
    rows = tx.session.execute(select(Answer).where(Answer.screening_id.in_(screening_ids)).order_by(Answer.seq))
    by_item: dict[str, dict[str, Answer | None]] = {}
    for row in rows.scalars():
        items = by_item.setdefault(row.screening_id, {})
        items[row.link_id] = row if row.superseded_at is None else items.get(row.link_id)
    return by_item


def _screening(tx: Transaction, row: tables.Screening, answers: dict[str, Answer | None]) -> Screening:
    return Screening(
        id=row.id,
        patient_id=row.patient_id,
        conversation_id=row.conversation_id,
        instrument=row.instrument,
        instrument_version=row.instrument_version,
        language=row.language,
        channels=tuple(row.channels),
        state=row.state,
        started_at=row.started_at,
        completed_at=row.completed_at,
        answers=tuple(_answer(tx, answer) for answer in answers.values() if answer is not None),
        result=open_json(tx, row.result_sealed, _RESULT) if row.result_sealed else None,
    )


def _answer(tx: Transaction, row: Answer) -> StoredAnswer:
    value = open_json(tx, row.value_sealed, _VALUE)
    return StoredAnswer(row.link_id, row.code, value, row.channel, row.answered_at)
