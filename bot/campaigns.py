"""Outreach: invites patients whom a clinic names, spread over the hours in which each may be texted.

A campaign is a row for each patient and one follow-up each, which :mod:`bot.release` puts to the gate when it falls
due. Called by the clinic API and the command line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from bot.bootstrap import Deps
from bot.content.policy import load_policy
from bot.core.callbacks import RESCREENING
from bot.core.gate import GateFacts, earliest, may_send
from bot.core.hours import Recipient
from bot.core.spread import NextAllowed, Spread
from bot.invitations import INVITATION, Proposal, gather_facts
from bot.recipients import place
from bot.release import LOOK_AGAIN, PASSING, release_due
from bot.store import audit, campaigns, enrolling, patients
from bot.store.database import Database, Transaction
from bot.store.enrolling import Invited, Known
from bot.store.eventful import eventful

# One invitation takes about so many segments: what the rate of the sender is divided by.
SEGMENTS = 2
CHUNK = 500
PHONE_BUSY = "phone_busy"


@dataclass(frozen=True)
class Outreach:
    """What a clinic asks for: whom to invite to which instrument, and from when on (aware)."""

    name: str
    kind: str
    instrument: str
    channel: str
    patients: tuple[str, ...]
    start_at: datetime


@dataclass(frozen=True)
class Forecast:
    """What would become of one patient's invitation at ``at``; ``reason`` is ``None`` when it would go out.

    ``phone_id`` is the phone to which it would go.
    """

    patient_id: str
    at: datetime
    reason: str | None
    phone_id: str | None = None


class UnknownPatients(ValueError):
    """Some of the patients do not exist. ``positions`` are their places in the list, from 0."""

    def __init__(self, positions: tuple[int, ...]) -> None:
        super().__init__(f"{len(positions)} of the patients are not known")
        self.positions = positions


def create_campaign(deps: Deps, outreach: Outreach, actor: str) -> str:
    """Start a campaign and send what is due at once; gives its id. Raises :class:`UnknownPatients`."""
    with deps.db.write() as tx:
        campaign_id = plan_campaign(tx, outreach, actor, deps.settings.send_rate)
    release_due(deps)
    return campaign_id


def plan_campaign(tx: Transaction, outreach: Outreach, actor: str, send_rate: float) -> str:
    """Write a campaign down, with a follow-up for each patient; gives its id. Raises :class:`UnknownPatients`.

    The follow-ups are spread over the allowed hours, as many a minute as ``send_rate`` (segments a second) takes.
    """
    refuse_unknown(tx, outreach.patients)
    campaign_id = begin(tx, outreach, actor, len(set(outreach.patients)))
    spread = spread_from(outreach.start_at, tx.now(), send_rate)
    for chunk in chunks(dict.fromkeys(outreach.patients)):
        enrol_chunk(tx, campaign_id, outreach.kind, outreach.instrument, chunk, spread)
    return campaign_id


def begin(tx: Transaction, outreach: Outreach, actor: str, patients: int, state: str = "running") -> str:
    """The campaign itself, with nobody in it yet; gives its id."""
    campaign_id = campaigns.create(
        tx,
        name=outreach.name,
        kind=outreach.kind,
        instrument=outreach.instrument,
        channel=outreach.channel,
        start_at=outreach.start_at,
        created_by=actor,
        state=state,
    )
    audit.record(tx, actor, "campaign_created", "campaign", campaign_id, patients=patients)
    return campaign_id


def spread_from(start_at: datetime, now: datetime, send_rate: float) -> Spread:
    """How invitations are spread from ``start_at`` on, or from now when that is past."""
    return Spread(max(start_at, now), send_rate * 60 / SEGMENTS)


def enrol_chunk(
    tx: Transaction, campaign_id: str, kind: str, instrument: str, ids: Sequence[str], spread: Spread
) -> int:
    """Enrol known patients, each planned for its minute, or held with what the gate says; gives how many are new.

    A ``rescreening`` opens with its own words: it asks what has changed.
    """
    guard = {"instrument": instrument, **({"opening": RESCREENING} if kind == RESCREENING else {})}
    since = tx.now() - load_policy().cadence.screened_recently
    known = enrolling.known(tx, ids, since)
    invited = [_planned(known[each], spread) for each in ids if each in known]
    return enrolling.enrol(tx, campaign_id, INVITATION, guard, invited)


def resume_campaign(db: Database, send_rate: float, campaign_id: str, actor: str) -> None:
    """Let a paused campaign go on; nothing for one that runs. Raises NotFound and ``WrongState``."""
    with db.write() as tx:
        resumed = campaigns.get(tx, campaign_id).state != "running"
        if resumed:
            change_state(tx, campaign_id, "running", actor)
    if resumed:
        spread_anew(db, send_rate, campaign_id)


def go_on(deps: Deps, campaign_id: str) -> None:
    """After a resume: what is due by then goes out at once."""
    spread_anew(deps.db, deps.settings.send_rate, campaign_id)
    release_due(deps)


def spread_anew(db: Database, send_rate: float, campaign_id: str) -> None:
    """Who still waits is spread from now on, or from the campaign's start when that is to come."""
    with db.read() as tx:
        start_at, now = campaigns.get(tx, campaign_id).start_at, tx.now()
    spread = spread_from(start_at, now, send_rate)
    after: str | None = ""
    while after is not None:
        with db.write() as tx:
            after = _respread(tx, campaign_id, spread, after)


