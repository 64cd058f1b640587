"""Questions asked before a person is put into a partner's hands: at the offer, when it is accepted, for a helper."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from hub.base.errors import Conflict
from hub.base.transaction import Transaction
from hub.catalogue.tables import service_types
from hub.organizations.checks import PARTNER_PATH, require_partner
from hub.people.consents import require_consent
from hub.people.locks import lock_persons
from hub.people.tables import persons


async def living_person(tx: Transaction, person_id: UUID, *, lock: bool = False) -> Row[Any]:
    """The person of a claimed row. Raises Conflict WRONG_STATE unless LIVING: nothing is begun for who moved or died.

    `lock` where a consent is asked for next: one that is withdrawn meanwhile is seen, or waits for us.
    """
    if lock:
        await lock_persons(tx, persons.c.id == person_id)
    person = (await tx.execute(select(persons).where(persons.c.id == person_id))).one()
    require_living(person)
    return person


def require_living(person: Row[Any]) -> None:
    """Raise Conflict WRONG_STATE unless the person is LIVING."""
    if person.status != "LIVING":
        raise Conflict("person_not_living", code="WRONG_STATE", status=f"PersonStatus.{person.status}")


async def service_type_of(tx: Transaction, service_type_id: UUID) -> Row[Any]:
    """The catalogue entry that a claimed row names."""
    return (await tx.execute(select(service_types).where(service_types.c.id == service_type_id))).one()


async def require_fit(
    tx: Transaction,
    person: Row[Any],
    partner_id: UUID,
    service_type_id: UUID,
    path: tuple[str, ...] = PARTNER_PATH,
) -> Row[Any]:
    """Consent in force for that partner (a minor's guardian's, I16), then its qualification. Returns the partner."""
    await require_consent(tx, person, partner_id, path=path)
    service = await service_type_of(tx, service_type_id)
    return await require_partner(tx, partner_id, service.qualification_type, path=path)
