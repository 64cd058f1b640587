"""The four eyes of a claim and its payments (I4, I5), asked before the database would refuse, with the reason."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select

from hub.base.errors import Conflict
from hub.base.transaction import Transaction
from hub.organizations.checks import require_no_stake

TARGET = ("id",)


async def require_hand(tx: Transaction, row: Row[Any], submission_id: UUID, side: str) -> None:
    """Raise Conflict when whoever acts has a stake in the partner of the row, or has taken a side that does not go
    with `side`."""
    await require_no_stake(tx, row.partner_id, TARGET)
    taken = (
        await tx.execute(select(func.side_taken(submission_id, tx.actor.user_id, side)))
    ).scalar_one_or_none()
    if taken is not None:
        raise Conflict(
            "both_sides", code="FOUR_EYES", path=TARGET, taken=f"Side.{taken}", side=f"Side.{side}"
        )
