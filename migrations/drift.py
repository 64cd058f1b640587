"""What differs between today's tables and a migrated database, to the letter.

The tables are created in a scratch schema inside a transaction that is rolled back; then PostgreSQL's own rendering
of columns, defaults, constraints and indexes of both schemas is compared. Text from the same server on both sides
needs no guessing about equivalent spellings, and it covers CHECK, exclusion and partial-index expressions, which
alembic's comparison passes over.
"""

from __future__ import annotations

import asyncpg

from hub.base.db import Server
from migrations import run
from migrations.draft import draft_ddl

SCRATCH = "hub_drift"
IGNORED = "alembic_version"

_CATALOGUE = """
select c.relname || '.' || a.attname || ' is ' || format_type(a.atttypid, a.atttypmod)
       || case when a.attnotnull then ' not null' else '' end
       || case a.attgenerated when '' then '' else ' generated ' || a.attgenerated::text end
       || case a.attidentity when '' then '' else ' identity ' || a.attidentity::text end
       || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '')
  from pg_attribute a
  join pg_class c on c.oid = a.attrelid and c.relkind in ('r', 'p')
  left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
 where c.relnamespace = $1::regnamespace and a.attnum > 0 and not a.attisdropped and c.relname <> $2
union all
select c.relname || ' has ' || k.conname || ' ' || pg_get_constraintdef(k.oid)
  from pg_constraint k
  join pg_class c on c.oid = k.conrelid
 where c.relnamespace = $1::regnamespace and k.contype in ('c', 'f', 'p', 'u', 'x') and c.relname <> $2
union all
select c.relname || ' has index ' || i.relname || ' ' || pg_get_indexdef(x.indexrelid)
  from pg_index x
  join pg_class i on i.oid = x.indexrelid
  join pg_class c on c.oid = x.indrelid and c.relkind in ('r', 'p')
 where c.relnamespace = $1::regnamespace and c.relname <> $2
union all
select 'sequence ' || c.relname from pg_class c
 where c.relnamespace = $1::regnamespace and c.relkind = 'S'
   and not exists (select from pg_depend d where d.objid = c.oid and d.deptype in ('a', 'i'))
"""


async def check_drift(server: Server) -> list[str]:
    """One line per difference, sorted: "database lacks …" or "tables lack …". Empty when there is none.

    Triggers, functions, views, policies and grants are not tables and are not looked at here.
    """
    connection = await run.connect(server)
    transaction = connection.transaction()
    await transaction.start()
    try:
        wanted = await _described_by_tables(connection)
        found = await _catalogue(connection, "public")
    finally:
        await transaction.rollback()
        await connection.close()
    lacks = [f"database lacks: {line}" for line in wanted - found]
    return sorted(lacks + [f"tables lack: {line}" for line in found - wanted])


async def _described_by_tables(connection: asyncpg.Connection) -> set[str]:
    await connection.execute(f"create schema {SCRATCH}; set local search_path = {SCRATCH}, public")
    await connection.execute(draft_ddl())
    lines = await _catalogue(connection, SCRATCH)
    return {line.replace(f"{SCRATCH}.", "public.") for line in lines}


async def _catalogue(connection: asyncpg.Connection, schema: str) -> set[str]:
    """Names outside pg_catalog come out qualified, so that both schemas read alike."""
    await connection.execute("set local search_path = pg_catalog")
    return {row[0] for row in await connection.fetch(_CATALOGUE, schema, IGNORED)}
