"""What the machine does meanwhile: processor seconds of trees of processes, their memory, and who else is busy."""

from __future__ import annotations

import asyncio
import dataclasses
import os
import platform
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")
PROC = Path("/proc")


@dataclasses.dataclass(frozen=True)
class Stat:
    """A line of /proc/<pid>/stat: parent, processor seconds of its own and of its ended children."""

    parent: int
    own: float
    ended: float


def parsed(line: str) -> Stat:
    """The line as a Stat. The name in it may hold spaces and parentheses; what counts stands after the last one."""
    fields = line.rpartition(")")[2].split()
    user, system, ended_user, ended_system = (int(fields[place]) for place in (11, 12, 13, 14))
    return Stat(int(fields[1]), (user + system) / TICK, (ended_user + ended_system) / TICK)


def snapshot() -> dict[int, Stat]:
    """Every process that can be seen now."""
    found: dict[int, Stat] = {}
    for entry in os.scandir(PROC):
        if entry.name.isdecimal():
            try:
                found[int(entry.name)] = parsed((PROC / entry.name / "stat").read_text())
            except (FileNotFoundError, ProcessLookupError):
                continue
    return found


def tree(stats: Mapping[int, Stat], root: int) -> set[int]:
    """The process and everything below it."""
    members = {root}
    while more := {pid for pid, stat in stats.items() if stat.parent in members} - members:
        members |= more
    return members


def seconds_of(stats: Mapping[int, Stat], root: int) -> float:
    """Processor seconds that a tree has used so far, those of ended children among them."""
    return sum(stats[pid].own + stats[pid].ended for pid in tree(stats, root) if pid in stats)


def megabytes_of(root: int) -> float:
    """Memory of a tree: what each process has resident, pages shared with others in equal parts where that is told."""
    return sum(_kilobytes(pid) for pid in tree(snapshot(), root)) / 1024


def _kilobytes(pid: int) -> int:
    for name, key in (("smaps_rollup", "Pss:"), ("status", "VmRSS:")):
        try:
            lines = (PROC / str(pid) / name).read_text().splitlines()
        except OSError:
            continue
        found = next((line.split()[1] for line in lines if line.startswith(key)), None)
        if found is not None:
            return int(found)
    return 0


def busy_seconds() -> tuple[float, float]:
    """Processor seconds that the whole machine has been busy, and those that passed in all."""
    fields = [int(value) for value in (PROC / "stat").read_text().splitlines()[0].split()[1:9]]
    idle = fields[3] + fields[4]
    return (sum(fields) - idle) / TICK, sum(fields) / TICK


async def until_idle(share: float, longest: float) -> float:
    """Wait until less than this share of the machine is busy, at most so many seconds. Returns the last share."""
    deadline = time.monotonic() + longest
    while True:
        before = busy_seconds()
        await asyncio.sleep(0.2)
        after = busy_seconds()
        passed = after[1] - before[1]
        busy = (after[0] - before[0]) / passed if passed else 0.0
        if busy < share or time.monotonic() > deadline:
            return busy


def described() -> str:
    """The machine in a line."""
    model = _first("/proc/cpuinfo", "model name")
    memory = int(_first("/proc/meminfo", "MemTotal").split()[0]) / 1024 / 1024
    python = platform.python_version()
    return f"{os.cpu_count()} × {model}, {memory:.0f} GiB, Linux {platform.release()}, Python {python}"


def _first(path: str, key: str) -> str:
    lines: Iterable[str] = Path(path).read_text().splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(key)), "unknown 0")
