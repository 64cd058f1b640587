"""Alembic, driven from Python over asyncpg; configured in `pyproject.toml`, without an ini file.

Each revision is one transaction and runs as the owner role, so that the owner owns everything. Locks are
waited for briefly: a migration that queues behind a long query would block everybody who comes after it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import asyncpg
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from hub.base.db import Server

PROJECT = Path(__file__).parent.parent / "pyproject.toml"
LOCK_TIMEOUT = "4s"
STATEMENT_TIMEOUT = "60s"
"""Per statement of a revision; a long backfill sets its own bound with `set local` and says why."""


async def upgrade(server: Server, revision: str) -> None:
    """Apply revisions up to `revision`."""
    await _with_connection(server, lambda config: command.upgrade(config, revision))


async def downgrade(server: Server, revision: str) -> None:
    """Take revisions back down to `revision`."""
    await _with_connection(server, lambda config: command.downgrade(config, revision))


async def _with_connection(server: Server, act: Callable[[Config], None]) -> None:
    settings = {"application_name": "hub migrate", "search_path": "public"}

    async def connect() -> asyncpg.Connection:
        return await asyncpg.connect(**server.admin_kwargs(), server_settings=settings)

    engine = create_async_engine("postgresql+asyncpg://", async_creator=connect, poolclass=NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(_run, server, act)


def _run(connection: Connection, server: Server, act: Callable[[Config], None]) -> None:
    connection.exec_driver_sql(f"set role {server.role('owner')}")
    connection.exec_driver_sql(f"set lock_timeout = '{LOCK_TIMEOUT}'")
    connection.exec_driver_sql(f"set statement_timeout = '{STATEMENT_TIMEOUT}'")
    connection.commit()  # alembic makes its own transactions only on a connection that is outside one
    act(Config(toml_file=PROJECT, attributes={"connection": connection, "prefix": server.prefix}))
