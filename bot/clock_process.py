"""``bot clock``: looks at regular intervals for what has fallen due. Two of them are harmless.

Intervals are in machine time, also where the clock is virtual: moving that clock releases by itself.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from bot.bootstrap import Deps
from bot.importing import write_accepted
from bot.on_call.alerting import TOPIC, send_alerts
from bot.processes import settle_memory, stop_on_signal
from bot.referrals.sending import send_deliveries
from bot.release import release_due
from bot.sending.receipts import apply_waiting
from webhooks.spool import take_in

log = logging.getLogger(__name__)

# What is done, and every how many seconds.
JOBS: tuple[tuple[Callable[[Deps], object], float], ...] = (
    (release_due, 1.0),  # follow-ups that fell due become rows to take a turn on
    (send_alerts, 1.0),  # cases that cannot wait are told to whoever is on call
    (send_deliveries, 1.0),  # partners and staff are told of referrals and visits
    (write_accepted, 2.0),  # patient lists that were accepted are written
    (apply_waiting, 2.0),  # receipts that came before their message was known
    (take_in, 2.0),  # messages that came while the database was away
)


def run(deps: Deps) -> int:
    """Run the jobs until SIGTERM or SIGINT; the exit code."""
    stop = threading.Event()
    stop_on_signal(stop)
    running = scheduler(deps)
    settle_memory()
    running.start()
    log.info("clock_started")
    while not stop.is_set():
        if deps.wakeups.wait(TOPIC, 1.0):
            running.add_job(_guarded(send_alerts), args=[deps], id="woken", replace_existing=True)
    running.shutdown(wait=True)
    log.info("clock_stopped")
    return 0


def scheduler(deps: Deps) -> BackgroundScheduler:
    """A scheduler with the jobs in it, not started. A job never runs twice at once, and a late one runs once."""
    made = BackgroundScheduler(
        executors={"default": ThreadPoolExecutor(len(JOBS))},
        job_defaults={"max_instances": 1, "coalesce": True, "misfire_grace_time": None},
        timezone="UTC",
    )
    for job, seconds in JOBS:
        made.add_job(_guarded(job), "interval", args=[deps], seconds=seconds, id=job.__name__)
    return made


def _guarded(job: Callable[[Deps], object]) -> Callable[[Deps], None]:
    """The job, with its failure logged: the next interval tries again."""

    def run(deps: Deps) -> None:
        try:
            job(deps)
        except Exception:
            log.exception("job_failed name=%s", job.__name__)

    return run
