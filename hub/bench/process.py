"""Contestants as processes: started, asked to end, and never left behind."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import select
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from hub.bench.contestant import Contestant
from hub.bench.contestants.place import environment
from hub.bench.world import World
from hub.data_folder import OperatorError

START_SECONDS = 60.0
END_SECONDS = 10.0
ROOT = Path(__file__).parent.parent.parent


class ContestantError(OperatorError):
    """A contestant did not start, or gave an answer that cannot be measured. The message says which and why."""


@dataclasses.dataclass(frozen=True)
class Running:
    """A contestant that answers on a port."""

    contestant: Contestant
    port: int
    pid: int


@contextlib.contextmanager
def started(contestant: Contestant, world: World, logs: Path) -> Iterator[Running]:
    """The contestant's process until the block ends. Raises ContestantError with the end of its log."""
    log = logs / f"{contestant.name}.log"
    given = {**os.environ, **environment(world), **contestant.environment, "PYTHONUNBUFFERED": "1"}
    with log.open("wb") as errors:
        process = subprocess.Popen(
            contestant.command,
            cwd=ROOT,
            env=given,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            start_new_session=True,
        )
    try:
        port = _ready(process)
        if port is None:
            raise ContestantError(
                f"{contestant.name} did not start:\n{log.read_text(errors='replace')[-2000:]}"
            )
        yield Running(contestant, port, process.pid)
    finally:
        _end(process)


def _ready(process: subprocess.Popen[bytes]) -> int | None:
    """The port of the line `READY <port>`, or None when it does not come."""
    if process.stdout is None:
        return None
    said, deadline = b"", time.monotonic() + START_SECONDS
    while (left := deadline - time.monotonic()) > 0:
        if not select.select([process.stdout], [], [], left)[0]:
            break
        more = os.read(process.stdout.fileno(), 4096)
        said += more
        for line in said.splitlines(keepends=True):
            if line.startswith(b"READY ") and line.endswith(b"\n"):
                return int(line.split()[1])
        if not more:
            break
    return None


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()
