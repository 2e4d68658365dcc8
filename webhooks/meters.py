"""What ``/metrics`` tells: this process's counters, and what the database knows. Labels are codes, never people."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from webhooks import spool
from webhooks.backlog import Backlog, read_backlog
from webhooks.faults import describe

if TYPE_CHECKING:
    from bot.bootstrap import Deps

_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_.:\-]{0,79}|\d{3,5}")
_log = logging.getLogger(__name__)


class Meters:
    """One app's metrics, in a registry of its own."""

    def __init__(self, deps: Deps) -> None:
        """Counts from zero; the rest is read when somebody asks."""
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "followthrough_webhook_requests",
            "Webhook requests by route and what became of them.",
            ["route", "outcome"],
            registry=self._registry,
        )
        self._registry.register(_FromDatabase(deps))

    def count(self, route: str, outcome: str) -> None:
        """One more request to ``route`` with this outcome; both are words of this code."""
        self._requests.labels(route, outcome).inc()

    def page(self) -> bytes:
        """The Prometheus text. Never raises for a database that is away: it is then told without its part."""
        return generate_latest(self._registry)


class _FromDatabase(Collector):
    """Read at each scrape, so that every web process tells the same."""

    def __init__(self, deps: Deps) -> None:
        self._deps = deps

    def describe(self) -> Iterable[GaugeMetricFamily]:
        """Nothing ahead: registering must not read the database."""
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The gauges, fewer when the database is away."""
        yield _gauge("spool_files", "Requests that wait on this machine's disk.", spool.count(self._deps))
        yield _gauge("spool_set_aside_files", "Spooled files for a person to see.", spool.count_set_aside(self._deps))
        backlog = self._backlog()
        yield _gauge("database_up", "1 when the database could be read.", int(backlog is not None))
        if backlog is not None:
            yield from _gauges(backlog)

    def _backlog(self) -> Backlog | None:
        try:
            with self._deps.db.read() as tx:
                return read_backlog(tx)
        except Exception as error:
            _log.warning("backlog_not_read error=%s", describe(error))
            return None


def _gauges(backlog: Backlog) -> Iterator[GaugeMetricFamily]:
    yield _by("inbound_rows", "Inbound rows by state.", "state", backlog.inbound)
    yield _by("inbound_outcomes", "Inbound rows by what the turn did.", "outcome", backlog.inbound_outcomes)
    yield _by("messages", "Messages to patients by state.", "state", backlog.messages)
    yield _by("messages_held", "Messages that wait because of an error of Twilio.", "error_code", backlog.held)
    yield _by("escalations_open", "Escalations not resolved yet.", "urgency", backlog.open_escalations)
    yield _by("alerts", "Alerts to people on call by state.", "state", backlog.alerts)
    yield _gauge("alerts_failing", "Alerts of open cases that failed, or wait after a failure.", backlog.alerts_failing)
    yield _gauge("cases_unheard", "Open cases that cannot wait and nobody could be told of.", backlog.cases_unheard)
    yield _gauge("unclaimed_oldest_seconds", "Age of the oldest such case nobody claimed.", backlog.unclaimed_oldest)
    yield _gauge("on_call_people", "How many people are on call.", backlog.on_call)
    yield _gauge("receipts_waiting", "Delivery receipts not applied yet.", backlog.waiting_receipts)
    yield _gauge("inbound_oldest_seconds", "Age of the oldest unfinished inbound row.", backlog.inbound_oldest)
    yield _gauge("outbox_oldest_seconds", "Age of the oldest message not handed over.", backlog.outbox_oldest)


def _gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"followthrough_{name}", text, value=value)


def _by(name: str, text: str, label: str, counts: Mapping[str, int]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"followthrough_{name}", text, labels=[label])
    other = 0
    for code, count in sorted(counts.items()):
        if _CODE.fullmatch(code):
            family.add_metric([code], count)
        else:
            other += count
    if other:
        family.add_metric(["other"], other)
    return family
