"""What must hold of a year, worked out anew from what was sent and from the record; nothing of the gate is used."""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import holidays
from sqlalchemy import select

from bot.store import tables
from bot.store.referral_tables import NavigationCase, Need, Referral
from tests.clock.crowd import Home, Household

if TYPE_CHECKING:
    from tests.clock.year import Sent, Year

DAY, WEEK, SOON = timedelta(days=1), timedelta(days=7), timedelta(minutes=5)
ANY_LINK = re.compile(r"https?://\S+")
WISHED = "resume_screening"


@dataclass(frozen=True)
class Unasked:
    """One text that nobody had asked for just then: about whom and what, and which turn said it."""

    text: Sent
    household: Household
    who: str
    kind: str
    turn: str
    followup: str


@dataclass(frozen=True)
class Found:
    """The broken rules by name, one line each; figures of the year; and what tells one year from another."""

    broken: dict[str, list[str]]
    figures: dict[str, Any]
    digest: str


def look_at(year: Year) -> Found:
    """Check everything."""
    unasked = list(_unasked(year))
    broken = {
        "told apart": list(_told_apart(year)),
        "hours": list(out_of_hours(unasked)),
        "caps": list(over_caps(unasked)),
        "opt-outs": list(_after_opt_out(year)),
        "doubled": list(doubled(unasked)),
        "promises": list(_broken_promises(year, unasked)),
        "ends": list(_open_ends(year)),
    }
    figures = {
        "turns": year.turns,
        "texts": len(year.sent),
        "unasked": dict(Counter(each.kind for each in unasked).most_common()),
        "opt_outs": sum(stop for each in year.crowd for _, stop in each.stops),
        "promises": dict(Counter(what for what, _ in _promises(year, unasked))),
        "referrals": _ends(year),
    }
    return Found({rule: lines for rule, lines in broken.items() if lines}, figures, digest(year))


def digest(year: Year, until: datetime | None = None) -> str:
    """The same for two years in which the same was sent to the same at the same time; links differ in every year."""
    sent = [text for text in year.sent if until is None or text.at < until]
    lines = [f"{text.at.isoformat()} {text.number} {ANY_LINK.sub('', text.body)}" for text in sent]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _unasked(year: Year) -> Iterator[Unasked]:
    message, row = tables.Message, tables.Inbound
    query = select(message.twilio_sid, message.patient_id, message.inbound_id, row.detail).join(
        row, row.id == message.inbound_id
    )
    with year.deps.db.read() as tx:
        known = {sid: (who, turn, detail or {}) for sid, who, turn, detail in tx.session.execute(query)}
    for text in year.sent:
        household = year.by_number.get(text.number)
        if household is not None and not text.asked:
            who, turn, detail = known[text.sid]
            kind, followup = detail.get("followup_kind", "nothing"), detail.get("followup_id", "")
            yield Unasked(text, household, who, kind, turn, followup)


def _told_apart(year: Year) -> Iterator[str]:
    """The record knows what was unasked as well as whoever was texted does."""
    with year.deps.db.read() as tx:
        query = select(tables.Message.twilio_sid, tables.Message.proactive)
        proactive = {sid: flag for sid, flag in tx.session.execute(query)}
    for text in year.sent:
        if text.number in year.by_number and proactive[text.sid] is text.asked:
            yield f"{text.at} {text.number}: asked {text.asked}, and the record says otherwise"


def out_of_hours(unasked: list[Unasked]) -> Iterator[str]:
    """What went where it was no time for it."""
    return (_line(each) for each in unasked if not _in_hours(each))


def _in_hours(each: Unasked) -> bool:
    """In every zone in which the phone may be, by what is written down of the home there at that time."""
    home = each.household.home(each.text.at)
    return all(_allowed(each.text.at.astimezone(ZoneInfo(zone)), home, each.kind) for zone in home.zones)


def _allowed(local: datetime, home: Home, kind: str) -> bool:
    if kind == WISHED:
        return 8 <= local.hour < 21
    if local.weekday() == 6 or local.date() in _free_days(home.state, local.year):
        return False
    closes = 18 if local.weekday() < 5 else 12 if home.state == "PA" else 17
    return 10 <= local.hour < closes


@cache
def _free_days(state: str | None, year: int) -> set[Any]:
    return set(holidays.country_holidays("US", subdiv=state, years=year))


def over_caps(unasked: list[Unasked]) -> Iterator[str]:
    """A text in any 24 hours and three in any seven days, to a person and to a phone; a turn may say two."""
    by: dict[str, list[Unasked]] = defaultdict(list)
    for each in {each.turn: each for each in unasked}.values():
        by[each.who].append(each)
        by[each.text.number].append(each)
    for texts in by.values():
        for place, each in enumerate(texts):
            since = [each.text.at - before.text.at for before in texts[:place]]
            if each.kind != WISHED and (any(s < DAY for s in since) or sum(s < WEEK for s in since) >= 3):
                yield _line(each)


