"""Writing the copies: the one place that fills tables by COPY, as their owner, past commands and triggers.

Indexes and foreign keys are taken down before and made anew after it, so PostgreSQL looks at every copied row once
more; `hub verify` then derives every figure anew. One transaction: an interrupted load leaves nothing.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence

import asyncpg

from hub.demo.city.binary import HEADER, TRAILER, Stencil
from hub.demo.city.copies import Common, Copy
from hub.demo.city.places import District
from hub.demo.city.stencils import Stencils
from hub.demo.city.template import Level
from hub.tables import metadata

BATCH_BYTES = 16 * 2**20
"""How much of a table is gathered before it is sent."""

Progress = Callable[[str, int], None]
"""Told the table and how many rows were written to it."""

CONSTRAINTS = """
select c.conrelid::regclass::text as on_table, c.conname, pg_get_constraintdef(c.oid) as made_by
  from pg_constraint c
 where c.contype in ('f', 'u', 'x') and c.conrelid = any($1::regclass[])
 order by c.contype = 'f', c.conname"""

INDEXES = """
select i.indexrelid::regclass::text as name, pg_get_indexdef(i.indexrelid) as made_by
  from pg_index i
 where i.indrelid = any($1::regclass[]) and not i.indisprimary
   and not exists (select from pg_constraint c where c.conindid = i.indexrelid)
 order by 1"""


@contextlib.asynccontextmanager
async def taken_down(connection: asyncpg.Connection, tables: Sequence[str]) -> AsyncIterator[None]:
    """No triggers, no foreign keys, no indexes but the primary keys; everything is as before afterwards."""
    constraints = await connection.fetch(CONSTRAINTS, tables)
    indexes = await connection.fetch(INDEXES, tables)
    for table in tables:
        await connection.execute(f"alter table {table} disable trigger user")
    for row in reversed(constraints):
        await connection.execute(f'alter table {row["on_table"]} drop constraint "{row["conname"]}"')
    for row in indexes:
        await connection.execute(f"drop index {row['name']}")
    yield
    for row in indexes:
        await connection.execute(row["made_by"])
    for row in constraints:
        await connection.execute(
            f'alter table {row["on_table"]} add constraint "{row["conname"]}" {row["made_by"]}'
        )
    for table in tables:
        await connection.execute(f"alter table {table} enable trigger user")


async def write(
    connection: asyncpg.Connection,
    common: Common,
    city: Sequence[District],
    stencils: Stencils,
    workers: Mapping[str, Stencil],
    told: Progress,
) -> None:
    """Every copy of every row. `city` begins with the template's own district, street and community."""
    copies = list(_copies(common, city))
    for name in sorted({name for level in stencils.values() for name in level}):
        fillings: list[tuple[Copy, Stencil]] = [
            (copy, stencils[copy.level][name])
            for copy in copies
            if name in stencils[copy.level] and copy.numbers[copy.level]
        ]
        if name in workers:
            fillings += [(copy, workers[name]) for copy in copies if _wants_worker(copy)]
        await _fill(connection, name, fillings, told)


def _copies(common: Common, city: Sequence[District]) -> Iterator[Copy]:
    for district in city:
        yield Copy(common, Level.DISTRICT, district)
        for street in district.streets:
            yield Copy(common, Level.STREET, district, street)
            for community in street.communities:
                yield Copy(common, Level.COMMUNITY, district, street, community)


def _wants_worker(copy: Copy) -> bool:
    return copy.community is not None and copy.community.worker is None


async def _fill(
    connection: asyncpg.Connection, table: str, fillings: Iterable[tuple[Copy, Stencil]], told: Progress
) -> None:
    gathered = io.BytesIO(HEADER)
    gathered.seek(0, io.SEEK_END)
    rows = 0
    for copy, stencil in fillings:
        gathered.write(stencil.filled(copy))
        rows += stencil.rows
        if gathered.tell() > BATCH_BYTES:
            await _send(connection, table, gathered)
            told(table, rows)
            gathered, rows = io.BytesIO(HEADER), 0
            gathered.seek(0, io.SEEK_END)
    await _send(connection, table, gathered)
    told(table, rows)


async def _send(connection: asyncpg.Connection, table: str, gathered: io.BytesIO) -> None:
    gathered.write(TRAILER)
    gathered.seek(0)
    columns = [column.name for column in metadata.tables[table].columns]
    await connection.copy_to_table(table, source=gathered, columns=columns, format="binary")
