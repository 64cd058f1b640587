"""Personal values on the way in: sealed under the person's key, masked for reads, indexed where equality is asked."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from hub.base.seal import Vault, mask_id_number, mask_phone
from hub.base.transaction import Transaction
from hub.people.new_person import EmergencyContact, NewPerson
from hub.people.rules import mask_address
from hub.people.tables import person_keys


async def new_person_key(tx: Transaction, person_id: UUID, street_id: UUID) -> bytes:
    """Make and store the person's data key; returns it wrapped, as `Vault.seal` takes it."""
    wrapped = tx.vault.new_key(person_id)
    await tx.insert(
        person_keys, person_id=person_id, street_id=street_id, wrapped_key=wrapped, created_at=tx.now
    )
    return wrapped


def sealed_columns(vault: Vault, key: bytes, person_id: UUID, person: NewPerson) -> dict[str, Any]:
    """Values of the sealed, masked and index columns of `persons`; absent values stay null."""

    def seal(column: str, value: str | None) -> bytes | None:
        return None if value is None else vault.seal(key, person_id, column, value)

    number, phone, address = person.id_number, person.phone, person.address
    return {
        "id_number_sealed": seal("id_number", number),
        "id_number_masked": None if number is None else mask_id_number(number),
        "id_number_index": None if number is None else vault.index("id_number", number),
        "phone_sealed": seal("phone", phone),
        "phone_masked": None if phone is None else mask_phone(phone),
        "phone_index": None if phone is None else vault.index("phone", phone),
        "address_sealed": seal("address", address),
        "address_masked": None if address is None else mask_address(address, person.estate),
        "door_notes_sealed": seal("door_notes", person.door_notes),
        "emergency_contacts_sealed": seal("emergency_contacts", _as_json(person.emergency_contacts)),
    }


def _as_json(contacts: Sequence[EmergencyContact]) -> str | None:
    listed = [{"name": one.name, "relation": one.relation, "phone": one.phone} for one in contacts]
    return json.dumps(listed, ensure_ascii=False) if listed else None


def guardian_phone_column(guardian_id: UUID) -> str:
    """The place a guardian's number is bound to: her row, under the key of the person she guards."""
    return f"guardian:{guardian_id}:phone"
