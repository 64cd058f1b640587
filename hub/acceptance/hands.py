"""The four eyes of a claim and its payments (I4, I5), asked before the database would refuse, with the reason."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Row, Text, Uuid, bindparam, func

from hub.base.errors import Conflict
from hub.base.transaction import Transaction
from hub.organizations.checks import STAKE, stake_in_partner

TARGET = ("id",)
HAND = STAKE.add_columns(
    func.side_taken(
        bindparam("submission_id", type_=Uuid),
        bindparam("user_id", type_=Uuid),
        bindparam("side", type_=Text),
    ).label("taken")
)
"""Whether there is a stake, and the side that is taken; made once, since every step of a payment asks."""


async def require_hand(tx: Transaction, row: Row[Any], submission_id: UUID, side: str) -> None:
    """Raise Conflict when whoever acts has a stake in the partner of the row, or has taken a side that does not go
    with `side`."""
    asked = {"user_id": tx.actor.user_id, "partner_id": row.partner_id, "today": tx.today}
    asked |= {"submission_id": submission_id, "side": side}
    found = (await tx.execute(HAND, asked)).one()
    if found.stake:
        raise stake_in_partner(TARGET)
    if found.taken is not None:
        raise Conflict(
            "both_sides", code="FOUR_EYES", path=TARGET, taken=f"Side.{found.taken}", side=f"Side.{side}"
        )
