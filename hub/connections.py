"""What a running hub talks to its database through: a pool for each read role, the writer's engine, SYSTEM's pool."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import AsyncIterator
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from auth.roles import READ_ROLES, Role
from hub.base.db import Server
from hub.base.engine import reader_pool, system_pool, writer_engine


class Readers:
    """The read pools, one per role, each opened when the first viewer of the role comes."""

    def __init__(self, server: Server) -> None:
        self._pools = {role: reader_pool(server, f"read_{role.lower()}") for role in READ_ROLES}

    async def fetchval(self, role: Role, query: str, values: list[Any]) -> Any:
        """One statement, one value, as the role's own login."""
        return await self._pools[role].fetchval(query, *values)

    async def close(self) -> None:
        """Close every pool."""
        for pool in self._pools.values():
            await pool.close()


@dataclasses.dataclass(frozen=True)
class Connections:
    """What a hub talks to its database through."""

    readers: Readers
    writer: AsyncEngine
    system: Any


@contextlib.asynccontextmanager
async def connected(server: Server) -> AsyncIterator[Connections]:
    """Pools and engine of a hub, none of which connects before it is used; closed at the end."""
    readers, writer, system = Readers(server), writer_engine(server), await system_pool(server)
    try:
        yield Connections(readers, writer, system)
    finally:
        await readers.close()
        await writer.dispose()
        await system.close()
