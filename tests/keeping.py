"""Databases that are put back as they were instead of being made anew for each test.

A fresh copy costs more than the copying: every connection to it begins without plans, and the first call of each
trigger and function compiles it again. So each process keeps a copy of a template together with a hub's connections,
and after a test restores the tables that the test wrote to. What a row says of the transaction that wrote it tells
which; a test that changed the schema itself (a trigger switched off, say) leaves a copy that is thrown away.
"""

from __future__ import annotations

import contextlib
import dataclasses
import io
from collections.abc import AsyncIterator
from typing import Any

import asyncpg

from hub.base.db import Server
from hub.connections import Connections, connected
from tests import harness

KEPT = 2
"""Copies of one process. Tests come directory by directory, so an older one is not asked for again."""

USES = 60
"""Tests on one copy, so that neither dead rows nor remembered plans pile up."""

PATIENCE_SECONDS = 5
"""For what a test may have left running; then its copy is thrown away."""

SCHEMA = ("class", "attribute", "attrdef", "proc", "trigger", "policy", "constraint", "namespace", "type")
"""The system's tables `pg_…` that change with the schema."""

_WATCHED = """
select format('%I.%I', n.nspname, c.relname) as table, quote_ident(t.tgname) as trigger
  from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace
 where t.tgenabled = 'A'
"""
"""Triggers that guard history even from a replica."""

LENT: dict[str, Connections] = {}
"""The connections to each kept database, by its name."""


@dataclasses.dataclass
class Copy:
    """A copy of a template, and what it has to look like when it is given back."""

    server: Server
    connections: Connections
    held: contextlib.AsyncExitStack
    admin: Any  # asyncpg says little about its types
    content: dict[str, bytes]
    watched: list[asyncpg.Record]
    state: list[asyncpg.Record]
    survey: Any
    since: int = 0
    uses: int = 0
    lent: bool = False


class Keeping:
    """The copies that one process keeps, the latest used last."""

    def __init__(self, shared: harness.Shared) -> None:
        self._shared = shared
        self._copies: dict[str, Copy] = {}

    @contextlib.asynccontextmanager
    async def borrowed(self, source: Server) -> AsyncIterator[Server]:
        """A database equal to `source`, for one test alone."""
        copy = self._copies.pop(source.database, None)
        if harness.POOLER or (copy is not None and copy.lent):
            if copy is not None:
                self._copies[source.database] = copy
            async with harness.clone(self._shared, source) as server:
                yield server
            return
        copy = copy or await self._made(source)
        self._copies[source.database] = copy
        copy.lent = True
        try:
            yield copy.server
        finally:
            copy.lent = False
            copy.uses += 1
            if copy.uses == USES or not await _restored(copy):
                await self._copies.pop(source.database).held.aclose()

    async def close(self) -> None:
        """Drop every copy."""
        while self._copies:
            await self._copies.popitem()[1].held.aclose()

    async def _made(self, source: Server) -> Copy:
        while len(self._copies) >= KEPT:
            oldest = next(name for name, copy in self._copies.items() if not copy.lent)
            await self._copies.pop(oldest).held.aclose()
        async with contextlib.AsyncExitStack() as stack:
            server = await stack.enter_async_context(harness.clone(self._shared, source))
            connections = await stack.enter_async_context(connected(server))
            admin = await stack.enter_async_context(harness.connect_as(server, "admin"))
            LENT[server.database] = connections
            stack.callback(LENT.pop, server.database)
            tables = await admin.fetch(
                "select schemaname as schema, tablename as name from pg_tables"
                " where schemaname not in ('pg_catalog', 'information_schema') order by 1, 2"
            )
            content = {f"{row['schema']}.{row['name']}": b"" for row in tables}
            for row in tables:
                saved = io.BytesIO()
                await admin.copy_from_table(
                    row["name"], schema_name=row["schema"], output=saved, format="binary"
                )
                content[f"{row['schema']}.{row['name']}"] = saved.getvalue()
            watched = await admin.fetch(_WATCHED)
            survey = await admin.prepare(_survey(content))
            copy = Copy(server, connections, stack.pop_all(), admin, content, watched, [], survey)
        await _mark(copy)
        return copy


def _survey(tables: dict[str, bytes]) -> str:
    """Of each table: its rows, and whether one was written after transaction $1."""
    catalogue = [f"pg_catalog.pg_{name}" for name in SCHEMA]
    parts = [
        f"select '{name}' as name, count(*) as rows, coalesce(bool_or(age(xmin) < age($1::xid)), false) as written"
        f" from {name}"
        for name in (*tables, *catalogue)
    ]
    numbers = "select sequencename, coalesce(last_value, 0), false from pg_sequences"
    settings = (
        "select 'settings', count(*), false from pg_db_role_setting where setdatabase ="
        " (select oid from pg_database where datname = current_database())"
    )
    return " union all ".join((*parts, numbers, settings))


async def _mark(copy: Copy) -> None:
    """From now on whatever is written counts as a test's."""
    copy.since = await copy.admin.fetchval("select pg_current_xact_id()::xid")
    copy.state = await copy.survey.fetch(copy.since)


async def _restored(copy: Copy) -> bool:
    """Whether the copy is as it was; puts the rows of its tables back when they are not."""
    try:
        found = await copy.survey.fetch(copy.since, timeout=PATIENCE_SECONDS)
        changed = [row["name"] for row, was in zip(found, copy.state, strict=True) if row != was]
        if not changed:
            return True
        numbers = {row["name"]: row["rows"] for row in copy.state}
        sequences = {row["name"] for row in copy.state} - set(copy.content)
        if any(name.startswith("pg_catalog.") or name == "settings" for name in changed):
            return False
        async with copy.admin.transaction():
            await copy.admin.execute("set local session_replication_role = replica")
            await copy.admin.execute(f"set local lock_timeout = '{PATIENCE_SECONDS}s'")
            for name in changed:
                if name in sequences:
                    await copy.admin.execute("select setval($1::regclass, $2)", name, numbers[name])
                else:
                    await _refill(copy, name)
        await _mark(copy)
    except (asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError, ValueError):
        return False
    return True


async def _refill(copy: Copy, table: str) -> None:
    schema, _, name = table.partition(".")
    guards = [row["trigger"] for row in copy.watched if row["table"] == table]
    for guard in guards:
        await copy.admin.execute(f"alter table {table} disable trigger {guard}")
    await copy.admin.execute(f"delete from {table}")
    rows = io.BytesIO(copy.content[table])
    await copy.admin.copy_to_table(name, schema_name=schema, source=rows, format="binary")
    for guard in guards:
        await copy.admin.execute(f"alter table {table} enable always trigger {guard}")
