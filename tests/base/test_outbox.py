"""The outbox: each row is handled, once when all goes well, again when it does not."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from hub.base.db import Server
from hub.base.errors import Conflict
from hub.base.outbox import Drained, Event, drain
from tests import harness
from tests.base.rows import NOW, Rows, rows_of

pytestmark = pytest.mark.anyio


@pytest.fixture
async def rows(database: Server) -> AsyncIterator[Rows]:
    async with rows_of(database) as rows:
        yield rows


async def left(rows: Rows, topic: str, at: datetime = NOW) -> UUID:
    """An event's outbox row."""
    payload = json.dumps({"subjectType": "Test", "subjectId": str(uuid4()), "facts": {"a": 1}})
    times = {"created_at": at, "available_at": at}
    return await rows.add("outbox", event_id=await rows.event(), topic=topic, payload=payload, **times)


async def state(rows: Rows, row: UUID) -> tuple[Any, ...]:
    query = "select done_at, attempts, last_error, available_at from outbox where id = $1"
    return tuple(await rows.connection.fetchrow(query, row))


async def test_a_row_is_handled_once_and_others_without_handler_are_done(rows: Rows) -> None:
    told: list[Event] = []

    async def listen(_: Any, event: Event) -> None:
        told.append(event)

    row, nobodys = await left(rows, "told"), await left(rows, "untold")
    future = await left(rows, "told", NOW + timedelta(hours=1))
    assert await drain(rows.connection, {"told": listen}, NOW) == Drained(2, 0)
    assert await drain(rows.connection, {"told": listen}, NOW) == Drained(0, 0)
    assert [(event.topic, event.facts, event.occurred_at) for event in told] == [("told", {"a": 1}, NOW)]
    assert await state(rows, row) == (NOW, 1, None, NOW)
    assert await state(rows, nobodys) == (NOW, 1, None, NOW)
    assert (await state(rows, future))[0] is None


@pytest.mark.parametrize("error", [Conflict("stale"), KeyError("x"), asyncpg.UniqueViolationError("x")])
async def test_a_failing_row_is_put_off_and_the_others_go_on(rows: Rows, error: Exception) -> None:
    async def fail(connection: Any, event: Event) -> None:
        await connection.execute("update organizations set name = 'undone'")
        if event.topic == "bad":
            raise error

    bad, good = await left(rows, "bad"), await left(rows, "good")
    assert await drain(rows.connection, {"bad": fail, "good": fail}, NOW) == Drained(1, 1)
    assert await state(rows, bad) == (None, 1, type(error).__name__, NOW + timedelta(seconds=5))
    assert (await state(rows, good))[0] == NOW
    later = NOW + timedelta(seconds=5)
    await drain(rows.connection, {"bad": fail}, later)
    assert await state(rows, bad) == (None, 2, type(error).__name__, later + timedelta(seconds=10))


async def test_an_error_of_the_database_undoes_only_its_own_row(rows: Rows) -> None:
    async def divide(connection: Any, event: Event) -> None:
        await connection.execute("select 1 / 0")

    bad = await left(rows, "bad")
    assert await drain(rows.connection, {"bad": divide}, NOW) == Drained(0, 1)
    assert (await state(rows, bad))[2] == "DivisionByZeroError"


async def test_two_workers_share_the_rows(rows: Rows, database: Server) -> None:
    told: list[UUID] = []
    both = asyncio.Barrier(2)

    async def listen(_: Any, event: Event) -> None:
        if not told:
            await asyncio.wait_for(both.wait(), 5)
        told.append(event.id)

    for _ in range(3):
        await left(rows, "told")
    async with harness.connect_as(database, "admin") as other:
        first = asyncio.create_task(drain(rows.connection, {"told": listen}, NOW))
        await asyncio.sleep(0.1)
        assert await drain(other, {"told": listen}, NOW) == Drained(
            0, 0
        )  # all rows are in the first one's hands
        await both.wait()
        assert await first == Drained(3, 0)
    assert len(set(told)) == 3


async def test_a_lost_connection_leaves_the_rows_to_the_next_worker(rows: Rows, database: Server) -> None:
    async def die(connection: Any, event: Event) -> None:
        await connection.close()
        raise asyncpg.InterfaceError("connection is closed")

    row = await left(rows, "told")
    async with harness.connect_as(database, "admin") as other:
        with pytest.raises(asyncpg.InterfaceError):
            await drain(other, {"told": die}, NOW)
    assert await state(rows, row) == (None, 0, None, NOW)
