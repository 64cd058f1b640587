"""Registering partners and their qualifications; declaring a conflict of interest."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, update

from auth.gate import claim
from auth.grants import command_rows
from auth.roles import Viewer
from hub.base.errors import Conflict, Invalid
from hub.base.inputs import one_of, required
from hub.base.limits import MAX_LINE_CHARS, MAX_NAME_CHARS, MAX_TEXT_CHARS
from hub.base.transaction import Transaction
from hub.organizations.rules import PARENT_KINDS, check_credit_code, check_division_code
from hub.organizations.tables import conflict_declarations, organizations, qualifications

REGISTERED_KINDS = ("PARTNER", "CHARITY", "COMMUNITY")
"""Districts and streets are registered by the operator alone (`divisions.py`): a street is a tenant."""


async def organization_register(
    tx: Transaction,
    *,
    kind: str,
    name: str,
    code: str,
    parent_id: UUID | None = None,
    partner_type: str | None = None,
    partner_rating: str | None = None,
) -> Row[Any]:
    """Register a partner, a charity, or a community of the viewer's own street that the division data lack.

    Partners belong to no street: several may contract them. Raises Conflict DUPLICATE when the code is taken.
    """
    one_of(kind, REGISTERED_KINDS, ("input", "kind"))
    name = required(name, ("input", "name"), MAX_NAME_CHARS)
    if kind == "COMMUNITY":
        values = await _community(tx, code.strip(), parent_id)
    else:
        viewer: Viewer = tx.actor  # type: ignore[assignment]
        command_rows("organization_register", viewer)  # there is no parent row to claim
        if kind == "PARTNER" and partner_type is None:
            raise Invalid("required", code="REQUIRED", path=("input", "partnerType"))
        values = {
            "code": check_credit_code(code, partner_type),
            "partner_type": partner_type,
            "partner_rating": (partner_rating or "UNRATED") if kind == "PARTNER" else None,
        }
    await _refuse_taken(tx, str(values["code"]))
    row = await tx.insert(organizations, kind=kind, name=name, created_at=tx.now, **values)
    await tx.emit("organization_register", row, "Organization", facts={"kind": kind, "code": row.code})
    return row


async def _community(tx: Transaction, code: str, parent_id: UUID | None) -> dict[str, object]:
    if parent_id is None:
        raise Invalid("required", code="REQUIRED", path=("input", "parentId"))
    path = ("input", "parentId")
    street = await claim(tx, organizations, parent_id, "organization_register", path=path)
    if street.kind != PARENT_KINDS["COMMUNITY"] or str(street.id) != tx.actor.setting("street"):
        raise Invalid("parent_not_own_street", path=path)
    return {
        "code": check_division_code("COMMUNITY", code, street.code),
        "parent_id": street.id,
        "district_id": street.district_id,
        "street_id": street.id,
    }


async def _refuse_taken(tx: Transaction, code: str) -> None:
    found = await tx.execute(select(organizations.c.name).where(organizations.c.code == code))
    if (name := found.scalar_one_or_none()) is not None:
        raise Conflict("organization_code_taken", code="DUPLICATE", path=("input", "code"), name=name)


async def qualification_record(
    tx: Transaction,
    partner_id: UUID,
    *,
    type: str,
    number: str,
    valid_from_on: date,
    valid_to_on: date | None = None,
) -> Row[Any]:
    """Record a certificate of a partner, or the new period of one that is known by type and number.

    An expired one blocks offers that need its type (I17). `valid_to_on` None: without end.
    """
    partner = await claim(tx, organizations, partner_id, "qualification_record")
    _require_partner(partner)
    number = required(number, ("input", "number"), MAX_LINE_CHARS)
    if valid_to_on is not None and valid_to_on < valid_from_on:
        raise Invalid("period_reversed", path=("input", "validToOn"))
    period = {"valid_from_on": valid_from_on, "valid_to_on": valid_to_on}
    table = qualifications
    renewed = await tx.execute(
        update(table)
        .where(table.c.partner_id == partner_id, table.c.type == type, table.c.number == number)
        .values(**period, version=table.c.version + 1)
        .returning(*table.c)
    )
    row = renewed.one_or_none()
    if row is None:
        row = await tx.insert(
            table, partner_id=partner_id, type=type, number=number, created_at=tx.now, **period
        )
    await tx.emit("qualification_record", row, "Qualification", facts={"type": type, **period})
    return row


async def conflict_declare(tx: Transaction, partner_id: UUID, *, reason: str) -> Row[Any]:
    """The acting user declares an interest in a partner: from now on she is refused every decision about it (I5).

    A declaration cannot be taken back. Raises Conflict DUPLICATE when it is already declared.
    """
    partner = await claim(tx, organizations, partner_id, "conflict_declare")
    _require_partner(partner)
    reason = required(reason, ("input", "reason"), MAX_TEXT_CHARS)
    table = conflict_declarations
    mine = select(table.c.id).where(table.c.user_id == tx.actor.user_id, table.c.partner_id == partner_id)
    if (await tx.execute(mine)).first() is not None:
        raise Conflict("conflict_already_declared", code="DUPLICATE", path=("id",), partner=partner.name)
    row = await tx.insert(
        table,
        user_id=tx.actor.user_id,
        partner_id=partner_id,
        membership_id=tx.actor.membership_id,
        district_id=tx.actor.district_id,
        street_id=tx.actor.street_id,
        reason=reason,
        declared_at=tx.now,
    )
    await tx.emit("conflict_declare", row, "ConflictDeclaration")
    return row


def _require_partner(organization: Row[Any]) -> None:
    if organization.kind != "PARTNER":
        raise Invalid("not_a_partner", path=("id",))
