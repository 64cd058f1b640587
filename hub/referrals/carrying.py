"""Moves of a referral that belong to a command on its offer, case or visit."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from hub.base.transaction import Transaction
from hub.referrals.states import REFERRAL
from hub.referrals.tables import referrals


async def referral_of(tx: Transaction, referral_id: UUID) -> Row[Any]:
    """The referral that a claimed row names; `REFERRAL.move` notices when another transaction is faster."""
    return (await tx.execute(select(referrals).where(referrals.c.id == referral_id))).one()


async def carry_referral(tx: Transaction, referral_id: UUID, command: str, **changes: Any) -> Row[Any]:
    """Move the referral along with a command. Raises Conflict WRONG_STATE when it is not where that starts."""
    return await REFERRAL.move(tx, await referral_of(tx, referral_id), command, **changes)


async def begin_referral(tx: Transaction, referral_id: UUID, command: str) -> dict[str, str]:
    """Carry the referral to IN_PROGRESS when work on it begins. Returns the carried move, empty when it has begun."""
    referral = await referral_of(tx, referral_id)
    if referral.status not in REFERRAL.find(command).sources:
        return {}
    referral = await REFERRAL.move(tx, referral, command)
    return {"Referral": referral.status}
