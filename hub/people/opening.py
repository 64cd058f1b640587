"""Personal values on the way out. Only disclosing commands call this, and each of them writes an audit event."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from hub.base.errors import NotFound
from hub.base.transaction import Transaction
from hub.people.tables import person_keys, persons

OPENABLE = ("id_number", "phone", "address", "door_notes", "emergency_contacts")
"""The sealed values of a person; each is stored in `<name>_sealed`."""


async def wrapped_key(tx: Transaction, person_id: UUID) -> bytes:
    """The person's data key, still wrapped. Raises NotFound after it was destroyed: nothing opens her values again."""
    found = await tx.execute(select(person_keys.c.wrapped_key).where(person_keys.c.person_id == person_id))
    key = found.scalar_one_or_none()
    if key is None:
        raise NotFound
    return key


async def open_values(tx: Transaction, person_id: UUID, columns: Sequence[str]) -> dict[str, Any]:
    """Plain values of one person: `columns` of OPENABLE, None where nothing is stored.

    `emergency_contacts` comes as a list of {name, relation, phone} in calling order (empty when there are none).
    Raises NotFound when the person is outside the transaction's street or her key was destroyed.
    """
    opened = await open_many(tx, [person_id], columns)
    if person_id not in opened:
        raise NotFound
    return opened[person_id]


async def open_many(
    tx: Transaction, person_ids: Sequence[UUID], columns: Sequence[str]
) -> dict[UUID, dict[str, Any]]:
    """The same for several persons in one statement; those that cannot be opened are absent."""
    unknown = set(columns) - set(OPENABLE)
    if unknown:
        raise LookupError(f"not a sealed value: {sorted(unknown)}")
    statement = (
        select(persons.c.id, person_keys.c.wrapped_key, *(persons.c[f"{name}_sealed"] for name in columns))
        .join(person_keys, person_keys.c.person_id == persons.c.id)
        .where(persons.c.id.in_(person_ids))
    )
    return {row.id: _opened(tx, row, columns) for row in (await tx.execute(statement)).all()}


def _opened(tx: Transaction, row: Any, columns: Sequence[str]) -> dict[str, Any]:
    plain: dict[str, Any] = {}
    for name in columns:
        sealed = row._mapping[f"{name}_sealed"]
        value = None if sealed is None else tx.vault.open(row.wrapped_key, row.id, name, sealed)
        plain[name] = json.loads(value or "[]") if name == "emergency_contacts" else value
    return plain
