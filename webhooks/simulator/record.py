"""What the bot recorded about the person behind a simulated phone, as JSON for the panel beside it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from bot.core.instrument import Instrument, worded
from bot.store import consents, conversations, followups, patients, phones, referrals, screenings, suppressions
from bot.store.database import Transaction
from bot.store.leases import unfinished
from bot.store.patients import Patient
from bot.store.referrals import PatientReferral
from bot.store.screenings import Screening, StoredAnswer
from bot.store.tables import Audit, Escalation, Inbound, Message, Phone

if TYPE_CHECKING:
    from bot.content import Content

MOST = 50
Json = dict[str, Any]


def read_record(tx: Transaction, content: Content, number: str) -> Json:
    """Everybody this number reaches and what is known of them; ``patients`` is empty before the first turn."""
    number_hash = tx.vault.number_hash(number)
    phone = phones.by_hash(tx, number_hash)
    people = patients.by_phone(tx, phone.id) if phone else []
    return {
        "suppressed": sorted(suppressions.kinds(tx, number_hash)),
        "patients": [_patient(tx, content, person) for person in people],
        "messages": _messages(tx, phone.id) if phone else [],
        "events": _events(tx, _subjects(tx, people, phone.id)) if phone else [],
    }


def is_busy(tx: Transaction, number: str) -> bool:
    """Whether a turn of this number or a text to it is still to be finished."""
    number_hash = tx.vault.number_hash(number)
    turn = select(Inbound.seq).where(Inbound.number_hash == number_hash, unfinished(Inbound)).limit(1)
    phone = select(Phone.id).where(Phone.number_hash == number_hash).scalar_subquery()
    due = Message.next_attempt_at <= tx.now()
    text = select(Message.seq).where(Message.phone_id == phone, unfinished(Message), due).limit(1)
    return any(tx.session.execute(query).first() is not None for query in (turn, text))


def _patient(tx: Transaction, content: Content, person: Patient) -> Json:
    consent = consents.latest(tx, person.id)
    threads = conversations.of_patient(tx, person.id)
    return {
        "id": person.id,
        "origin": person.origin,
        "language": threads[0].language if threads else person.language,
        "consent": None
        if consent is None
        else {
            "granted": consent.granted,
            "method": consent.method,
            "text_version": consent.text_version,
            "at": consent.at.isoformat(),
        },
        "screenings": [_screening(content, run) for run in _newest_screenings(tx, person.id)],
        "referrals": [_referral(tx, each) for each in referrals.of_patient(tx, person.id)][::-1],
        "escalations": _escalations(tx, person.id),
        "followups": [
            {"kind": item.kind, "due_at": item.due_at.isoformat(), "state": item.state, "reason": item.reason}
            for item in followups.list_for_patient(tx, person.id, None, MOST).items
        ],
    }


def _referral(tx: Transaction, referral: PatientReferral) -> Json:
    return {
        "place": referral.service_name,
        "need": referral.domain,
        "state": referral.state,
        "reason": referral.state_reason,
        "shared": referral.shared,
        "closed": referral.is_closed,
        "opened_at": referral.opened_at.isoformat(),
        "events": [
            {"source": event.source, "word": event.word, "reason": event.reason, "at": event.at.isoformat()}
            for event in referrals.events(tx, referral.id)
        ],
    }


def _newest_screenings(tx: Transaction, patient_id: str) -> list[Screening]:
    return list(screenings.list_for_patient(tx, patient_id, None, MOST).items)[::-1]


def _screening(content: Content, run: Screening) -> Json:
    instrument = content.instruments.get(run.instrument)
    result = run.result or {}
    return {
        "id": run.id,
        "instrument": run.instrument,
        "title": instrument.title if instrument else run.instrument,
        "version": run.instrument_version,
        "language": run.language,
        "state": run.state,
        "started_at": run.started_at.isoformat(),
        "completed_at": run.completed_at.isoformat() if run.completed_at else None,
        "answered": len(run.answers),
        "questions": len(instrument.items) if instrument else None,
        "answers": [_answer(instrument, run.language, answer) for answer in run.answers],
        "scores": result.get("scores", {}),
        "needs": result.get("needs", []),
        "navigation_eligible": result.get("navigation_eligible"),
    }


def _answer(instrument: Instrument | None, language: str, answer: StoredAnswer) -> Json:
    return {
        "question": _question(instrument, language, answer.link_id),
        "code": answer.code,
        "value": shown_value(answer.value),
        "value_code": _value_code(answer.value),
        "absent": isinstance(answer.value, dict) and "absent" in answer.value,
        "answered_at": answer.answered_at.isoformat(),
    }


def _question(instrument: Instrument | None, language: str, link_id: str) -> str:
    try:
        return worded(instrument.item(link_id).text, language) if instrument else link_id
    except KeyError:
        return link_id


ABSENT = {"asked-declined": "preferred not to say", "asked-unknown": "does not know", "not-asked": "not asked"}


def shown_value(value: Any) -> str:
    """An answer as a person reads it: the label of an option, yes or no, a number, the words."""
    match value:
        case list():
            return ", ".join(shown_value(part) for part in value)
        case {"absent": reason}:
            return ABSENT.get(reason, str(reason))
        case {"display": display}:
            return str(display)
        case {"code": code}:
            return str(code)
        case bool():
            return "yes" if value else "no"
        case _:
            return str(value)


def _value_code(value: Any) -> str | None:
    match value:
        case list():
            return ", ".join(code for part in value if (code := _value_code(part))) or None
        case {"code": code}:
            return str(code)
        case _:
            return None


def _escalations(tx: Transaction, patient_id: str) -> list[Json]:
    query = select(Escalation).where(Escalation.patient_id == patient_id).order_by(Escalation.opened_at.desc())
    rows = tx.session.execute(query.limit(MOST)).scalars()
    return [
        {"kind": row.kind, "urgency": row.urgency, "state": row.state, "opened_at": row.opened_at.isoformat()}
        for row in rows
    ]


def _messages(tx: Transaction, phone_id: str) -> list[Json]:
    query = select(Message).where(Message.phone_id == phone_id).order_by(Message.seq.desc()).limit(MOST)
    return [
        {
            "id": row.id,
            "purpose": row.purpose,
            "status": row.status or row.state,
            "state": row.state,
            "segments": row.segments,
            "error_code": row.error_code,
            "at": row.created_at.isoformat(),
        }
        for row in tx.session.execute(query).scalars()
    ]


def _subjects(tx: Transaction, people: Iterable[Patient], phone_id: str) -> list[str]:
    """The ids under which the audit may speak of these people."""
    ids = [phone_id]
    for person in people:
        ids.append(person.id)
        ids += [thread.id for thread in conversations.of_patient(tx, person.id)]
        ids += [run.id for run in screenings.list_for_patient(tx, person.id, None, MOST).items]
    return ids


def _events(tx: Transaction, subjects: list[str]) -> list[Json]:
    query = select(Audit).where(Audit.subject_id.in_(subjects)).order_by(Audit.seq.desc()).limit(MOST)
    return [
        {"action": row.action, "actor": row.actor, "subject": row.subject_type, "at": row.at.isoformat()}
        for row in tx.session.execute(query).scalars()
    ]
