"""``make bench``: what a release of due rows costs with few and with many rows that fall due later.

Due rows pass the whole gate and become rows to take a turn on. Processor time is measured, so that other work on the
machine does not count. Results go to ``docs/bench/clock.json``; smaller numbers may be given for a try.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import text

from bot.bootstrap import Deps, build
from bot.local_keys import with_keys
from bot.release import release_due
from bot.settings import Settings
from bot.store import followups, people_in_bulk, tables
from bot.store.database import Transaction, upgrade
from bot.store.patients import Profile
from bot.store.people_in_bulk import Newcomer
from bot.store.rows import insert_rows

RESULTS = Path(__file__).parents[2] / "docs" / "bench" / "clock.json"
FEW, MANY, DUE, RUNS = 1_000, 1_000_000, 200, 5
MOST_RATIO = 1.5
CHUNK = 10_000
OWNERS = 500


def main(many: int = MANY) -> int:
    """Measure, print, keep; 1 when the bar is not met."""
    results: dict[str, object] = {"due_rows": DUE, "runs": RUNS}
    costs: dict[int, float] = {}
    for future in (FEW, many):
        with tempfile.TemporaryDirectory() as folder:
            costs[future], idle = _measure(folder, future)
        results[f"{future} rows later"] = {"ms_for_one_due_row": round(costs[future], 3), "ms_idle": round(idle, 3)}
    ratio = round(costs[many] / costs[FEW], 2)
    results |= {"ratio": ratio, "most": MOST_RATIO}
    shown = json.dumps(results, indent=1)
    sys.stdout.write(shown + "\n")
    if many == MANY:
        RESULTS.write_text(shown + "\n")
    return int(ratio > MOST_RATIO)


def _measure(folder: str, future: int) -> tuple[float, float]:
    """Milliseconds a due row, and for a look when nothing is due; medians."""
    deps = build(with_keys(Settings.from_env({"BOT_SIMULATOR": "1", "BOT_DATA_DIR": folder})))
    upgrade(deps.db.engine)
    with deps.db.write() as tx:
        _people(tx, "later", OWNERS)
        _people(tx, "due", DUE * RUNS)
    for start in range(0, future, CHUNK):
        with deps.db.write() as tx:
            insert_rows(tx, tables.FollowUp, list(_later(tx, start, min(CHUNK, future - start))))
    with deps.db.write() as tx:
        tx.session.execute(text("ANALYZE"))
    found = [_release(deps, run) for run in range(RUNS)]
    idle = statistics.median(_cost(deps) for _ in range(RUNS))
    deps.db.engine.dispose()
    return statistics.median(found), idle


def _release(deps: Deps, run: int) -> float:
    with deps.db.write() as tx:
        for number in range(run * DUE, (run + 1) * DUE):
            followups.plan(tx, f"due-{number}", "resume_screening", tx.now(), {}, f"due:{number}")
    cost = _cost(deps)
    with deps.db.read() as tx:
        last = followups.list_for_patient(tx, f"due-{run * DUE}", None, 1).items[0]
    assert last.state == "sent", last.reason
    return cost / DUE


def _cost(deps: Deps) -> float:
    begun = time.thread_time()
    release_due(deps)
    return (time.thread_time() - begun) * 1000


def _people(tx: Transaction, name: str, count: int) -> None:
    """Patients who agreed, where it is noon, so that the gate lets their follow-ups pass."""
    zone = f"Etc/GMT{tx.now().hour - 12:+d}"
    own = {"language": "en", "timezone": zone, "clinic": None, "proxy": False}
    area = 456 if name == "due" else 457
    agreed = (True, "bench", tx.now())
    people_in_bulk.insert(
        tx, [Newcomer(f"{name}-{n}", Profile(), f"+1202{area}{n:04}", own, agreed) for n in range(count)]
    )


def _later(tx: Transaction, start: int, count: int) -> Iterator[dict[str, object]]:
    first = datetime.now(UTC) + timedelta(days=1)
    for number in range(start, start + count):
        yield {
            "id": f"fu_{number}",
            "patient_id": f"later-{number % OWNERS}",
            "kind": "rescreening",
            "due_at": first + timedelta(minutes=number % 500_000),
            "first_due_at": first,
            "bulk": False,
            "guard": {},
            "dedupe_key": f"later:{number}",
            "state": "planned",
            "created_at": first,
        }


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:2])))
