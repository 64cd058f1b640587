"""The one MetaData of the hub and the columns that every capability spells the same way.

Suffixes carry the unit: `_at` timestamptz, `_on` date, `_fen` bigint, `_count` integer, `_days` integer.
A table's `info` says what `hub_writer` may do with it (the database enforces it, see `schema/walls.py`):

* `update`: names of the columns a command may change; absent or empty means the rows are immutable (I8).
* `rows`: the SQL predicate of the writer's rows where the usual "its street" does not fit (`{street}`, `{partner}`).
* `check`: what rows it writes must fulfil, where that is narrower than the rows it reads.
* `delete`: True only for rows that are bookkeeping, never history.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    Text,
)
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import ARRAY, UUID

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def pk() -> Column[Any]:
    """The id: a UUIDv7 made in Python (`hub.base.ids`), so that any PostgreSQL ≥ 15 will do."""
    return Column("id", UUID(as_uuid=True), primary_key=True)


def ref(name: str, target: str, *, null: bool = False, index: bool = False) -> Column[Any]:
    """A foreign key to `target` (a table name), always by id."""
    return Column(name, UUID(as_uuid=True), ForeignKey(f"{target}.id"), nullable=null, index=index)


def text(name: str, *, null: bool = False, default: str | None = None) -> Column[Any]:
    """A text column."""
    return Column(name, Text, nullable=null, server_default=default)


def at(name: str, *, null: bool = False) -> Column[Any]:
    """An instant, stored in UTC."""
    return Column(name, DateTime(timezone=True), nullable=null)


def on(name: str, *, null: bool = False) -> Column[Any]:
    """A calendar day in the hub's time zone."""
    return Column(name, Date, nullable=null)


def count(name: str, default: int = 0) -> Column[Any]:
    """A whole number that counts something."""
    return Column(name, Integer, nullable=False, server_default=str(default))


def flag(name: str, default: bool = False) -> Column[Any]:
    """A yes or no."""
    from_sql = sql("true" if default else "false")
    return Column(name, Boolean, nullable=False, server_default=from_sql)


def fen(name: str, *, null: bool = False) -> Column[Any]:
    """An amount of money in fen (1/100 yuan)."""
    return Column(name, BigInteger, nullable=null)


def version() -> Column[Any]:
    """Grows by one with every change of the row; clients send it back as `expectedVersion`."""
    return count("version", 1)


def scope_columns(*, community: bool = True) -> list[Column[Any]]:
    """District, street and community of a tenant row, repeated on each table so that a row filter needs no join."""
    columns = [ref("district_id", "organizations"), ref("street_id", "organizations")]
    if community:
        columns.append(ref("community_id", "organizations"))
    return columns


def access_columns() -> list[Column[Any]]:
    """Which partners, and which of their workers, may read this row, and until when at the latest.

    Kept by trigger (`refresh_person_access` in the migrations) from case members and consents, never by a command:
    many-to-many visibility as an array is index-friendly under row-level security, and a past `access_until` shuts the
    row even before anything recomputes it (fails closed).
    """
    empty = sql("'{}'::uuid[]")
    return [
        Column("partner_ids", ARRAY(UUID(as_uuid=True)), nullable=False, server_default=empty),
        Column("worker_ids", ARRAY(UUID(as_uuid=True)), nullable=False, server_default=empty),
        Column("access_until", Date, nullable=False, server_default=sql("'infinity'::date")),
    ]


def sealed(name: str, *, index: bool = False) -> list[Column[Any]]:
    """A personal value: ciphertext, the masked text that reads see, and a keyed index for equality search."""
    columns = [
        Column(f"{name}_sealed", LargeBinary, nullable=True),
        Column(f"{name}_masked", Text, nullable=True),
    ]
    if index:
        columns.append(Column(f"{name}_index", LargeBinary, nullable=True))
    return columns


def one_of(column: str, values: type | tuple[str, ...]) -> CheckConstraint:
    """Enums are text with a CHECK: a value outside the list cannot be stored."""
    listed = ", ".join(f"'{value}'" for value in values)  # type: ignore[union-attr]
    return CheckConstraint(f"{column} IN ({listed})", name=column)
