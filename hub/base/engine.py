"""Connections of a running hub: one engine for writes, small lazy pools for reads, one for the system.

Role settings (time zone, timeouts, search path) hang on the database roles themselves, so nothing is set here that a
transaction pooler in between would lose.
"""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false
# (asyncpg says little about its types)

from __future__ import annotations

import json
from typing import Any

import asyncpg  # pyright: ignore[reportMissingTypeStubs]
from sqlalchemy.event import listen
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from hub.base.db import Server
from hub.base.reading import ReadConnections

WRITERS = 4
"""Connections for writes kept open; as many again under load. A command takes a few milliseconds of one."""

READERS = 4
"""Connections per read role. More would only queue in the database instead of here."""

CONNECT_SECONDS = 10.0

KEPT_STATEMENTS = 1_000
"""Prepared statements per read connection: as many as the planner keeps plans."""

LOST = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)
"""How asyncpg says that the database is away, going or coming; waiting and trying again helps."""

_UNNAMED: dict[str, Any] = {"prepared_statement_cache_size": 0, "prepared_statement_name_func": str}
"""Through a pooler no statement keeps a name: the next server would not know it. `str()` is the empty one."""


def writer_engine(server: Server, role: str = "writer") -> AsyncEngine:
    """The engine of commands, READ COMMITTED. Connects when first used; `await engine.dispose()` when done."""
    engine = create_async_engine(
        "postgresql+asyncpg://",
        connect_args={
            **server.connect_kwargs(role),
            "timeout": CONNECT_SECONDS,
            **(_UNNAMED if server.pooled else {"prepared_statement_cache_size": 500}),
            **_named(server, role),
        },
        pool_size=WRITERS,
        max_overflow=WRITERS,
        hide_parameters=True,  # parameters are personal values, and error texts end in logs
    )
    listen(engine.sync_engine, "checkout", _refuse_closed)
    return engine


def _refuse_closed(connection: Any, _record: Any, _proxy: Any) -> None:
    """After a restart of the database the first command must not be the one that finds out. The driver has heard of it
    by then, so nobody has to ask the server before each command, which costs two round trips."""
    if connection.driver_connection.is_closed():
        raise DisconnectionError


def reader_pool(server: Server, role: str) -> ReadConnections:
    """The connections of a read role (`read_partner_worker`), which are opened when first used."""
    given: dict[str, Any] = {
        "statement_cache_size": KEPT_STATEMENTS,
        **server.connect_kwargs(role),
        "timeout": CONNECT_SECONDS,
        "max_cached_statement_lifetime": 0,
        **_named(server, role),
    }

    async def connect() -> Any:
        return await asyncpg.connect(**given)  # pyright: ignore[reportUnknownVariableType]

    return ReadConnections(connect, READERS)


async def system_pool(server: Server, *, size: int = READERS) -> Any:
    """The pool of SYSTEM: signing in, resolving viewers, the worker. JSON columns come as Python values."""
    return await asyncpg.create_pool(  # pyright: ignore[reportUnknownMemberType]
        **server.connect_kwargs("system"),
        min_size=0,
        max_size=size,
        init=_speak_json,
        timeout=CONNECT_SECONDS,
        **({"reset": _leave} if server.pooled else {}),
        **_named(server, "system"),
    )


def _named(server: Server, role: str) -> dict[str, Any]:
    """The name that the database shows for a connection; a pooler takes no start-up parameters."""
    return {} if server.pooled else {"server_settings": {"application_name": f"hub {role}"}}


async def _leave(connection: Any) -> None:
    """Nothing to reset: reads leave no state behind, and each reset is a round trip."""


async def _speak_json(connection: Any) -> None:
    await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=json.dumps, decoder=json.loads)