def pause_campaign(db: Database, campaign_id: str, actor: str) -> None:
    """Nothing more goes out until it is resumed. Raises NotFound and ``WrongState``."""
    with db.write() as tx:
        change_state(tx, campaign_id, "paused", actor)


def cancel_campaign(db: Database, campaign_id: str, actor: str) -> None:
    """Nothing more goes out, ever; what was sent goes on. Raises NotFound and ``WrongState``."""
    with db.write() as tx:
        change_state(tx, campaign_id, "cancelled", actor)
    drop_waiting(db, campaign_id)


def drop_waiting(db: Database, campaign_id: str) -> None:
    """After a cancellation: who waits shows it at once."""
    after: str | None = ""
    while after is not None:
        with db.write() as tx:
            ids = [each for each, _ in enrolling.waiting(tx, campaign_id, after, CHUNK)]
            enrolling.end(tx, INVITATION, ids, "campaign_cancelled")
            after = ids[-1] if ids else None


def change_state(tx: Transaction, campaign_id: str, state: str, actor: str) -> None:
    """Run, pause or cancel. Raises NotFound and ``WrongState``."""
    campaigns.set_state(tx, campaign_id, state)
    audit.record(tx, actor, f"campaign_{state}", "campaign", campaign_id)


def _respread(tx: Transaction, campaign_id: str, spread: Spread, after: str) -> str | None:
    """The next enrolments that wait get a new time each; the last of them, None when there are no more."""
    waiting = enrolling.waiting(tx, campaign_id, after, CHUNK)
    since = tx.now() - load_policy().cadence.screened_recently
    known = enrolling.known(tx, [patient_id for _, patient_id in waiting], since)
    for enrolment_id, patient_id in waiting:
        planned = _planned(known[patient_id], spread)
        if planned.reason is None:
            enrolling.reschedule(tx, INVITATION, enrolment_id, planned.due_at)
    return waiting[-1][0] if waiting else None


def forecast(tx: Transaction, outreach: Outreach, send_rate: float) -> list[Forecast]:
    """What the campaign would do with each patient as things stand now. Changes nothing.

    Raises :class:`UnknownPatients`, as the campaign itself would.
    """
    refuse_unknown(tx, outreach.patients)
    spread = spread_from(outreach.start_at, tx.now(), send_rate)
    since = tx.now() - load_policy().cadence.screened_recently
    return one_to_a_phone(
        each
        for chunk in chunks(dict.fromkeys(outreach.patients))
        for each in foresee(tx, _in_order(enrolling.known(tx, chunk, since), chunk), spread)
    )


def chunks(ids: Iterable[str], size: int = CHUNK) -> Iterator[list[str]]:
    """The ids in lists of at most ``size``."""
    rest = iter(ids)
    while chunk := list(islice(rest, size)):
        yield chunk


