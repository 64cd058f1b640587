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

KEPT = 4
"""Copies of one process: a module's and a test's, of the template in use and of the one before. Tests come directory
by directory, so an older one is not asked for again."""

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

NOW = "select pg_current_xact_id()::xid"

LENT: dict[str, Connections] = {}
"""The connections to each kept database, by its name."""


@dataclasses.dataclass
class Copy:
    """A copy of a template, and what it has to look like when it is given back."""

    source: str
    server: Server
    connections: Connections
    held: contextlib.AsyncExitStack
    admin: Any  # asyncpg says little about its types
    content: dict[str, bytes]
    watched: list[asyncpg.Record]
    state: list[asyncpg.Record]
    survey: Any
    since: Any
    """The transaction after which whatever is written counts as a test's."""

    uses: int = 0
    lent: bool = False


class Keeping:
    """The copies that one process keeps, the latest used last. Of one template there are as many as are out at once."""

    def __init__(self, shared: harness.Shared) -> None:
        self._shared = shared
        self._copies: list[Copy] = []

    @contextlib.asynccontextmanager
    async def borrowed(self, source: Server) -> AsyncIterator[Server]:
        """A database equal to `source`, for one test or one module alone."""
        if harness.POOLER:
            async with harness.clone(self._shared, source) as server:
                yield server
            return
        copy = await self._free(source)
        copy.lent = True
        try:
            yield copy.server
        finally:
            copy.lent = False
            copy.uses += 1
            if copy.uses == USES or not await _restored(copy):
                self._copies.remove(copy)
                await copy.held.aclose()

    async def close(self) -> None:
        """Drop every copy."""
        while self._copies:
            await self._copies.pop().held.aclose()

    async def _free(self, source: Server) -> Copy:
        free = [copy for copy in self._copies if not copy.lent]
        for copy in free:
            if copy.source == source.database:
                self._copies.remove(copy)
                self._copies.append(copy)
                return copy
        if free and len(self._copies) >= KEPT:
            self._copies.remove(free[0])
            await free[0].held.aclose()
        self._copies.append(await self._made(source))
        return self._copies[-1]

    async def _made(self, source: Server) -> Copy:
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
            since = await admin.fetchval(NOW)
            state = await survey.fetch(since)
            held = stack.pop_all()
        return Copy(source.database, server, connections, held, admin, content, watched, state, survey, since)


AGE = "(select age($1::xid))"
"""How long ago that transaction was; asked once, not for each row."""


def _survey(tables: dict[str, bytes]) -> str:
    """Of each table: its rows, and whether one was written after transaction $1."""
    catalogue = [f"pg_catalog.pg_{name}" for name in SCHEMA]
    parts = [
        f"select '{name}' as name, count(*) as rows, coalesce(bool_or(age(xmin) < {AGE}), false) as written from {name}"
        for name in (*tables, *catalogue)
    ]
    numbers = "select sequencename, coalesce(last_value, 0), false from pg_sequences"
    settings = (
        "select 'settings', count(*), false from pg_db_role_setting where setdatabase ="
        " (select oid from pg_database where datname = current_database())"
    )
    return " union all ".join((*parts, numbers, settings))


async def _restored(copy: Copy) -> bool:
    """Whether the copy is as it was; puts the rows of its tables back when they are not."""
    try:
        found = await copy.survey.fetch(copy.since, timeout=PATIENCE_SECONDS)
        changed = [(row, was["rows"]) for row, was in zip(found, copy.state, strict=True) if row != was]
        if any(row["name"].startswith("pg_catalog.") or row["name"] == "settings" for row, _ in changed):
            return False
        if not changed:
            return True
        async with copy.admin.transaction():
            await copy.admin.execute("set local session_replication_role = replica")
            await copy.admin.execute(f"set local lock_timeout = '{PATIENCE_SECONDS}s'")
            for row, rows in changed:
                if row["name"] in copy.content:
                    await _refill(copy, row["name"], more=row["rows"] - rows)
                else:
                    await copy.admin.execute("select setval($1::regclass, $2)", row["name"], rows)
        copy.since = await copy.admin.fetchval(NOW)
    except (asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError, ValueError):
        return False
    return True


async def _refill(copy: Copy, table: str, more: int) -> None:
    """As it was; when rows were only added (`more` of them), the others stay where they are."""
    guards = [row["trigger"] for row in copy.watched if row["table"] == table]
    for guard in guards:
        await copy.admin.execute(f"alter table {table} disable trigger {guard}")
    written = await copy.admin.execute(f"delete from {table} where age(xmin) < {AGE}", copy.since)
    if written != f"DELETE {more}":
        await copy.admin.execute(f"delete from {table}")
        schema, _, name = table.partition(".")
        rows = io.BytesIO(copy.content[table])
        await copy.admin.copy_to_table(name, schema_name=schema, source=rows, format="binary")
    for guard in guards:
        await copy.admin.execute(f"alter table {table} enable always trigger {guard}")
