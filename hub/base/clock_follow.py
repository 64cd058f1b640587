"""Following the demo clock: every process of a demo hub shows the same moved time, at once.

The offset lies in `demo_clock`; whoever moves it notifies `hub_clock`. Not for real data: there the table is empty.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import structlog

from hub.base.clock import Clock
from hub.base.engine import LOST

CHANNEL = "hub_clock"
DEMO_CLOCK = 1
"""Id of the row that marks a database as the demo's and holds its clock's offset."""

AGAIN_SECONDS = 1.0
"""Wait before connecting anew when the listening connection was lost."""

Connect = Callable[[], Awaitable[Any]]
"""Opens an asyncpg connection as the hub's SYSTEM role."""

_log = structlog.get_logger("hub.clock")


@contextlib.asynccontextmanager
async def follow_demo_clock(clock: Clock, connect: Connect) -> AsyncGenerator[None]:
    """While the block runs, `clock` has the demo's offset: read before it begins, and again when it is moved."""
    connection = await connect()
    try:
        await read_offset(clock, connection)
    finally:
        await connection.close()
    following = asyncio.create_task(_follow(clock, connect))
    try:
        yield
    finally:
        following.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await following


async def read_offset(clock: Clock, connection: Any) -> None:
    """Take over the offset of the demo clock; none when there is no demo clock."""
    seconds = await connection.fetchval("select offset_seconds from demo_clock where id = $1", DEMO_CLOCK)
    clock.offset = timedelta(seconds=seconds or 0)


async def _follow(clock: Clock, connect: Connect) -> None:
    while True:
        try:
            await _listen(clock, await connect())
        except LOST as error:
            _log.warning("demo_clock_unheard", error=type(error).__name__)
        await asyncio.sleep(AGAIN_SECONDS)


async def _listen(clock: Clock, connection: Any) -> None:
    """Until the connection is lost, read the offset whenever it was moved (and once, for what was missed)."""
    moved = asyncio.Event()

    def wake(*_: object) -> None:
        moved.set()

    try:
        connection.add_termination_listener(wake)
        await connection.add_listener(CHANNEL, wake)
        while not connection.is_closed():
            await read_offset(clock, connection)
            await moved.wait()
            moved.clear()
    finally:
        connection.terminate()
