"""From slots to figures: medians, spreads, ratios."""

from __future__ import annotations

import dataclasses
import math
import statistics
from collections.abc import Sequence


@dataclasses.dataclass(frozen=True)
class Slot:
    """What one slot of one contestant came to. Milliseconds of processor time are those of one request."""

    per_second: float
    p50_ms: float
    p99_ms: float
    server_cpu_ms: float
    database_cpu_ms: float
    others_busy: float
    """The share of the machine that neither contestant, database nor client used meanwhile."""


@dataclasses.dataclass(frozen=True)
class Spread:
    """The median of some runs, and between what they lay."""

    median: float
    least: float
    most: float


def spread(values: Sequence[float]) -> Spread:
    """The spread of one or more values."""
    return Spread(statistics.median(values), min(values), max(values))


def quantile(ordered: Sequence[float], part: float) -> float:
    """The value that this part of the ordered ones does not exceed (nearest rank)."""
    return ordered[max(0, math.ceil(part * len(ordered)) - 1)]


def ratios(ours: Sequence[float], theirs: Sequence[float]) -> Spread:
    """Ours by theirs, run by run: what stood side by side is compared."""
    return spread([our / their for our, their in zip(ours, theirs, strict=True)])


def slot(
    latencies: Sequence[float],
    seconds: float,
    count: int,
    *,
    server_seconds: float,
    database_seconds: float,
    others_busy: float = 0.0,
) -> Slot:
    """A slot from what was measured in it.

    `count`: of the answers; a generator that makes up for answers it could not ask for meanwhile tells more latencies.
    """
    ordered = sorted(latencies)
    return Slot(
        count / seconds,
        quantile(ordered, 0.5) * 1000,
        quantile(ordered, 0.99) * 1000,
        server_seconds * 1000 / count,
        database_seconds * 1000 / count,
        others_busy,
    )
