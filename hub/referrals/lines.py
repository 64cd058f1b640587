"""Which agreement line pays for an offer, and whether enough of it is left (I17).

Used and reserved quantities are derived by the database (`line_usage`), which also refuses what these questions let
through. Locks are taken in the order agreement → line → person: `lock_line` comes before a person is locked.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select
from sqlalchemy import text as sql

from hub.agreements.tables import agreement_lines, agreements
from hub.base.errors import Conflict, Invalid, NotFound
from hub.base.limits import MAX_QUANTITY
from hub.base.transaction import Transaction
from hub.catalogue.tables import PERSONAL_UNITS

LINE = ("input", "line")
QUANTITY = ("input", "quantity")
COUNTED_UNITS = tuple(unit for unit in PERSONAL_UNITS if unit != "CASE")
"""Units of which one offer may name several. A case is one; a place in a group is one and reserves nothing."""


async def lock_line(tx: Transaction, line_id: UUID | None) -> None:
    """Lock a line, and its agreement against leaving its state; nothing is told about either. None locks nothing.

    A function of the database does it: nobody may change a line, so nobody may lock it either.
    """
    if line_id is not None:
        await tx.execute(select(func.lock_line(line_id)))


async def line_for(
    tx: Transaction, referral: Row[Any], partner_id: UUID, line_id: UUID | None, quantity: int | None
) -> Row[Any]:
    """The line, when it can carry the offer; with `agreement_id` of its agreement. `lock_line` has been called.

    Raises Invalid REQUIRED when line or quantity is missing; NotFound unless the line is one of an agreement of this
    partner at this street; then Conflict for what is wrong with it, at last QUANTITY_EXCEEDED.
    """
    if line_id is None or quantity is None:
        raise Invalid("offer_line_required", code="REQUIRED", path=LINE if line_id is None else QUANTITY)
    line = await _line(tx, referral, partner_id, line_id)
    if line.version_id != line.current_version_id:
        raise Conflict("line_replaced", code="WRONG_STATE", path=LINE, reference=line.reference)
    require_active(line.reference, line.status, LINE)
    if line.service_type_id != referral.service_type_id:
        raise Conflict("line_other_service", path=LINE, line=line.title)
    if referral.community_id not in line.community_ids:
        raise Conflict("line_other_community", path=LINE, line=line.title)
    _require_quantity(line, quantity)
    await _require_left(tx, line, quantity)
    return line


async def _line(tx: Transaction, referral: Row[Any], partner_id: UUID, line_id: UUID) -> Row[Any]:
    standing = agreements.c.status, agreements.c.reference, agreements.c.current_version_id
    statement = (
        select(agreement_lines, *standing)
        .join(agreements, agreements.c.id == agreement_lines.c.agreement_id)
        .where(
            agreement_lines.c.id == line_id,
            agreement_lines.c.partner_id == partner_id,
            agreement_lines.c.street_id == referral.street_id,
        )
    )
    line = (await tx.execute(statement)).one_or_none()
    if line is None:
        raise NotFound(path=LINE)
    return line


def require_active(reference: str, status: str, path: tuple[str, ...]) -> None:
    """Raise Conflict WRONG_STATE unless the agreement is ACTIVE: nothing new begins under any other."""
    if status != "ACTIVE":
        label = f"AgreementStatus.{status}"
        raise Conflict(
            "agreement_not_active", code="WRONG_STATE", path=path, reference=reference, status=label
        )


async def line_unit(tx: Transaction, line_id: UUID) -> str:
    """What a line that a claimed row names is counted by."""
    unit = select(agreement_lines.c.unit).where(agreement_lines.c.id == line_id)
    return (await tx.execute(unit)).scalar_one()


async def require_agreement_active(tx: Transaction, agreement_id: UUID, path: tuple[str, ...]) -> None:
    """The same, asked again when an offer is accepted."""
    statement = select(agreements.c.reference, agreements.c.status).where(agreements.c.id == agreement_id)
    agreement = (await tx.execute(statement)).one()
    require_active(agreement.reference, agreement.status, path)


def _require_quantity(line: Row[Any], quantity: int) -> None:
    if not 0 < quantity <= MAX_QUANTITY:
        raise Invalid("quantity_range", code="OUT_OF_RANGE", path=QUANTITY, most=MAX_QUANTITY)
    if quantity > 1 and line.unit not in COUNTED_UNITS:
        unit = f"ServiceUnit.{line.unit}"
        raise Invalid("offer_quantity_one", code="OUT_OF_RANGE", path=QUANTITY, unit=unit)


async def _require_left(tx: Transaction, line: Row[Any], quantity: int) -> None:
    """A line without a cap, and one whose units are held for a group, is not used up by an offer."""
    if line.unit not in PERSONAL_UNITS or line.quantity_cap is None:
        return
    left = await tx.execute(sql("select remaining from line_usage(:line)"), {"line": line.id})
    remaining = left.scalar_one()
    if quantity > remaining:
        params = {"line": line.title, "reference": line.reference, "remaining": max(remaining, 0)}
        raise Conflict("line_used_up", code="QUANTITY_EXCEEDED", path=QUANTITY, **params)
