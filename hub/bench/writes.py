"""The everyday writes, through our GraphQL and through an ORM's unit of work: the same checks, the same rows.

A write is done once, so a slot is so many requests of its own and not so many seconds. Both work on one database in
turn, each on its own cases and claims (`writes_world`).
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg  # pyright: ignore[reportMissingTypeStubs]

from hub.bench import load, machine
from hub.bench.contestant import Contestant, of_module
from hub.bench.process import ContestantError, Running, started
from hub.bench.slots import Tell
from hub.bench.statistics import Slot, slot
from hub.bench.world import World
from hub.bench.writes_world import CLAIMS, QUANTITY, SIDES, SLOTS, Side

STEPPING = {
    "ours": of_module("ours", "--stepping"),
    "strawberry_orm": of_module("orm.server", "--stepping"),
}
CLIENTS = 4
RECORDED, REVIEWED = 160, CLAIMS
"""Requests of a slot: recordings and acceptances; of verifying one batch. The first slot warms up."""

BATCH = 100
APART = timedelta(minutes=35)
"""Between what one worker did and did next: less would be flagged."""

TEXTS = {
    "deliveryRecord": """mutation Record($input: DeliveryRecordInput!) { deliveryRecord(input: $input) {
  delivery { id reference status } userErrors { code } } }""",
    "deliveryVerifyMany": """mutation Verify($ids: [ID!]!) { deliveryVerifyMany(ids: $ids) {
  results { delivery { id reference status } userErrors { code } } } }""",
    "submissionReview": """mutation Review($id: ID!, $input: SubmissionReviewInput!) {
  submissionReview(id: $id, input: $input) { paymentRequest { id reference status } userErrors { code } } }""",
}


@dataclasses.dataclass
class Write:
    """A write: its heading and the slots of each contestant."""

    title: str
    slots: dict[str, list[Slot]] = dataclasses.field(default_factory=lambda: {name: [] for name in SIDES})


async def measured(world: World, sides: Mapping[str, Side], logs: Path, tell: Tell) -> list[Write]:
    """All writes, in turn. Raises ContestantError when one was refused."""
    with contextlib.ExitStack() as stack:
        runnings = {
            name: stack.enter_context(started(Contestant(name, name, STEPPING[name], {}), world, logs))
            for name in SIDES
        }
        asked = {
            name: _Asked(world, running, sides[name], place)
            for place, (name, running) in enumerate(runnings.items())
        }
        return [
            await _turns("deliveryRecord", asked, world, tell, lambda each: each.records(RECORDED)),
            await _verified(asked, world, tell),
            await _turns(
                "submissionReview, all on one agreement", asked, world, tell, lambda each: each.reviews("hot")
            ),
            await _turns(
                "submissionReview, each on its own", asked, world, tell, lambda each: each.reviews("spread")
            ),
        ]


class _Asked:
    """Makes the requests of one contestant, each once."""

    def __init__(self, world: World, running: Running, side: Side, place: int) -> None:
        self.running = running
        self._facts = world.facts
        first = datetime.combine(world.facts.today, datetime.min.time(), UTC) - timedelta(days=57)
        self._moments = (first + APART * (2 * number + place) for number in range(QUANTITY))
        self._left: dict[str, Iterator[UUID]] = {"hot": iter(side.hot), "spread": iter(side.spread)}
        self.cases = side.cases

    def records(self, count: int) -> list[bytes]:
        cases = self.cases
        return [
            self._request(
                "deliveryRecord",
                "worker",
                {
                    "input": {
                        "case": f"case_{cases[number % len(cases)]}",
                        "happenedAt": next(self._moments).isoformat(),
                    }
                },
            )
            for number in range(count)
        ]

    def verifies(self, ids: Sequence[UUID]) -> list[bytes]:
        return [self._request("deliveryVerifyMany", "station", {"ids": [f"delivery_{each}" for each in ids]})]

    def reviews(self, which: str) -> list[bytes]:
        given = {"decision": "ACCEPT"}
        return [
            self._request(
                "submissionReview", "station", {"id": f"submission_{next(self._left[which])}", "input": given}
            )
            for _ in range(REVIEWED)
        ]

    def _request(self, name: str, who: str, variables: Mapping[str, Any]) -> bytes:
        asking = self._facts.asking[who]
        return load.request(self.running.port, TEXTS[name], variables, asking.token, asking.membership)


async def _turns(title: str, asked: Mapping[str, _Asked], world: World, tell: Tell, requests: Any) -> Write:
    write = Write(title)
    for run in range(SLOTS):
        for name, each in list(asked.items()) if run % 2 == 0 else reversed(list(asked.items())):
            done = await _slot(each, requests(each), world)
            if run:  # the first one warms up
                write.slots[name].append(done)
                tell(f"{title}, run {run}: {name} {done.per_second:.1f}/s")
    return write


async def _verified(asked: Mapping[str, _Asked], world: World, tell: Tell) -> Write:
    """Batches of what was recorded just now, each side of its own cases."""
    waiting = {name: iter(await _recorded(world, each)) for name, each in asked.items()}

    def batch(each: _Asked) -> list[bytes]:
        ids = waiting[each.running.contestant.name]
        return each.verifies([next(ids) for _ in range(BATCH)])

    return await _turns(f"deliveryVerifyMany of {BATCH}", asked, world, tell, batch)


async def _recorded(world: World, each: _Asked) -> list[UUID]:
    connection = await asyncpg.connect(**world.server.admin_kwargs())
    try:
        rows = await connection.fetch(
            "select id from deliveries where case_id = any($1) and status in ('RECORDED', 'FLAGGED') order by id",
            each.cases,
        )
    finally:
        await connection.close()
    return [row["id"] for row in rows]


async def _slot(each: _Asked, requests: Sequence[bytes], world: World) -> Slot:
    left, latencies, port = iter(requests), list[float](), each.running.port
    before = machine.snapshot()
    began = time.perf_counter()

    async def client() -> None:
        for sent in left:
            at = time.perf_counter()
            body = await load.once(port, sent)
            latencies.append(time.perf_counter() - at)
            _check(each.running.contestant.name, body)

    await asyncio.gather(*(client() for _ in range(min(CLIENTS, len(requests)))))
    seconds = time.perf_counter() - began
    after = machine.snapshot()
    server, database = (
        machine.seconds_of(after, root) - machine.seconds_of(before, root)
        for root in (each.running.pid, world.postmaster)
    )
    return slot(latencies, seconds, len(latencies), server_seconds=server, database_seconds=database)


def _check(name: str, body: bytes) -> None:
    answer = json.loads(body)
    (done,) = (answer.get("data") or {"": None}).values()
    results = done["results"] if done and "results" in done else [done]
    if answer.get("errors") or any(each is None or each["userErrors"] for each in results):
        raise ContestantError(f"{name} refused a write: {body[:800]!r}")