def _after_opt_out(year: Year) -> Iterator[str]:
    for text in year.sent:
        household = year.by_number.get(text.number)
        if household is None or not household.opted_out(text.at):
            continue
        yield f"{text.at} {text.number}: {text.body[:60]!r} after an opt-out"


def doubled(unasked: list[Unasked]) -> Iterator[str]:
    """A follow-up is one turn, and nobody is told the same twice in a day but whoever put it off once more."""
    turns: dict[str, str] = {}
    told: dict[tuple[str, str], datetime] = {}
    for each in unasked:
        if turns.setdefault(each.followup, each.turn) != each.turn:
            yield f"{_line(each)}: the same follow-up twice"
        before = told.get((each.text.number, each.text.body))
        if before is not None and each.text.at - before < DAY and not _wished_since(each, before):
            yield f"{_line(each)}: the same words twice in a day"
        told[each.text.number, each.text.body] = each.text.at


def _wished_since(each: Unasked, before: datetime) -> bool:
    """Whether it comes at a time that was asked for after what it repeats had come."""
    return each.kind == WISHED and any(before <= made < each.text.at for made, _ in each.household.promises)


def _promises(year: Year, unasked: list[Unasked]) -> Iterator[tuple[str, str]]:
    """Each promise: kept, or why nothing was to come then, or broken."""
    came = defaultdict(list)
    for each in unasked:
        if each.kind == WISHED:
            came[each.text.number].append(each.text.at)
    for household in year.crowd:
        for made, at in household.promises:
            line = f"{household.number}: {at}, promised at {made}"
            yield _kept(household, made, at, came[household.number]), line


def _kept(household: Household, made: datetime, at: datetime, came: list[datetime]) -> str:
    if any(timedelta(0) <= sent - at <= SOON for sent in came):
        return "kept"
    if household.opted_out(at):
        return "opted out"
    if any(made < wrote <= at for wrote in household.wrote):
        return "came back before"
    local = at.astimezone(ZoneInfo(household.home(at).zones[0]))
    if not 8 <= local.hour < 21:
        return "moved to where it was night"
    return "another on the phone" if len(household.patients) > 1 else "broken"


def _broken_promises(year: Year, unasked: list[Unasked]) -> Iterator[str]:
    return (line for what, line in _promises(year, unasked) if what == "broken")


def _open_ends(year: Year) -> Iterator[str]:
    """Every referral and need and case is closed, with a reason; nothing was given up or waits for ever."""
    now = year.clock.now()
    waits = tables.FollowUp.state.in_(("planned", "held", "sent")) & (tables.FollowUp.due_at < now)
    open_run = (tables.Screening.state == "in_progress") & (tables.Screening.started_at < now - 60 * DAY)
    given_up = tables.Escalation.kind.in_(("message_not_handled", "followup_not_handled"))
    with year.deps.db.read() as tx:
        for model, is_open, shown in (
            (Referral, Referral.closed_at.is_(None) | Referral.state_reason.is_(None), ("patient_id", "state")),
            (Need, Need.closed_at.is_(None) | Need.status.is_(None), ("patient_id", "domain")),
            (NavigationCase, NavigationCase.state == "open", ("patient_id", "opened_at")),
            (tables.Inbound, tables.Inbound.state != "done", ("state", "outcome")),
            (tables.Message, tables.Message.state.in_(("waiting", "claimed", "failed")), ("patient_id", "purpose")),
            (tables.FollowUp, waits, ("patient_id", "kind", "state", "reason", "due_at")),
            (tables.Screening, open_run, ("patient_id", "started_at")),
            (tables.Escalation, given_up, ("patient_id", "kind")),
        ):
            for row in tx.session.execute(select(model).where(is_open)).scalars():
                yield " ".join([model.__tablename__, *(str(getattr(row, name)) for name in ("id", *shown))])


def _ends(year: Year) -> dict[str, int]:
    with year.deps.db.read() as tx:
        rows = tx.session.execute(select(Referral.state, Referral.state_reason))
        return dict(Counter(f"{state} {reason}" for state, reason in rows).most_common())


def _line(each: Unasked) -> str:
    zones = each.household.home(each.text.at).zones
    local = each.text.at.astimezone(ZoneInfo(zones[0]))
    return f"{local:%a %Y-%m-%d %H:%M} {zones[0]} {each.who} {each.kind}: {each.text.body[:50]!r}"
