"""What kind of world a database holds, and making the demo world in an empty one.

The demo world marks its database by the row of its clock, for good: demo sign-in is never possible on other data. It
is made by thousands of commands, so a second row says that the making has begun; a start that finds it knows that
an earlier one was cut off. The embedded database is then made anew, any other is left to its owner.
"""

from __future__ import annotations

import contextlib
import datetime
import enum
from collections.abc import AsyncIterator, Awaitable, Callable

import asyncpg

from hub.base.db import Server
from hub.data_folder import OperatorError
from hub.settings import Settings
from migrations.run import upgrade

DEMO_SEED = 320311002  # the demo street's division code: as good a number as any, and one that is remembered
BEGUN, MADE = 0, 1  # ids in demo_clock
MARK = "insert into public.demo_clock (id, offset_seconds) values ($1, 0) on conflict do nothing"
UNMARK = "delete from public.demo_clock where id = $1"


class World(enum.Enum):
    """What a migrated database holds."""

    EMPTY = "nothing"
    BEGUN = "a demo world whose making was interrupted"
    DEMO = "the demo world"
    REAL = "data that is not the demo's"


class NotEmpty(OperatorError):
    """The demo world would have to be made in a database that holds something else."""


@contextlib.asynccontextmanager
async def as_owner(server: Server) -> AsyncIterator[asyncpg.Connection]:
    """A connection that acts as the owner of the tables, whom row-level security does not bind."""
    connection = await asyncpg.connect(**server.admin_kwargs(), timeout=10)
    try:
        await connection.execute(f'set role "{server.role("owner")}"')
        yield connection
    finally:
        await connection.close()


async def world_of(server: Server) -> World:
    """What the migrated database holds."""
    async with as_owner(server) as connection:
        marks = {row["id"] for row in await connection.fetch("select id from public.demo_clock")}
        taken = await connection.fetchval(
            "select exists (select from public.organizations) or exists (select from public.users)"
        )
    if BEGUN in marks:
        return World.BEGUN
    if MADE in marks:
        return World.DEMO
    return World.REAL if taken else World.EMPTY


async def make_demo(
    server: Server,
    settings: Settings,
    load: Callable[..., Awaitable[None]],
    *,
    today: datetime.date | None = None,
    seed: int = DEMO_SEED,
    scale: str = "demo",
) -> None:
    """Make the demo world with `load`. Raises NotEmpty unless the database is empty, or half made and embedded."""
    world = await world_of(server)
    if world is World.BEGUN and settings.database_url is None:
        await _make_anew(server)
        await upgrade(server, settings)
    elif world is not World.EMPTY:
        raise NotEmpty(f"The database holds {world.value}; the demo world is made in an empty one only.")
    async with as_owner(server) as connection:
        await connection.execute(MARK, BEGUN)
    await load(server, settings, today, seed, scale)
    async with as_owner(server) as connection, connection.transaction():
        await connection.execute(UNMARK, BEGUN)
        await connection.execute(MARK, MADE)


async def _make_anew(server: Server) -> None:
    connection = await asyncpg.connect(**server.on("postgres").admin_kwargs())
    try:
        await connection.execute(f'drop database if exists "{server.database}" with (force)')
        await connection.execute(f'create database "{server.database}"')
    finally:
        await connection.close()
