"""Read connections: lent in turn, never shared, opened again when the server has closed them."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg
import pytest

from hub.base import reading
from hub.base.db import Server
from hub.base.reading import ReadConnections
from tests import harness

pytestmark = pytest.mark.anyio

NAME = "reads under test"


@pytest.fixture
async def two(database: Server) -> Any:
    async def connect() -> Any:
        return await asyncpg.connect(
            **database.connect_kwargs("read_admin"), server_settings={"application_name": NAME}
        )

    lent = ReadConnections(connect, 2)
    yield lent
    await lent.close()


async def opened(database: Server) -> int:
    sql = (
        f"select pid from pg_stat_activity where application_name = '{NAME}' and datname = current_database()"
    )
    return len(await harness.run_sql(database, sql))


async def test_more_statements_than_connections_wait_for_their_turn(
    two: ReadConnections, database: Server
) -> None:
    asked = [two.fetchval("select $1::int + (pg_sleep(0.02) is null)::int", number) for number in range(8)]
    assert await asyncio.gather(*asked) == list(range(8))
    assert await opened(database) == 2


async def test_an_error_leaves_the_connection_to_the_next(two: ReadConnections, database: Server) -> None:
    for _ in range(3):
        with pytest.raises(asyncpg.DivisionByZeroError):
            await two.fetchval("select 1 / 0")
    assert await two.fetchval("select 1") == 1
    assert await opened(database) == 1


async def test_a_statement_given_up_takes_its_connection_with_it(two: ReadConnections) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await two.fetchval("select pg_sleep(20)")
    assert await asyncio.gather(*(two.fetchval("select $1::int", number) for number in range(4))) == [
        0,
        1,
        2,
        3,
    ]


async def test_who_gives_up_waiting_leaves_the_line(two: ReadConnections) -> None:
    busy = [asyncio.create_task(two.fetchval("select 7 + (pg_sleep(0.4) is null)::int")) for _ in range(2)]
    await asyncio.sleep(0.05)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await two.fetchval("select 1")
    assert await asyncio.gather(*busy, two.fetchval("select 8")) == [7, 7, 8]


async def test_what_the_server_has_closed_is_opened_anew(two: ReadConnections, database: Server) -> None:
    assert await asyncio.gather(two.fetchval("select 1"), two.fetchval("select 2")) == [1, 2]
    await harness.run_sql(
        database,
        "select pg_terminate_backend(pid) from pg_stat_activity"
        f" where application_name = '{NAME}' and datname = current_database()",
    )
    await asyncio.sleep(0.1)  # until both ends have noticed
    assert await asyncio.gather(two.fetchval("select 3"), two.fetchval("select 4")) == [3, 4]


async def test_a_connection_that_cannot_be_made_leaves_its_place() -> None:
    tried: list[int] = []

    async def connect() -> Any:
        tried.append(len(tried))
        raise OSError("away")

    lent = ReadConnections(connect, 1)
    found = await asyncio.gather(*(lent.fetchval("select 1") for _ in range(3)), return_exceptions=True)
    assert [type(one) for one in found] == [OSError] * 3
    assert len(tried) == 3


async def test_what_is_idle_for_long_is_let_go(
    two: ReadConnections, database: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "IDLE_SECONDS", 2.0)
    await two.fetchval("select 1")
    assert await opened(database) == 1
    await asyncio.sleep(4.5)
    assert await opened(database) == 0
    assert await two.fetchval("select 2") == 2
