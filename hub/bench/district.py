"""The report of a whole district over a year, as its auditor asks it: street by street, shared out among requests that
are sent at once, of which each takes at most as many streets as it may have root fields.
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
import statistics
import time
from collections.abc import Sequence
from uuid import UUID

from hub.base.limits import DOCUMENT_LIMITS
from hub.bench import load
from hub.bench.process import ContestantError, Running
from hub.bench.queries import REPORTED
from hub.bench.world import World, busiest_district

AT_ONCE = 2


@dataclasses.dataclass(frozen=True)
class District:
    """How many streets the busiest district has, and how long its report took: the median."""

    streets: int
    milliseconds: float


async def measured(running: Running, world: World, runs: int) -> District | None:
    """Ask so many times after once for practice; None in a world that nobody audits. Raises ContestantError."""
    found = await busiest_district(world)
    if found is None:
        return None
    asking, streets = found
    days = {"from": world.facts.year_from.isoformat(), "to": world.facts.today.isoformat()}
    requests = [
        load.request(running.port, text(part), days, asking.token, asking.membership)
        for part in parts(streets)
    ]
    taken = [await _asked(running.port, requests) for _ in range(runs + 1)]
    return District(len(streets), statistics.median(taken[1:]))


def parts(streets: Sequence[UUID]) -> list[Sequence[UUID]]:
    """The streets, shared out among requests."""
    most = DOCUMENT_LIMITS.root_fields
    count = max(AT_ONCE, -(-len(streets) // most))
    return [part for place in range(count) if (part := streets[place::count])]


def text(streets: Sequence[UUID]) -> str:
    """One request for all of them."""
    fields = (
        f'street{number}: stationReport(from: $from, to: $to, street: "street_{street}") {{ ...Reported }}'
        for number, street in enumerate(streets)
    )
    return (
        f"query DistrictReport($from: Date!, $to: Date!) {{ {' '.join(fields)} }}"
        f" fragment Reported on StationReport {REPORTED}"
    )


async def _asked(port: int, requests: Sequence[bytes]) -> float:
    """Milliseconds until the last answer."""
    began = time.perf_counter()
    bodies = await asyncio.gather(*(load.once(port, sent) for sent in requests))
    taken = (time.perf_counter() - began) * 1000
    for body in bodies:
        answer = json.loads(body)
        if answer.get("errors") or None in answer["data"].values():
            raise ContestantError(f"the district's report was answered with {body[:800]!r}")
    return taken
