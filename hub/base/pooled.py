"""A connection through a pooler in transaction mode, where two statements in a row may reach two servers.

asyncpg prepares a statement in one round trip and runs it in the next; between the two the pooler may have handed the
server to somebody else, who has another unnamed statement there or none. Inside BEGIN … COMMIT the server stays. So
every statement that is not in a transaction yet gets one of its own here: two round trips more, which is the price.
"""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportIncompatibleMethodOverride=false, reportUnknownArgumentType=false, reportMissingTypeArgument=false

from __future__ import annotations

from typing import Any

import asyncpg


class Pooled(asyncpg.Connection):
    """asyncpg's connection, with a transaction around whatever has none."""

    async def _bracketed(self, ask: Any, *args: Any, **options: Any) -> Any:
        if self.is_in_transaction():
            return await ask(*args, **options)
        async with self.transaction():
            return await ask(*args, **options)

    async def execute(self, query: str, *args: Any, **options: Any) -> Any:
        """As asyncpg's; a statement without parameters is one round trip already, BEGIN and COMMIT among them."""
        if not args:
            return await super().execute(query, **options)
        return await self._bracketed(super().execute, query, *args, **options)

    async def fetch(self, query: str, *args: Any, **options: Any) -> Any:
        """As asyncpg's."""
        return await self._bracketed(super().fetch, query, *args, **options)

    async def fetchrow(self, query: str, *args: Any, **options: Any) -> Any:
        """As asyncpg's."""
        return await self._bracketed(super().fetchrow, query, *args, **options)

    async def fetchval(self, query: str, *args: Any, **options: Any) -> Any:
        """As asyncpg's."""
        return await self._bracketed(super().fetchval, query, *args, **options)

    async def set_type_codec(self, typename: str, **options: Any) -> None:
        """As asyncpg's, which looks the type up first."""
        await self._bracketed(super().set_type_codec, typename, **options)
