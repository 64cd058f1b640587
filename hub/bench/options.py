"""What `hub bench` is asked to do."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

from hub.bench.slots import Pace
from hub.data_folder import OperatorError

QUICK = Pace(seconds=0.4, warm_up_seconds=0.2, runs=2, idle_seconds=0.5)
MOST_CLIENTS = 256


@dataclasses.dataclass(frozen=True)
class Options:
    """What to measure, on what, and where to write it; lists as the command line has them, by comma."""

    scale: str = "bench"
    world: Path | None = None
    only: str = ""
    reads: str = ""
    concurrency: str = "1,16,64"
    runs: int = 3
    quick: bool = False
    out: Path | None = None
    reads_only: bool = False

    @property
    def pace(self) -> Pace:
        """How long and how often."""
        return QUICK if self.quick else Pace(runs=self.runs)

    @property
    def clients(self) -> list[int]:
        """How many at a time. Raises OperatorError."""
        counts = [int(part) for part in parts(self.concurrency) if part.isdecimal()]
        if not counts or len(counts) != len(parts(self.concurrency)) or not 0 < max(counts) <= MOST_CLIENTS:
            raise OperatorError(f"--concurrency takes numbers from 1 to {MOST_CLIENTS}, by comma.")
        return counts


def parts(text: str) -> list[str]:
    """The parts of a list by comma."""
    return [part.strip() for part in text.split(",") if part.strip()]


def chosen(text: str, names: Sequence[str], what: str) -> list[str]:
    """The names of a list by comma, in the order of `names`; all of them for an empty one. Raises OperatorError."""
    asked = parts(text)
    if unknown := sorted(set(asked) - set(names)):
        raise OperatorError(f"There is no {what} {', '.join(unknown)}. Choose among: {', '.join(names)}.")
    return [name for name in names if not asked or name in asked]
