"""What offers and agreements both ask about a partner: is it registered and qualified, has anybody a stake in it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, or_, select

from auth.tables import memberships
from hub.base.errors import Conflict, NotFound
from hub.base.transaction import Transaction
from hub.organizations.tables import conflict_declarations, organizations, qualifications

PARTNER_PATH = ("input", "partnerId")


_USER, _PARTNER = bindparam("user_id"), bindparam("partner_id")
_WORKS = select(memberships.c.id).where(
    memberships.c.user_id == _USER,
    memberships.c.partner_id == _PARTNER,
    memberships.c.ended_at.is_(None),
    or_(memberships.c.valid_to_on.is_(None), memberships.c.valid_to_on >= bindparam("today")),
)
_DECLARED = select(conflict_declarations.c.id).where(
    conflict_declarations.c.user_id == _USER, conflict_declarations.c.partner_id == _PARTNER
)
STAKE = select(or_(_WORKS.exists(), _DECLARED.exists()).label("stake"))
"""Made once: whoever judges or pays is asked."""


async def require_partner(
    tx: Transaction, partner_id: UUID, *qualification_types: str, path: tuple[str, ...] = PARTNER_PATH
) -> Row[Any]:
    """The partner's organization. It must be active and, today, registered and qualified for each of these (I17).

    Raises NotFound when there is no such partner, Conflict NOT_QUALIFIED naming what is missing or has run out.
    """
    wanted = organizations.c.id == partner_id, organizations.c.kind == "PARTNER"
    partner = (await tx.execute(select(organizations).where(*wanted))).one_or_none()
    if partner is None:
        raise NotFound(path=path)
    if partner.status != "ACTIVE":
        raise Conflict("partner_closed", code="NOT_QUALIFIED", path=path, partner=partner.name)
    held = await _valid_qualifications(tx, partner_id)
    for needed in dict.fromkeys(("REGISTRATION", *qualification_types)):
        if needed not in held:
            label = f"QualificationType.{needed}"
            params = {"partner": partner.name, "qualification": label}
            raise Conflict("partner_not_qualified", code="NOT_QUALIFIED", path=path, **params)
    return partner


async def _valid_qualifications(tx: Transaction, partner_id: UUID) -> set[str]:
    table = qualifications.c
    statement = select(table.type).where(
        table.partner_id == partner_id,
        table.valid_from_on <= tx.today,
        or_(table.valid_to_on.is_(None), table.valid_to_on >= tx.today),
    )
    return set((await tx.execute(statement)).scalars())


async def has_stake(tx: Transaction, user_id: UUID | None, partner_id: UUID) -> bool:
    """Whether the user works for the partner now or has declared a conflict about it (I5)."""
    asked = {"user_id": user_id, "partner_id": partner_id, "today": tx.today}
    return bool((await tx.execute(STAKE, asked)).scalar_one())


async def require_no_stake(tx: Transaction, partner_id: UUID, path: tuple[str, ...] = PARTNER_PATH) -> None:
    """Raise Conflict CONFLICT_OF_INTEREST when whoever acts has a stake in the partner."""
    if await has_stake(tx, tx.actor.user_id, partner_id):
        raise stake_in_partner(path)


def stake_in_partner(path: tuple[str, ...]) -> Conflict:
    """What is said to whoever has a stake."""
    return Conflict("stake_in_partner", code="CONFLICT_OF_INTEREST", path=path)
