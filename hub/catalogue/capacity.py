"""What a partner says it can do: how many people with a service in a community, and how many more it would take now."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, update

from auth.gate import claim
from hub.base.errors import Conflict, Invalid, NotFound
from hub.base.inputs import optional
from hub.base.limits import MAX_QUANTITY, MAX_TEXT_CHARS
from hub.base.transaction import Transaction
from hub.catalogue.tables import capacities, service_types
from hub.organizations.tables import organizations


async def capacity_set(
    tx: Transaction,
    partner_id: UUID,
    *,
    service_type_code: str,
    community_id: UUID,
    capacity: int,
    vacancy: int,
    note: str | None = None,
    version: int | None = None,
) -> Row[Any]:
    """Say it, or say it anew. Returns the capacity.

    A statement of the partner's, nothing that the hub counts: accepting an offer does not lower the vacancy, and none
    is refused for want of one. Suggestions go by it. Two who say it at once come one after the other: the partner's row
    is claimed first.
    """
    partner = await claim(tx, organizations, partner_id, "capacity_set", path=("input", "partner"))
    service = await _service(tx, service_type_code)
    community = await _community(tx, community_id)
    _require_numbers(capacity, vacancy)
    said: dict[str, object] = {
        "capacity_count": capacity,
        "vacancy_count": vacancy,
        "note": optional(note, ("input", "note"), MAX_TEXT_CHARS),
        "set_by_id": tx.actor.membership_id,
        "set_at": tx.now,
    }
    await tx.enter_street(community.street_id)
    row = await _written(tx, partner, service, community, said, version)
    facts = {"service": service.code, "capacity": capacity, "vacancy": vacancy}
    await tx.emit("capacity_set", row, "Capacity", facts=facts)
    return row


async def _service(tx: Transaction, code: str) -> Row[Any]:
    statement = select(service_types).where(service_types.c.code == code, service_types.c.active)
    service = (await tx.execute(statement)).one_or_none()
    if service is None:
        raise Invalid("service_unknown", path=("input", "serviceType"))
    return service


async def _community(tx: Transaction, community_id: UUID) -> Row[Any]:
    wanted = organizations.c.id == community_id, organizations.c.kind == "COMMUNITY"
    community = (await tx.execute(select(organizations).where(*wanted))).one_or_none()
    if community is None:
        raise NotFound(path=("input", "community"))
    return community


def _require_numbers(capacity: int, vacancy: int) -> None:
    if not 0 <= capacity <= MAX_QUANTITY:
        raise Invalid("capacity_range", code="OUT_OF_RANGE", path=("input", "capacity"), most=MAX_QUANTITY)
    if not 0 <= vacancy <= capacity:
        raise Invalid("vacancy_range", code="OUT_OF_RANGE", path=("input", "vacancy"), most=capacity)


async def _written(
    tx: Transaction,
    partner: Row[Any],
    service: Row[Any],
    community: Row[Any],
    said: dict[str, object],
    version: int | None,
) -> Row[Any]:
    table = capacities.c
    of = {"partner_id": partner.id, "service_type_id": service.id, "community_id": community.id}
    earlier = (await tx.execute(select(capacities).filter_by(**of))).one_or_none()
    if version is not None and version != (0 if earlier is None else earlier.version):
        current = 0 if earlier is None else earlier.version
        raise Conflict("stale", code="STALE", path=("expectedVersion",), current=current)
    if earlier is None:
        scope = {"district_id": community.district_id, "street_id": community.street_id}
        return await tx.insert(capacities, **of, **scope, **said)
    changed = (
        update(capacities)
        .where(table.id == earlier.id)
        .values(**said, version=table.version + 1)
        .returning(*table)
    )
    return (await tx.execute(changed)).one()
