"""What the bot recorded, as lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Json = Mapping[str, Any]


def record_lines(record: Json | None) -> Iterator[str]:
    """The record of a simulated phone, line by line."""
    if record is None or not record["patients"]:
        yield "Nothing is recorded yet."
        return
    for patient in record["patients"]:
        yield from _patient(patient)
    if record["suppressed"]:
        yield f"Not to be texted: {', '.join(record['suppressed'])}"
    yield from _list("Messages", [_message(item) for item in record["messages"]])
    yield from _list("Events", [f"{item['at'][:19]}  {item['action']}" for item in record["events"]])


def _patient(patient: Json) -> Iterator[str]:
    consent = patient["consent"]
    decided = "not asked or not answered" if consent is None else "granted" if consent["granted"] else "declined"
    yield f"Patient {patient['id']}, language {patient['language'] or 'not known'}, consent {decided}"
    for screening in patient["screenings"]:
        yield from _screening(screening)
    yield from _list("Referrals", [line for each in patient["referrals"] for line in _referral(each)])
    yield from _list("Escalations", [f"{e['kind']} ({e['urgency']}, {e['state']})" for e in patient["escalations"]])
    yield from _list("Follow-ups", [f"{f['due_at'][:19]}  {f['kind']} ({f['state']})" for f in patient["followups"]])


def _screening(screening: Json) -> Iterator[str]:
    of_all = f" of {screening['questions']}" if screening["questions"] else ""
    yield f"{screening['title']}: {screening['state']}, {screening['answered']}{of_all} answered"
    for answer in screening["answers"]:
        codes = " ".join(code for code in (answer["code"], answer["value_code"]) if code)
        yield f"  {answer['question']}"
        yield f"    {answer['value']}" + (f"  [{codes}]" if codes else "")
    for name, score in screening["scores"].items():
        yield f"  score {name}: {'unknown' if score['value'] is None else score['value']}"
    for need in screening["needs"]:
        yield f"  {need['domain']}: {_found(need['positive'])}"


def _referral(referral: Json) -> Iterator[str]:
    told = "the place is told" if referral["shared"] else "nothing is shared"
    yield f"{referral['place']}, for {referral['need']}: {referral['state']} ({told})"
    for event in referral["events"]:
        yield f"  {event['at'][:19]}  {event['source']}: {event['word']}"


def _found(positive: bool | None) -> str:
    return "not known" if positive is None else "need" if positive else "no need"


def _message(item: Json) -> str:
    error = f" {item['error_code']}" if item["error_code"] else ""
    return f"{item['at'][:19]}  {item['purpose']}: {item['status']}{error}, {item['segments']} segment(s)"


def _list(title: str, lines: list[str]) -> Iterator[str]:
    if lines:
        yield f"{title}:"
        yield from (f"  {line}" for line in lines)
