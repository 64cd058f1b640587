"""What of the template street is copied how often: for each district, each street or each community of the city.

A row belongs to the narrowest of what it refers to: a delivery of the crowd to its community, the agreement that pays
for it to the street, the partner to the district (where it works for every street).
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

import asyncpg

from hub.demo.cast import COMMUNITY_CODES, DISTRICT, STREET
from hub.demo.city.crowd import Crowd
from hub.demo.registering import REGISTRARS
from hub.demo.stage import Stage
from hub.tables import metadata

LEFT_OUT = (
    "audit_events",
    "audit_chain",
    "audit_unlinked",
    "outbox",
    "notices",
    "idempotency_keys",
    "demo_clock",
    "papers",
    "clients",
)
"""The traces of the template's own commands. The copies were made by no command, and do not pretend to have been."""

STANDING = {"persons", "person_keys", "households", "eligibility_spells", "guardians"}
"""Facts about people that are copied only for those whom some work is about."""

PLACE_KINDS = ("DISTRICT", "STREET", "COMMUNITY")


class Level(enum.IntEnum):
    """How often a row is copied; a higher one is narrower."""

    SHARED = 0
    DISTRICT = 1
    STREET = 2
    COMMUNITY = 3


@dataclasses.dataclass(frozen=True)
class Worker:
    """Who works in a community of the template, as user and as membership."""

    user_id: UUID
    membership_id: UUID


@dataclasses.dataclass(frozen=True)
class Place:
    """A template id that stands for a place, or for who works there: it is looked up, never copied as it is.

    `community`: which one, in the order of the template's three.
    """

    kind: str
    community: int = 0


@dataclasses.dataclass
class Template:
    """Ids of the template: at which level each is copied, and which stand for places."""

    levels: dict[UUID, Level]
    places: dict[UUID, Place]
    persons: set[UUID]
    """Those who are copied, and their households."""

    homes: dict[bytes, Place] = dataclasses.field(default_factory=dict)
    """Person → the community she lives in."""

    def level_of(self, table: str, row: Mapping[str, Any]) -> Level | None:
        """How often the row is copied; None when it is not."""
        if row.get("id") in self.places or (table == "organizations" and row["kind"] in PLACE_KINDS):
            return None
        if table in STANDING and not self._wanted(table, row):
            return None
        level = max((self.levels.get(value, Level.SHARED) for value in _ids(row)), default=Level.SHARED)
        return level or None

    def _wanted(self, table: str, row: Mapping[str, Any]) -> bool:
        if table == "households":
            return row["id"] in self.persons
        return row["id" if table == "persons" else "person_id"] in self.persons


def tables() -> list[str]:
    """The tables that are copied."""
    return sorted(name for name in metadata.tables if name not in LEFT_OUT)


async def read(connection: asyncpg.Connection, stage: Stage, crowd: Crowd) -> Template:
    """Find out the levels of everything that the template's commands have made."""
    rows = {name: await connection.fetch(f'select * from "{name}"') for name in tables()}  # noqa: S608 - our tables
    template = Template({}, _places(stage), set())
    template.persons = _persons(rows)
    template.homes = {row["id"].bytes: template.places[row["community_id"]] for row in rows["persons"]}
    _seed(template, rows, {row_id for one in crowd.people for row_id in (one.id, one.row.household_id)})
    while _narrowed(template, rows):
        pass
    return template


def workers_of(stage: Stage) -> list[Worker]:
    """The workers of the template's communities, in their order."""
    viewers = (stage.viewers[REGISTRARS[name]] for name in COMMUNITY_CODES)
    return [Worker(one.user_id, one.membership_id) for one in viewers if one.user_id and one.membership_id]


def _places(stage: Stage) -> dict[UUID, Place]:
    places = {stage.organizations[DISTRICT]: Place("district"), stage.organizations[STREET]: Place("street")}
    for number, (name, worker) in enumerate(zip(COMMUNITY_CODES, workers_of(stage), strict=True)):
        places[stage.organizations[name]] = Place("community", number)
        places[worker.user_id] = Place("worker_user", number)
        places[worker.membership_id] = Place("worker", number)
    return places


def _persons(rows: Mapping[str, list[Any]]) -> set[UUID]:
    """Whom some work is about, those who decide for them, and (as ids) the households of both."""
    found = {
        row["person_id"]
        for name, found in rows.items()
        if name not in STANDING
        for row in found
        if _about(row)
    }
    found |= {row["guardian_person_id"] for row in rows["guardians"] if row["person_id"] in found}
    return found | {row["household_id"] for row in rows["persons"] if row["id"] in found}


def _about(row: Any) -> bool:
    return "person_id" in row.keys() and row["person_id"] is not None  # noqa: SIM118 - a Record iterates over values


def _seed(template: Template, rows: Mapping[str, list[Any]], crowd: set[UUID]) -> None:
    """What is known at once: the crowd, the rows that name a street, the partners and the district's own people."""
    levels = template.levels
    for name, found in rows.items():
        for row in found:
            if (row_id := _own_id(row)) is None or row_id in template.places:
                continue
            if row_id in crowd:
                levels[row_id] = Level.COMMUNITY
            elif dict(row).get("street_id") is not None and name != "organizations":
                levels[row_id] = Level.STREET
            elif (name == "organizations" and row["kind"] not in PLACE_KINDS) or name == "memberships":
                levels[row_id] = Level.DISTRICT
    for row in rows["memberships"]:
        if row["user_id"] not in template.places:
            levels[row["user_id"]] = max(
                levels.get(row["user_id"], Level.SHARED), levels.get(row["id"], Level.SHARED)
            )


def _narrowed(template: Template, rows: Mapping[str, list[Any]]) -> bool:
    """Move rows to the level of what they refer to. Whether any moved."""
    moved = False
    for name, found in rows.items():
        for row in found:
            row_id = _own_id(row)
            if row_id is None or row_id in template.places:
                continue
            level = template.level_of(name, row)
            if level is not None and level > template.levels.get(row_id, Level.SHARED):
                template.levels[row_id] = level
                moved = True
    return moved


def _own_id(row: Any) -> UUID | None:
    """The id of the row, when it has one of its own."""
    return dict(row).get("id")


def _ids(row: Mapping[str, Any]) -> Iterator[UUID]:
    """Every id in the row; those in arrays narrow nothing."""
    return (value for value in row.values() if isinstance(value, UUID))
