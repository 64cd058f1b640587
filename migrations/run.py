"""Bring a database to a revision. At head this costs one connection and few queries, and no alembic import.

Every start of the hub calls `upgrade`, so doing nothing has to be fast, and two processes starting together
must not both migrate: an advisory lock lets one of them through at a time.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

import asyncpg

from hub.base.db import Server
from migrations import roles

VERSIONS = Path(__file__).parent / "versions"
LOCK = roles.LOCK + 1
WAIT_FOR_OTHERS = "60s"
"""How long to wait for another process that is migrating."""


class HasTimeZone(Protocol):
    """The part of `hub.settings.Settings` that is needed here."""

    @property
    def time_zone(self) -> str: ...


def revisions() -> tuple[str, ...]:
    """All revision numbers, oldest first: the first part of a file's name is its revision id."""
    return tuple(sorted(path.name.partition("_")[0] for path in VERSIONS.glob("[0-9]*_*.py")))


def head() -> str:
    """The newest revision."""
    return revisions()[-1]


async def upgrade(
    server: Server, settings: HasTimeZone | None = None, revision: str = "head"
) -> tuple[str, ...]:
    """Make roles where needed, then apply what is missing up to `revision`. Returns what was applied, in order.

    Raises migrations.roles.RolesNotReady when the administrator's rights do not suffice,
    asyncpg.PostgresError when a revision fails (its own transaction is rolled back; earlier revisions stay).
    """
    target = head() if revision == "head" else revision
    connection = await connect(server)
    try:
        await roles.ensure_roles(
            connection, server, settings.time_zone if settings else roles.DEFAULT_TIME_ZONE
        )
        if not _missing(await _current(connection, server), target):
            return ()
        await connection.execute(f"select pg_advisory_lock({LOCK})")
        missing = _missing(await _current(connection, server), target)  # another process may have been faster
        if missing:
            await _engine().upgrade(server, target)
        return missing
    finally:
        await connection.close()


async def downgrade(server: Server, revision: str) -> None:
    """Go back to `revision` (a number, or `base` for an empty database). For development and tests only."""
    connection = await connect(server)
    try:
        await connection.execute(f"select pg_advisory_lock({LOCK})")
        await _engine().downgrade(server, revision)
    finally:
        await connection.close()


async def current(server: Server) -> str | None:
    """The revision the database is at; None when it has none."""
    connection = await connect(server)
    try:
        return await _current(connection, server)
    finally:
        await connection.close()


async def connect(server: Server) -> asyncpg.Connection:
    """A connection of the administrator with the bounds of a migrator."""
    settings = {"application_name": "hub migrate", "lock_timeout": WAIT_FOR_OTHERS, "search_path": "public"}
    bounds: dict[str, Any] = {} if server.pooled else {"server_settings": settings}
    return await asyncpg.connect(**server.admin_kwargs(), **bounds)


def _missing(before: str | None, target: str) -> tuple[str, ...]:
    return tuple(number for number in revisions() if (before or "") < number <= target)


async def _current(connection: asyncpg.Connection, server: Server) -> str | None:
    if not await connection.fetchval(
        "select exists (select from pg_roles where rolname = $1)", server.role("owner")
    ):
        return None
    async with connection.transaction():
        await connection.execute(f"set local role {server.role('owner')}")
        if await connection.fetchval("select to_regclass('public.alembic_version')") is None:
            return None
        return await connection.fetchval("select max(version_num) from public.alembic_version")


def _engine() -> ModuleType:
    """`migrations.engine`, which imports alembic: 0.3 s that a start with nothing to do should not spend."""
    return importlib.import_module("migrations.engine")
