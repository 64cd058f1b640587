"""Indexes, foreign keys and triggers: a load does without them, and they are made anew over the rows.

PostgreSQL so looks at every copied row once more. A load that is interrupted leaves the mark of a half made world, and
`hub up` does not start on it (`hub.world`).
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Mapping, Sequence

import asyncpg

from hub.base.db import Server
from hub.tables import metadata
from hub.world import as_owner

HANDS = 2
"""How many connections work side by side. No statement locks two tables in a way that another one would wait for."""

CONSTRAINTS = """
select c.conrelid::regclass::text as on_table, c.conname, pg_get_constraintdef(c.oid) as made_by,
       c.contype = 'f' as foreign_key
  from pg_constraint c
 where c.contype in ('f', 'u', 'x') and c.conrelid = any($1::regclass[])
 order by foreign_key, c.conname"""

ALWAYS = """
select t.tgrelid::regclass::text as on_table, t.tgname
  from pg_trigger t where t.tgrelid = any($1::regclass[]) and t.tgenabled = 'A' and not t.tgisinternal"""

INDEXES = """
select i.indexrelid::regclass::text as name, i.indrelid::regclass::text as on_table,
       pg_get_indexdef(i.indexrelid) as made_by
  from pg_index i
 where i.indrelid = any($1::regclass[]) and not i.indisprimary
   and not exists (select from pg_constraint c where c.conindid = i.indexrelid)
 order by 1"""

QUICKLY = "set synchronous_commit = off; set maintenance_work_mem = '512MB'; set jit = off"
"""For the owner's connections of a load."""

SIZES = "select relname, pg_relation_size(oid) as bytes from pg_class where oid = any($1::regclass[])"


@dataclasses.dataclass(frozen=True)
class TakenDown:
    """What makes everything anew: statements by table, and those that take no time."""

    indexes: Mapping[str, Sequence[str]]
    """Unique constraints are among them."""

    at_once: Sequence[str]
    """Foreign keys, not yet valid, and triggers."""

    validations: Mapping[str, Sequence[str]]


async def take_down(connection: asyncpg.Connection, tables: Sequence[str]) -> TakenDown:
    """From here on no triggers, no foreign keys, no indexes but the primary keys: until `put_up`."""
    constraints = await connection.fetch(CONSTRAINTS, tables)
    indexes = await connection.fetch(INDEXES, tables)
    always = await connection.fetch(ALWAYS, tables)
    for table in tables:
        await connection.execute(f"alter table {table} disable trigger user")
    for row in reversed(constraints):
        await connection.execute(f'alter table {row["on_table"]} drop constraint "{row["conname"]}"')
    for row in indexes:
        await connection.execute(f"drop index {row['name']}")
    foreign_keys = [row for row in constraints if row["foreign_key"]]
    uniques = [row for row in constraints if not row["foreign_key"]]
    return TakenDown(
        _by_table(
            *((row["on_table"], row["made_by"]) for row in indexes),
            *((row["on_table"], _added(row)) for row in uniques),
        ),
        [
            *(f"{_added(row)} not valid" for row in foreign_keys),
            *(f"alter table {table} enable trigger user" for table in tables),
            *(f'alter table {row["on_table"]} enable always trigger "{row["tgname"]}"' for row in always),
        ],
        _by_table(*((row["on_table"], _validated(row)) for row in foreign_keys)),
    )


def _added(row: asyncpg.Record) -> str:
    return f'alter table {row["on_table"]} add constraint "{row["conname"]}" {row["made_by"]}'


def _validated(row: asyncpg.Record) -> str:
    return f'alter table {row["on_table"]} validate constraint "{row["conname"]}"'


def _by_table(*statements: tuple[str, str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for table, statement in statements:
        found.setdefault(table, []).append(statement)
    return found


async def put_up(server: Server, down: TakenDown) -> None:
    """Everything as it was, and valid; with statistics for the planner of the database, and the marks that let it
    read from indexes alone.
    """
    async with as_owner(server) as connection:
        tables = await _largest_first(connection)
    await _side_by_side(server, [[one] for table in tables for one in down.indexes.get(table, ())])
    await _side_by_side(server, [down.at_once])
    await _side_by_side(
        server, [[*down.validations.get(table, ()), f"vacuum analyze {table}"] for table in tables]
    )


async def _largest_first(connection: asyncpg.Connection) -> list[str]:
    """So that the last one to end is a small one."""
    rows = await connection.fetch(SIZES, list(metadata.tables))
    return [row["relname"] for row in sorted(rows, key=lambda row: -row["bytes"])]


async def _side_by_side(server: Server, work: Sequence[Sequence[str]]) -> None:
    """Each piece of work, statement by statement, by the connection that comes to it first."""
    waiting = iter(work)

    async def hand() -> None:
        async with as_owner(server) as connection:
            await connection.execute(QUICKLY)
            for statements in waiting:
                for statement in statements:
                    await connection.execute(statement)

    async with asyncio.TaskGroup() as hands:
        for _ in range(HANDS):
            hands.create_task(hand())
