"""What a hub counts while it works. No label names a person, a reference, an id or anything a client wrote.

The names are part of what an operator builds on: dashboards and alerts. With several serving processes the counters
live in files of the folder PROMETHEUS_MULTIPROC_DIR, which `hub serve --workers` sets; a scrape adds them up.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Mapping

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

FOLDER = "PROMETHEUS_MULTIPROC_DIR"

REQUESTS = Counter("hub_http_requests", "Answered requests", ("route", "status"))
SECONDS = Histogram(
    "hub_http_request_seconds",
    "From the first byte of a request to the last of its answer",
    ("route",),
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5),
)
COMMANDS = Counter(
    "hub_commands", "Commands by what became of them: DONE or a UserErrorCode", ("command", "outcome")
)

HELP: Mapping[str, str] = {
    "hub_outbox_waiting": "Effects that are due and not done",
    "hub_outbox_oldest_seconds": "Age of the oldest of them: grows when no worker runs",
    "hub_outbox_failing": "Of them, those that have failed before",
    "hub_audit_unlinked": "Audit events that the chain does not hold yet",
}
"""What a scrape asks the database for."""


@functools.cache
def _of_request(route: str, status: int) -> tuple[Counter, Histogram]:
    """What counts the requests of a route with a status; kept, since finding it costs more than counting."""
    return REQUESTS.labels(route, str(status)), SECONDS.labels(route)


def count_request(route: str, status: int, seconds: float) -> None:
    """Count an answered request."""
    requests, durations = _of_request(route, status)
    requests.inc()
    durations.observe(seconds)


def exposed(measured: Mapping[str, float]) -> bytes:
    """The metrics in Prometheus' text format: what was counted, and what was just measured in the database."""
    registry = REGISTRY
    if os.environ.get(FOLDER):
        registry = CollectorRegistry()
        MultiProcessCollector(registry)
    # By hand: the library's gauges would be kept in the shared files, one for each process.
    gauges = [
        f"# HELP {name} {HELP[name]}\n# TYPE {name} gauge\n{name} {float(value)}\n"
        for name, value in measured.items()
    ]
    return generate_latest(registry) + "".join(gauges).encode()
