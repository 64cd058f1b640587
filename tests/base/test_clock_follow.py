"""Following the demo clock: at once when it is moved, and again after the connection was lost."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from hub.base import clock_follow
from hub.base.clock import Clock
from hub.base.clock_follow import follow_demo_clock
from hub.base.db import Server
from hub.demo.clock import ClockRefused, set_clock
from tests import harness

pytestmark = pytest.mark.anyio


async def until(true: Callable[[], bool]) -> None:
    """Wait for it, 10 seconds at most."""
    async with asyncio.timeout(10):
        while not true():
            await asyncio.sleep(0.02)


async def test_a_clock_follows_and_survives_a_lost_connection(
    database: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock_follow, "AGAIN_SECONDS", 0.05)
    await harness.run_sql(database, "insert into demo_clock values (1, 3600)")
    connections: list[asyncpg.Connection] = []

    async def connect() -> Any:
        connections.append(await asyncpg.connect(**database.admin_kwargs()))
        return connections[-1]

    clock, real = Clock(), datetime.now(UTC)
    async with follow_demo_clock(clock, connect):
        assert clock.offset == timedelta(hours=1)
        await until(lambda: len(connections) == 2)
        shown = await set_clock(database, real + timedelta(days=1))
        assert timedelta(0) <= shown - (real + timedelta(days=1)) < timedelta(seconds=2)
        await until(lambda: clock.offset > timedelta(hours=23))
        connections[-1].terminate()
        await set_clock(database, real + timedelta(days=2))
        await until(lambda: clock.offset > timedelta(hours=47))


async def test_only_a_demo_has_a_clock_that_moves_and_only_forward(database: Server) -> None:
    real = datetime.now(UTC)
    with pytest.raises(ClockRefused, match="real one"):
        await set_clock(database, real + timedelta(days=1))
    await harness.run_sql(database, "insert into demo_clock values (1, 0)")
    with pytest.raises(ClockRefused, match="forward"):
        await set_clock(database, real - timedelta(days=1))
    rows = await harness.run_sql(database, "select offset_seconds from demo_clock")
    assert [row[0] for row in rows] == [0]
