"""``make bench``: what a search for places costs on 2,000 listings, by itself and through the database.

The listings are made from a fixed seed, around three cities, in every need. Processor time is measured, so that other
work on the machine does not count. Results go to ``docs/bench/directory.json``.
"""

from __future__ import annotations

import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from datetime import time as clock_time
from pathlib import Path

from bot.bootstrap import build
from bot.content.directory import load_directory
from bot.core.directory.match import find
from bot.core.directory.needs import DOMAINS
from bot.core.directory.service import Address, Phone, Place, Schedule, Service
from bot.core.directory.wish import Wish
from bot.directory.searching import search
from bot.directory.zip_book import ZipBook, open_zip_book
from bot.local_keys import with_keys
from bot.settings import Settings
from bot.store import directory
from bot.store.database import upgrade

RESULTS = Path(__file__).parents[2] / "docs" / "bench" / "directory.json"
LISTINGS, RUNS = 2000, 200
BARS = {"find_ms": 20.0, "search_ms": 20.0}
ZIPS = ("43215", "60608", "79901")
AT = datetime(2026, 3, 3, 15, 0, tzinfo=UTC)


def main() -> int:
    """Measure, print, keep; 1 when a bar is not met."""
    with tempfile.TemporaryDirectory() as folder:
        settings = with_keys(Settings.from_env({"BOT_SIMULATOR": "1", "BOT_DATA_DIR": folder}))
        figures = _measure(settings)
    results = {"listings": LISTINGS, **figures, "bars": BARS}
    RESULTS.write_text(json.dumps(results, indent=1) + "\n")
    sys.stdout.write(json.dumps(results, indent=1) + "\n")
    return int(any(figures[name] > bar for name, bar in BARS.items()))


def _measure(settings: Settings) -> dict[str, float]:
    deps = build(settings)
    upgrade(deps.db.engine)
    book, rules = open_zip_book(), load_directory(settings.content_dir).rules
    services = list(_services(random.Random(4), book))
    with deps.db.write() as tx:
        for start in range(0, LISTINGS, directory.BATCH):
            batch = services[start : start + directory.BATCH]
            directory.write(tx, [directory.encode(service) for service in batch], "bench")
    wishes = [Wish((need,), AT, zip=code, language="es", safe_contact=True) for need in DOMAINS for code in ZIPS]
    alone = _typical(lambda wish: find(services, wish, rules, book), wishes)
    with deps.db.read() as tx:
        stored = _typical(lambda wish: search(settings, tx, wish), wishes)
    deps.db.engine.dispose()
    return {"find_ms": alone[0], "find_worst_ms": alone[1], "search_ms": stored[0], "search_worst_ms": stored[1]}


def _typical(work: Callable[[Wish], object], wishes: list[Wish]) -> tuple[float, float]:
    """The median and the 99th percentile, in milliseconds."""
    costs = []
    for run in range(RUNS):
        begun = time.thread_time()
        work(wishes[run % len(wishes)])
        costs.append((time.thread_time() - begun) * 1000)
    return round(statistics.median(costs), 2), round(sorted(costs)[int(RUNS * 0.99)], 2)


def _services(chance: random.Random, book: ZipBook) -> Iterator[Service]:
    for number in range(LISTINGS):
        home = book(chance.choice(ZIPS))
        assert home is not None
        days = tuple(sorted(chance.sample(range(7), chance.randint(1, 6))))
        hours = Schedule(
            "WEEKLY", days, opens=clock_time(chance.randint(6, 12)), closes=clock_time(chance.randint(13, 21))
        )
        place = Place(
            id=str(number),
            address=Address(f"{number} Elm St", home.city, home.state, home.zip),
            latitude=home.latitude + chance.gauss(0, 0.1),
            longitude=home.longitude + chance.gauss(0, 0.1),
            state=home.state,
            timezone=home.timezone,
        )
        yield Service(
            id=f"res_{number}",
            source="bench",
            external_id=str(number),
            name=f"Place {number}",
            description="Words about a place. " * 20,
            phones=(Phone("+16145550134"),),
            places=(place,),
            schedules=(hours,),
            languages=chance.choice(((), ("en",), ("en", "es"))),
            is_free=chance.choice((True, None)),
            verified_on=date(2026, chance.randint(1, 2), 1),
            needs={need: chance.randint(1, 3) for need in chance.sample(DOMAINS, 3)},
        )


if __name__ == "__main__":
    sys.exit(main())
