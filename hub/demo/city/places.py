"""The real streets and communities of the city, each with the numbers that tell its copies' ids apart."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Sequence
from uuid import UUID

import asyncpg

from hub.demo.cast import COMMUNITY_CODES, DISTRICT_CODE, STREET_CODE
from hub.demo.city.template import Worker


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


async def city(connection: asyncpg.Connection, workers: Sequence[Worker], streets: int) -> list[District]:
    """The divisions in the database, with at most `streets` streets, the template's own first.

    `workers`: those of the template's communities, in their order.
    """
    rows = await connection.fetch(
        "select id, kind, code, name, parent_id from organizations"
        " where kind in ('DISTRICT', 'STREET', 'COMMUNITY') order by code"
    )
    districts, all_streets, communities = (
        sorted((row for row in rows if row["kind"] == kind), key=_own_first)
        for kind in ("DISTRICT", "STREET", "COMMUNITY")
    )
    own = dict(zip(COMMUNITY_CODES.values(), workers, strict=True))
    numbered_streets: dict[UUID, list[Street]] = {}
    community_number = itertools.count()
    for number, row in enumerate(all_streets[:streets]):
        inside = [
            Community(one["id"], one["code"], one["name"], next(community_number), own.get(one["code"]))
            for one in communities
            if one["parent_id"] == row["id"]
        ]
        street = Street(row["id"], row["code"], row["name"], number, inside)
        numbered_streets.setdefault(row["parent_id"], []).append(street)
    return [
        District(row["id"], row["code"], row["name"], number, numbered_streets[row["id"]])
        for number, row in enumerate(districts)
        if row["id"] in numbered_streets
    ]


def _own_first(row: asyncpg.Record) -> tuple[bool, bool, str]:
    """The template's district, then its street, then by code: what comes first gets the number 0."""
    code = row["code"]
    return not code.startswith(DISTRICT_CODE), not code.startswith(STREET_CODE), code
