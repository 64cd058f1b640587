"""Writing the copies: the one place that fills tables by COPY, as their owner, past commands and triggers.

Indexes and foreign keys are taken down before and made anew after it, so PostgreSQL looks at every copied row once
more; `hub verify` then derives every figure anew. One transaction: an interrupted load leaves nothing.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence

import asyncpg

from hub.demo.city.binary import HEADER, TRAILER, Stencil
from hub.demo.city.copies import Common, Copy
from hub.demo.city.places import District
from hub.demo.city.stencils import Stencils
from hub.demo.city.template import Level
from hub.tables import metadata

PILE_BYTES = 2**22
"""How much of a table is gathered before it is sent."""

Progress = Callable[[str, int], None]
"""Told the table and how many rows were written to it."""

CONSTRAINTS = """
select c.conrelid::regclass::text as on_table, c.conname, pg_get_constraintdef(c.oid) as made_by
  from pg_constraint c
 where c.contype in ('f', 'u', 'x') and c.conrelid = any($1::regclass[])
 order by c.contype = 'f', c.conname"""

ALWAYS = """
select t.tgrelid::regclass::text as on_table, t.tgname
  from pg_trigger t where t.tgrelid = any($1::regclass[]) and t.tgenabled = 'A' and not t.tgisinternal"""

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
    always = await connection.fetch(ALWAYS, tables)
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
    for row in always:
        await connection.execute(f'alter table {row["on_table"]} enable always trigger "{row["tgname"]}"')


async def write(
    connection: asyncpg.Connection,
    common: Common,
    city: Sequence[District],
    stencils: Stencils,
    workers: Mapping[str, Stencil],
    told: Progress,
) -> None:
    """Every copy of every row. `city` begins with the template's own district, street and community."""
    piles: dict[str, Pile] = {}
    for copy in _copies(common, city):
        # A copy is forgotten before the next one: the values of all of them together would fill the memory.
        for table, stencil in _stencils_of(copy, stencils, workers):
            pile = piles.setdefault(table, Pile(table))
            pile.add(stencil, copy)
            if pile.size > PILE_BYTES:
                await pile.send(connection, told)
    for pile in piles.values():
        await pile.send(connection, told)


def _copies(common: Common, city: Sequence[District]) -> Iterator[Copy]:
    for district in city:
        yield Copy(common, Level.DISTRICT, district)
        for street in district.streets:
            yield Copy(common, Level.STREET, district, street)
            for community in street.communities:
                yield Copy(common, Level.COMMUNITY, district, street, community)


def _stencils_of(
    copy: Copy, stencils: Stencils, workers: Mapping[str, Stencil]
) -> Iterator[tuple[str, Stencil]]:
    """What is copied; of the template's own places nothing, but for a second community's people and work."""
    if copy.numbers[copy.level]:
        yield from stencils[copy.level].items()
    if copy.community is not None and copy.community.worker is None:
        yield from workers.items()


class Pile:
    """Rows of one table that wait to be sent."""

    def __init__(self, table: str) -> None:
        self._table = table
        self._columns = [column.name for column in metadata.tables[table].columns]
        self._parts: list[bytes] = []
        self._rows = 0
        self.size = 0

    def add(self, stencil: Stencil, copy: Copy) -> None:
        """The rows of one copy."""
        self._parts.append(stencil.filled(copy))
        self._rows += stencil.rows
        self.size += len(self._parts[-1])

    async def send(self, connection: asyncpg.Connection, told: Progress) -> None:
        """All of them, in one COPY."""
        source = io.BytesIO(b"".join((HEADER, *self._parts, TRAILER)))
        await connection.copy_to_table(self._table, source=source, columns=self._columns, format="binary")
        told(self._table, self._rows)
        self._parts, self._rows, self.size = [], 0, 0
