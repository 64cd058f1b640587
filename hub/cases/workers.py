"""Whom a case or visit may be given to: live memberships with a role that works at people's homes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Row, or_, select

from auth.tables import memberships
from hub.base.errors import Invalid
from hub.base.transaction import Transaction
from hub.cases.rules import WORKING_ROLES
from hub.cases.tables import case_members


def not_assignable() -> Invalid:
    """One answer for an unknown, ended, foreign or unsuitable membership (I14)."""
    return Invalid("worker_not_assignable", path=("input", "workerId"))


async def live_worker(tx: Transaction, membership_id: UUID) -> Row[Any]:
    """The membership, valid today and of a working role. Raises Invalid."""
    table = memberships.c
    statement = select(memberships).where(
        table.id == membership_id,
        table.role.in_(WORKING_ROLES.values()),
        table.ended_at.is_(None),
        table.valid_from_on <= tx.today,
        or_(table.valid_to_on.is_(None), table.valid_to_on >= tx.today),
    )
    worker = (await tx.execute(statement)).one_or_none()
    if worker is None:
        raise not_assignable()
    return worker


async def worker_of(tx: Transaction, membership_id: UUID, organization_id: UUID) -> Row[Any]:
    """The same, at this organization. Raises Invalid."""
    worker = await live_worker(tx, membership_id)
    if worker.organization_id != organization_id:
        raise not_assignable()
    return worker


async def members_today(tx: Transaction, case_id: UUID) -> list[Row[Any]]:
    """The members of the case today, organizations and workers; who is handing over counts among them."""
    table = case_members.c
    today = or_(table.until_on.is_(None), table.until_on >= tx.today)
    return list((await tx.execute(select(case_members).where(table.case_id == case_id, today))).all())
