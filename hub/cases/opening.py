"""Opening a case from a referral, and ending it for its members: shared by the commands that do either."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, or_, select, update

from hub.base.transaction import Transaction
from hub.cases.tables import case_members, case_needs, cases
from hub.referrals.checks import service_type_of
from hub.referrals.commands import scope_of
from hub.referrals.lines import line_unit
from hub.referrals.tables import referral_needs

PAID_BY = ("agreement_id", "line_id", "quantity")
"""Columns of an offer that its case repeats."""


REREAD = select(cases).where(cases.c.id == bindparam("case_id")).with_for_update()
"""Made once, since every recording sends it."""


async def open_case(
    tx: Transaction,
    referral: Row[Any],
    lead_organization_id: UUID,
    *,
    offer: Row[Any] | None = None,
    lead_worker_id: UUID | None = None,
) -> Row[Any]:
    """The case of a referral: a partner's through its accepted offer, else one that street or community leads itself.

    The kind is the service's, but what a line buys as casework is worked as casework. The community contact is whoever
    submitted the referral. What the offer named of an agreement is repeated on the case.
    """
    service = await service_type_of(tx, referral.service_type_id)
    bought = None if offer is None or offer.line_id is None else await line_unit(tx, offer.line_id)
    paid = {} if offer is None else {name: offer._mapping[name] for name in PAID_BY}
    case = await tx.insert_numbered(
        cases,
        "C",
        kind="CASEWORK" if bought == "CASE" else service.case_kind,
        person_id=referral.person_id,
        partner_id=None if offer is None else offer.partner_id,
        referral_id=referral.id,
        offer_id=None if offer is None else offer.id,
        service_type_id=service.id,
        lead_organization_id=lead_organization_id,
        lead_worker_id=lead_worker_id,
        community_contact_id=referral.submitted_by_id,
        opened_at=tx.now,
        **paid,
        **scope_of(referral),
    )
    await add_member(tx, case, lead_organization_id, "LEAD")
    if lead_worker_id is not None:
        await add_member(tx, case, lead_organization_id, "LEAD", membership_id=lead_worker_id)
    await _copy_needs(tx, referral, case)
    return case


async def _copy_needs(tx: Transaction, referral: Row[Any], case: Row[Any]) -> None:
    statement = select(referral_needs.c.need_id).where(referral_needs.c.referral_id == referral.id)
    common = {"case_id": case.id, "person_id": case.person_id, **scope_of(case)}
    need_ids = (await tx.execute(statement)).scalars()
    await tx.insert_many(case_needs, [{"need_id": need_id, **common} for need_id in need_ids])


async def add_member(
    tx: Transaction,
    case: Row[Any],
    organization_id: UUID,
    role: str,
    *,
    membership_id: UUID | None = None,
    until_on: date | None = None,
) -> Row[Any]:
    """An organization (no membership) or one of its workers joins the case from now on."""
    return await tx.insert(
        case_members,
        case_id=case.id,
        person_id=case.person_id,
        organization_id=organization_id,
        membership_id=membership_id,
        role=role,
        from_at=tx.now,
        until_on=until_on,
        **scope_of(case),
    )


async def end_members(
    tx: Transaction, case: Row[Any], until_on: date, *, membership_id: UUID | None = None
) -> None:
    """Members of the case, or one worker among them, leave it; `until_on` is their last day. Never prolongs a stay."""
    table = case_members.c
    leaving = table.case_id == case.id, or_(table.until_on.is_(None), table.until_on > until_on)
    who = () if membership_id is None else (table.membership_id == membership_id,)
    await tx.execute(
        update(case_members).where(*leaving, *who).values(until_on=until_on, version=table.version + 1)
    )


async def reread(tx: Transaction, case_id: UUID) -> Row[Any]:
    """The case as it now is, locked: triggers keep its counts while needs, goals and visits change."""
    return (await tx.execute(REREAD, {"case_id": case_id})).one()
