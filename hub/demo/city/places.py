"""The real streets and communities of the city, each with the numbers that tell its copies' ids apart."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from uuid import UUID

import asyncpg

from hub.demo.cast import COMMUNITY_CODES, DISTRICT_CODE, STREET_CODE
from hub.demo.city.template import Level, Worker


@dataclasses.dataclass(frozen=True)
class Community:
    """A community. `worker`: its own from the template, if it is one of the template street's."""

    id: UUID
    code: str
    name: str
    number: int
    worker: Worker | None = None


@dataclasses.dataclass(frozen=True)
class Street:
    """A street with its communities, in the order of their codes."""

    id: UUID
    code: str
    name: str
    number: int
    communities: Sequence[Community]


@dataclasses.dataclass(frozen=True)
class District:
    """A district with its streets, in the order of their codes. The template's own places have the number 0."""

    id: UUID
    code: str
    name: str
    number: int
    streets: Sequence[Street]


NUMBER = slice(6, 8)
"""Where in an id the number of its copy stands: twelve bits of version 7 that are 0 in ids made by `hub.base.ids`.

So no two copies meet, and each stands in time where its original does.
"""


def numbered(bits: bytes, number: int) -> bytes:
    """The two bytes at NUMBER in the `number`th copy."""
    return (int.from_bytes(bits) ^ number).to_bytes(2)


def with_number(row_id: bytes, number: int) -> bytes:
    """The id of the `number`th copy of a row."""
    return row_id[: NUMBER.start] + numbered(row_id[NUMBER], number) + row_id[NUMBER.stop :]


async def city(
    connection: asyncpg.Connection, workers: Sequence[Worker], streets: int | None = None
) -> list[District]:
    """The divisions in the database; `streets`: only so many, the template's own first.

    `workers`: those of the template's communities, in their order.
    """
    rows = await connection.fetch(
        "select id, kind, code, name, parent_id from organizations"
        " where kind in ('DISTRICT', 'STREET', 'COMMUNITY') order by code"
    )
    children: dict[UUID, list[asyncpg.Record]] = {}
    for row in rows:
        children.setdefault(row["parent_id"], []).append(row)
    own = dict(zip(COMMUNITY_CODES.values(), workers, strict=True))
    first = {DISTRICT_CODE, STREET_CODE, *own}
    numbers = {level: iter(range(1, 4096)) for level in Level}
    left = [streets if streets is not None else len(rows)]

    def number(level: Level, code: str) -> int:
        return 0 if code in (DISTRICT_CODE, STREET_CODE, next(iter(own))) else next(numbers[level])

    def community(row: asyncpg.Record) -> Community:
        code = row["code"]
        return Community(row["id"], code, row["name"], number(Level.COMMUNITY, code), own.get(code))

    def street(row: asyncpg.Record) -> Street:
        left[0] -= 1
        inside = tuple(community(one) for one in children.get(row["id"], ()))
        return Street(row["id"], row["code"], row["name"], number(Level.STREET, row["code"]), inside)

    def district(row: asyncpg.Record) -> District:
        inside = sorted(children.get(row["id"], ()), key=lambda one: (one["code"] not in first, one["code"]))
        chosen = tuple(street(one) for one in inside if left[0] > 0)
        return District(row["id"], row["code"], row["name"], number(Level.DISTRICT, row["code"]), chosen)

    districts = sorted(
        (row for row in rows if row["kind"] == "DISTRICT"),
        key=lambda one: (one["code"] not in first, one["code"]),
    )
    return [made for made in map(district, districts) if made.streets]
