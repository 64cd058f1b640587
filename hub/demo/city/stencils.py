"""The template's rows as stencils, one for each table and level."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import ARRAY, Text
from sqlalchemy.dialects.postgresql import ARRAY as PG_ARRAY
from sqlalchemy.dialects.postgresql import UUID as PG_UUID

from hub.demo.city import fresh
from hub.demo.city.binary import Slot, Stencil, add_row, field, ids_in, rows_of, slot, uuid_array
from hub.demo.city.copies import CITY, TEMPLATE_COMMUNITY
from hub.demo.city.places import NUMBER
from hub.demo.city.template import Level, Place, Template, tables
from hub.tables import metadata

CODED = {
    ("users", "sign_in_name"),
    ("invoices", "number"),
    ("payments", "bank_reference"),
    ("payments", "refund_reference"),
}
STAFF = {("users", "name"), ("memberships", "display_name")}
PSEUDONYMS = {"pseudonym": "id", "person_pseudonym": "person_id"}
"""Column → the column of the person whose pseudonym it is."""

ACCOUNT_COLUMNS = ("number_sealed", "number_last4", "number_index")
RENAMED = (TEMPLATE_COMMUNITY.encode(), CITY.encode())

ID_LENGTH = (16).to_bytes(4)

Stencils = dict[Level, dict[str, Stencil]]


class Cutter:
    """Cuts the rows of one table into literals and slots."""

    def __init__(self, template: Template, table: str) -> None:
        self.template = template
        self.table = table
        self.columns = [column.name for column in metadata.tables[table].columns]
        types = {column.name: column.type for column in metadata.tables[table].columns}
        self.ids = {name for name, kind in types.items() if isinstance(kind, PG_UUID)}
        self.arrays = {
            name
            for name, kind in types.items()
            if isinstance(kind, (ARRAY, PG_ARRAY)) and isinstance(kind.item_type, PG_UUID)
        }
        self.texts = {name for name, kind in types.items() if isinstance(kind, Text)}

    def slots(
        self, column: str, value: bytes, row: Sequence[bytes | None]
    ) -> Slot | list[Slot | bytes] | None:
        """See `binary.SlotsOf`."""
        if column in self.ids:
            return [ID_LENGTH, *self._id(value)]
        if column == "community_ids":
            return slot("communities", None)
        if column in self.arrays:
            return self._array(value)
        return self._sealed(column, row) or (self._text(column, value, row) if column in self.texts else None)

    def _id(self, value: bytes) -> list[Slot | bytes]:
        row_id = UUID(bytes=value)
        if (place := self.template.places.get(row_id)) is not None:
            return [slot("place", place)]
        if level := self.template.levels.get(row_id):
            return [value[: NUMBER.start], slot("number", (level, value[NUMBER])), value[NUMBER.stop :]]
        return [value]

    def _array(self, value: bytes) -> list[Slot | bytes]:
        ids = ids_in(value)
        whole = field(uuid_array(ids))
        parts: list[Slot | bytes] = [whole[: len(whole) - 20 * len(ids)]]
        for one in ids:
            parts += [ID_LENGTH, *self._id(one)]
        return parts

    def _text(self, column: str, value: bytes, row: Sequence[bytes | None]) -> Slot | None:
        text = value.decode()
        if column == "reference":
            return slot("reference", text)
        if column in PSEUDONYMS:
            return slot("pseudonym", self._levelled(row, PSEUDONYMS[column]))
        if (self.table, column) in CODED:
            return slot("coded", text)
        if (self.table, column) in STAFF:
            return slot("staff", text)
        if (self.table, column) == ("organizations", "code"):
            return slot("credit_code", text)
        return slot("named", text) if any(name in value for name in RENAMED) else None

    def _sealed(self, column: str, row: Sequence[bytes | None]) -> Slot | None:
        if self.table == "persons" and column in fresh.PERSON_COLUMNS:
            lives_in = self.template.places[UUID(bytes=self._of(row, "community_id"))]
            return slot("person", (column, *self._levelled(row, "id"), lives_in))
        if self.table == "person_keys" and column == "wrapped_key":
            person_id = self._of(row, "person_id")
            return slot("person", (column, *self._levelled(row, "person_id"), self.template.homes[person_id]))
        if self.table == "organization_keys" and column == "wrapped_key":
            return slot("partner_key", self._levelled(row, "organization_id"))
        if self.table == "bank_accounts" and column in ACCOUNT_COLUMNS:
            return slot("account", (column, self._levelled(row, "id"), self._levelled(row, "partner_id")))
        return None

    def _levelled(self, row: Sequence[bytes | None], column: str) -> tuple[Level, bytes]:
        value = self._of(row, column)
        return self.template.levels[UUID(bytes=value)], value

    def _of(self, row: Sequence[bytes | None], column: str) -> bytes:
        value = row[self.columns.index(column)]
        assert value is not None  # noqa: S101 - asked for columns that are never null there
        return value


async def cut(connection: asyncpg.Connection, template: Template) -> tuple[Stencils, Mapping[str, Stencil]]:
    """The stencils by level and table, and beside them those of a community's worker, who is not copied everywhere."""
    stencils: Stencils = {level: {} for level in Level}
    workers: dict[str, Stencil] = {}
    for table in tables():
        cutter = Cutter(template, table)
        for row in rows_of(await _copied(connection, table, cutter.columns)):
            if (stencil := _stencil(template, cutter, row, stencils, workers)) is not None:
                add_row(stencil, cutter.columns, row, cutter.slots)
    return stencils, workers


def _stencil(
    template: Template,
    cutter: Cutter,
    row: Sequence[bytes | None],
    stencils: Stencils,
    workers: dict[str, Stencil],
) -> Stencil | None:
    """Where the row belongs; None when it is not copied."""
    values = {name: _read(cutter, name, value) for name, value in zip(cutter.columns, row, strict=True)}
    place = template.places.get(values["id"]) if "id" in values else None
    if place in (Place("worker_user"), Place("worker")):
        return workers.setdefault(cutter.table, Stencil())
    level = template.level_of(cutter.table, values)
    return None if level is None else stencils[level].setdefault(cutter.table, Stencil())


def _read(cutter: Cutter, column: str, value: bytes | None) -> Any:
    """Ids and texts; nothing else tells the level of a row."""
    if value is not None and column in cutter.ids:
        return UUID(bytes=value)
    return value.decode() if value is not None and column in cutter.texts else value


async def _copied(connection: asyncpg.Connection, table: str, columns: Sequence[str]) -> bytes:
    taken = io.BytesIO()
    await connection.copy_from_table(table, output=taken, columns=columns, format="binary")
    return taken.getvalue()
