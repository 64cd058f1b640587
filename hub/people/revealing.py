"""Showing plain personal values outside the day sheet: asked for by name, with a purpose, limited and audited (I13)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from auth.gate import claim
from auth.roles import Role
from hub.base.errors import Denied, Invalid, LimitExceeded
from hub.base.inputs import one_of
from hub.base.ledgers import audit_events
from hub.base.limits import MAX_REVEALS_A_DAY
from hub.base.transaction import Transaction
from hub.people.opening import open_values
from hub.people.tables import REVEAL_FIELDS, REVEAL_PURPOSES, persons

REVEALABLE: Mapping[Role, tuple[str, ...]] = {
    Role.COMMUNITY_WORKER: ("PHONE", "ADDRESS", "ID_NUMBER"),
    Role.STATION_WORKER: ("PHONE", "ADDRESS", "ID_NUMBER"),
    Role.PARTNER_WORKER: ("PHONE", "ADDRESS"),
}
"""DOMAIN §3, plain personal values: others reveal nothing."""


async def person_reveal(
    tx: Transaction, person_id: UUID, fields: Sequence[str], purpose: str
) -> dict[str, Any]:
    """The plain values of `fields` (of REVEAL_FIELDS), keyed `phone`, `address`, `id_number`; and `id`, `reference`.

    Not asked: not in the answer; nothing stored: None. One audit event names purpose and fields. Raises Denied for a
    field the role may not see, LimitExceeded after MAX_REVEALS_A_DAY of the acting membership.
    """
    person = await claim(tx, persons, person_id, "person_reveal")
    one_of(purpose, REVEAL_PURPOSES, ("purpose",))
    asked = tuple(dict.fromkeys(one_of(field, REVEAL_FIELDS, ("fields",)) for field in fields))
    if not asked:
        raise Invalid("required", code="REQUIRED", path=("fields",))
    for field in asked:
        if field not in REVEALABLE.get(Role(tx.actor.role), ()):
            raise Denied("reveal_field_denied", path=("fields",), field=f"RevealField.{field}")
    await _take_from_limit(tx)
    values = await open_values(tx, person.id, [field.lower() for field in asked])
    # No outbox row: nothing happens outside, and a notice about it would be one more copy.
    await tx.emit("person_reveal", person, "Person", purpose=purpose, tell=False, facts={"fields": asked})
    return {"id": person.id, "reference": person.reference, **values}


async def _take_from_limit(tx: Transaction) -> None:
    """Count today's audit events of this membership, one reveal of it at a time."""
    membership_id = tx.actor.membership_id
    if membership_id is None:
        raise Denied("command_denied", command="person_reveal")
    await tx.execute(select(func.pg_advisory_xact_lock(membership_id.int & (2**63 - 1))))
    midnight = tx.clock.at(tx.today, 0)
    statement = (
        select(func.count())
        .select_from(audit_events)
        .where(
            audit_events.c.actor_membership_id == membership_id,
            audit_events.c.action == "person_reveal",
            audit_events.c.occurred_at >= midnight,
        )
    )
    if (await tx.execute(statement)).scalar_one() >= MAX_REVEALS_A_DAY:
        raise LimitExceeded("reveal_limit", limit=MAX_REVEALS_A_DAY)