def refuse_unknown(tx: Transaction, patient_ids: tuple[str, ...]) -> None:
    """Raises :class:`UnknownPatients`."""
    there = {known for chunk in chunks(patient_ids) for known in patients.existing(tx, chunk)}
    unknown = tuple(i for i, patient_id in enumerate(patient_ids) if patient_id not in there)
    if unknown:
        raise UnknownPatients(unknown)


def _in_order(known: dict[str, Known], ids: list[str]) -> list[Known]:
    return [known[each] for each in ids]


def _planned(known: Known, spread: Spread) -> Invited:
    """The gate, as far as it can be asked for many at once; the rest is asked when the invitation falls due."""
    facts = _facts(known)
    at = _slot(facts, spread, spread.next_slot) or spread.start
    decision = may_send(_then(facts, known, at), INVITATION, at, load_policy())
    if decision.allowed or decision.retry_at is not None:
        return Invited(known.patient_id, _slot(facts, spread, spread.slot) or at)
    held = Invited(known.patient_id, spread.start + LOOK_AGAIN, "held", decision.reason)
    return held if decision.reason in PASSING else replace(held, dropped=True)


def _facts(known: Known) -> GateFacts:
    return GateFacts(
        consent=known.consent,
        suppressions=known.suppressions,
        textable=known.address is not None,
        recipient=_recipient(known),
    )


def _then(facts: GateFacts, known: Known, at: datetime) -> GateFacts:
    """What is known now, as it counts when it is sent: the window after a screening may be over by then."""
    window = load_policy().cadence.screened_recently
    return replace(facts, screened_recently=known.screened_at is not None and known.screened_at >= at - window)


def _recipient(known: Known) -> Recipient | None:
    if known.address is None:
        return None
    return place(known.timezone, known.profile.zip, known.address, load_policy())


def _slot(facts: GateFacts, spread: Spread, give: Callable[[str, NextAllowed], datetime | None]) -> datetime | None:
    """A time of the spread, taken or only looked at, as ``give`` does; None where there is no phone."""
    where = facts.recipient
    if where is None:
        return None
    group = f"{','.join(sorted(where.zones))} {','.join(sorted(where.states))}"
    return give(group, lambda at: earliest(facts, INVITATION, at, load_policy()))


def foresee(tx: Transaction, many: Sequence[Known], spread: Spread) -> Iterator[Forecast]:
    """What would become of the invitation of each; of several who share a phone see :func:`one_to_a_phone`."""
    ids, phone_ids = [each.patient_id for each in many], [each.phone_id for each in many if each.phone_id]
    lively = eventful(tx, ids, phone_ids, tx.now())
    for known in many:
        planned = _planned(known, spread)
        if planned.reason is None and known.patient_id in lively:
            yield _looked_up(tx, known, planned)
        else:
            yield Forecast(known.patient_id, planned.due_at, planned.reason, known.phone_id)


def _looked_up(tx: Transaction, known: Known, planned: Invited) -> Forecast:
    gathered = gather_facts(tx, Proposal(known.patient_id), planned.due_at)
    asked = _facts(known)
    facts = replace(gathered, consent=asked.consent, textable=asked.textable, recipient=asked.recipient)
    decision = may_send(facts, INVITATION, planned.due_at, load_policy())
    reason = None if decision.allowed or decision.retry_at is not None else decision.reason
    return Forecast(known.patient_id, decision.retry_at or planned.due_at, reason, known.phone_id)


def one_to_a_phone(foreseen: Iterable[Forecast]) -> list[Forecast]:
    """The same, in the same order, but of several who share a phone only the one whose time comes first is texted.

    Of two at the same time it is the one before, as when they are released.
    """
    found = list(foreseen)
    taken: set[str] = set()
    for place_in_list, each in sorted(enumerate(found), key=lambda numbered: numbered[1].at):
        if each.reason is not None or each.phone_id is None:
            continue
        if each.phone_id in taken:
            found[place_in_list] = replace(each, reason=PHONE_BUSY)
        taken.add(each.phone_id)
    return found
