"""Takes the steps of every open case that cannot wait: who is told now, and when the next step is.

Called by the clock every second, and at once when a turn has opened such a case. Any number may run beside each
other: a step is taken by whoever is first. It never gives up: a case that nobody claims is told for ever.
"""

from __future__ import annotations

import logging
import os
from datetime import timedelta

from bot.bootstrap import Deps
from bot.core.on_call import line_up, pick
from bot.on_call.sending import AlertSender
from bot.store import alerts, on_call
from bot.store.alerts import Plan
from bot.store.database import Transaction
from bot.store.on_call import Person

log = logging.getLogger(__name__)

TOPIC = "alerts"
BATCH = 50
# With nobody to tell, somebody may be put on call any minute.
LOOK_AGAIN = timedelta(minutes=1)


def send_alerts(deps: Deps) -> int:
    """Take every step that is due, then send what is to be sent; how many steps and notices were dealt with."""
    taken = _take_steps(deps)
    sender = AlertSender(deps, f"{os.uname().nodename}:{os.getpid()}:{deps.new_id('alerts')}")
    return taken + sum(1 for _ in iter(sender.send_one, False))


def _take_steps(deps: Deps) -> int:
    with deps.db.read() as tx:
        due_at = alerts.next_due(tx)
        if due_at is None or due_at > tx.now():
            return 0
    with deps.db.write() as tx:
        alerts.end_settled(tx)
        plans = alerts.due(tx, BATCH)
        people = on_call.everybody(tx) if plans else []
        for plan in plans:
            _take_step(deps, tx, plan, people)
        alerts.drop_unwanted(tx)
    return len(plans)


def _take_step(deps: Deps, tx: Transaction, plan: Plan, people: list[Person]) -> None:
    cadence = deps.content.on_call.cadences[plan.urgency]
    now = tx.now()
    step = cadence.latest(plan.step, now - plan.since)
    told = pick(line_up(people, plan.clinic, now), cadence.places(step))
    reached = [(person, channel) for person in told for channel in channels(deps, person)]
    next_at = max(plan.since + cadence.due(step + 1), now)
    if not reached:
        # The same step again soon: nobody has heard of it.
        log.critical("nobody_on_call escalation=%s urgency=%s", plan.escalation_id, plan.urgency)
        alerts.take_step(tx, plan, step, min(next_at, now + LOOK_AGAIN), heard=False)
        return
    if alerts.take_step(tx, plan, step + 1, next_at, heard=True):
        for person, channel in reached:
            alerts.put(tx, plan.escalation_id, person.id, "alert", plan.taken + 1, channel)


def channels(deps: Deps, person: Person) -> list[str]:
    """By what a person can be told: text, mail, or both."""
    by_mail = ["mail"] if person.mail and deps.mail is not None else []
    return (["text"] if person.phone else []) + by_mail
