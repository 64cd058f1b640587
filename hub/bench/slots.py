"""The reads, measured: all contestants beside each other, checked equal, then slot by slot in turn."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from hub.bench import load, machine, wrk
from hub.bench.contestant import read_of
from hub.bench.process import ContestantError, Running
from hub.bench.queries import Read
from hub.bench.statistics import Slot, slot
from hub.bench.world import World

IDLE_SHARE = 0.15
MANY = 10
"""From so many answers for each client on, those under way at the end of a slot are too few to matter."""

Tell = Callable[[str], None]


@dataclasses.dataclass(frozen=True)
class Pace:
    """How long and how often."""

    seconds: float = 2.0
    warm_up_seconds: float = 1.0
    runs: int = 3
    idle_seconds: float = 3.0
    """How long to wait at most for others to be done."""


@dataclasses.dataclass(frozen=True)
class Question:
    """One read as one contestant is asked it: the bytes, and how long its answer is."""

    running: Running
    sent: bytes
    length: int
    rows: int


@dataclasses.dataclass
class Result:
    """A read at a concurrency: the slots of each contestant, in order."""

    read: Read
    clients: int
    slots: dict[str, list[Slot]]
    rows: int = 0
    """How many rows the answer has: fewer than it should, in a small world."""


async def ask(read: Read, running: Running, world: World) -> tuple[Question, Any]:
    """Ask once. Returns the question and what was answered, as ours would say it. Raises ContestantError."""
    contestant, facts = running.contestant, world.facts
    asking = facts.asking[read.who]
    variables = contestant.variables(read.key, read.variables(facts), facts)
    text = contestant.texts[read.key]
    sent = load.request(running.port, text, variables, asking.token, asking.membership)
    try:
        body = await load.once(running.port, sent)
    except load.LoadError as error:
        raise ContestantError(f"{contestant.name} could not answer {read.key}: {error}") from error
    answer = json.loads(body)
    if answer.get("errors") or not answer.get("data"):
        raise ContestantError(f"{contestant.name} answered {read.key} with {body[:800]!r}")
    data = contestant.shown(read.key, answer["data"])
    return Question(running, sent, len(body), _rows(read, data)), data


async def questions(key: str, runnings: Sequence[Running], world: World) -> list[Question]:
    """The question for everybody who can answer it, all answers being the same. Raises ContestantError."""
    read, found, first = read_of(key), list[Question](), None
    for running in runnings:
        if key not in running.contestant.texts:
            continue
        question, answer = await ask(read, running, world)
        if not question.rows:
            raise ContestantError(f"{read.key}: the world has nothing to show for it")
        if first is None:
            first = answer
        elif answer != first:
            where = difference(first, answer)
            raise ContestantError(f"{running.contestant.name} answers {key} differently: {where}")
        found.append(question)
    return found


def _rows(read: Read, data: Any) -> int:
    for name in read.shown:
        data = data[name]
    return len(data) if isinstance(data, list) else int(data is not None)


def difference(ours: Any, theirs: Any, path: str = "$") -> str:
    """Where two answers part for the first time."""
    if isinstance(ours, Mapping) and isinstance(theirs, Mapping):
        for name in {**ours, **theirs}:
            if ours.get(name) != theirs.get(name):
                return difference(ours.get(name), theirs.get(name), f"{path}.{name}")
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for place, (one, other) in enumerate(zip(ours, theirs, strict=True)):
            if one != other:
                return difference(one, other, f"{path}[{place}]")
    return f"{path}: {str(ours)[:120]} ≠ {str(theirs)[:120]}"


async def measured(
    key: str, clients: int, asked: Sequence[Question], world: World, pace: Pace, tell: Tell
) -> Result:
    """A B C … C B A, so many times; each slot after a warm-up and a wait for the others on this machine."""
    slots: dict[str, list[Slot]] = {each.running.contestant.name: [] for each in asked}
    result = Result(read_of(key), clients, slots, min((each.rows for each in asked), default=0))
    for number in range(pace.runs):
        for question in asked if number % 2 == 0 else reversed(asked):
            name = question.running.contestant.name
            done = await _slot(question, clients, world, pace)
            result.slots[name].append(done)
            tell(f"{key} × {clients}, run {number + 1}: {name} {done.per_second:.0f}/s")
    return result


async def _slot(question: Question, clients: int, world: World, pace: Pace) -> Slot:
    port, sent, length = question.running.port, question.sent, question.length
    warm = await load.drive(port, sent, clients=clients, seconds=pace.warm_up_seconds, length=length)
    await machine.until_idle(IDLE_SHARE, pace.idle_seconds)
    before, busy_before = machine.snapshot(), machine.busy_seconds()
    if (found := wrk.found()) and wrk_is_fair(warm, clients, pace.seconds):
        done = await wrk.drive(found, port, sent, clients=clients, seconds=pace.seconds, length=length)
    else:
        done = await load.drive(port, sent, clients=clients, seconds=pace.seconds, length=length)
    after, busy_after = machine.snapshot(), machine.busy_seconds()
    server, database = (
        machine.seconds_of(after, root) - machine.seconds_of(before, root)
        for root in (question.running.pid, world.postmaster)
    )
    client = _generating(after[world.client]) - _generating(before[world.client])
    passed = busy_after[1] - busy_before[1]
    others = (busy_after[0] - busy_before[0] - server - database - client) / passed if passed else 0.0
    return slot(
        done.latencies,
        done.seconds,
        done.count,
        server_seconds=server,
        database_seconds=database,
        others_busy=max(0.0, others),
    )


def wrk_is_fair(warm: load.Load, clients: int, seconds: float) -> bool:
    """wrk forgets what is under way when its time is over; our own generator waits for it."""
    return warm.count / warm.seconds * seconds >= MANY * clients


def _generating(stat: machine.Stat) -> float:
    """Processor seconds of the generator: our own is in this process, wrk a child that has ended."""
    return stat.own + stat.ended
