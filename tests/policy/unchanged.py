"""Proof that nothing changed: a fingerprint of every row of every table."""

from __future__ import annotations

from hub.base.db import Server
from hub.tables import metadata
from tests import harness


async def fingerprint(server: Server) -> dict[str, str]:
    """Table → hash of all its rows."""
    found: dict[str, str] = {}
    async with harness.connect_as(server, "admin") as connection:
        for name in sorted(metadata.tables):
            query = f"select coalesce(md5(string_agg(t::text, '|' order by t::text)), '') from {name} t"
            found[name] = str(await connection.fetchval(query))
    return found
