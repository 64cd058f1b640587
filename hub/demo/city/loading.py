"""Writing the copies: the one place that fills tables by COPY, as their owner, past commands and triggers.

`taken_down` then has PostgreSQL look at every row once more, and `hub verify` derives every figure anew.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable, Iterator, Mapping, Sequence

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


async def write(
    connection: asyncpg.Connection,
    common: Common,
    city: Sequence[District],
    stencils: Stencils,
    workers: Mapping[str, Stencil],
    told: Progress,
) -> None:
    """Every copy of every row. `city` begins with the template's own district, street and community.

    A pile is made while the one before it is on its way: the database works on one core, this on another.
    """
    piles = _piles(common, city, stencils, workers)
    pile = next(piles, None)
    while pile is not None:
        async with asyncio.TaskGroup() as both:
            both.create_task(pile.send(connection))
            ahead = both.create_task(asyncio.to_thread(next, piles, None))
        told(pile.table, pile.rows)
        pile = ahead.result()


def _piles(
    common: Common, city: Sequence[District], stencils: Stencils, workers: Mapping[str, Stencil]
) -> Iterator[Pile]:
    growing: dict[str, Pile] = {}
    for copy in _copies(common, city):
        # A copy is forgotten before the next one: the values of all of them together would fill the memory.
        for table, stencil in _stencils_of(copy, stencils, workers):
            pile = growing.setdefault(table, Pile(table))
            pile.add(stencil, copy)
            if pile.size > PILE_BYTES:
                yield growing.pop(table)
    yield from growing.values()


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
        self.table = table
        self.rows = 0
        self.size = 0
        self._parts: list[bytes] = []

    def add(self, stencil: Stencil, copy: Copy) -> None:
        """The rows of one copy."""
        self._parts.append(stencil.filled(copy))
        self.rows += stencil.rows
        self.size += len(self._parts[-1])

    async def send(self, connection: asyncpg.Connection) -> None:
        """All of them, in one COPY."""
        source = io.BytesIO(b"".join((HEADER, *self._parts, TRAILER)))
        columns = [column.name for column in metadata.tables[self.table].columns]
        await connection.copy_to_table(self.table, source=source, columns=columns, format="binary")
