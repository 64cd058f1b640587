"""The steps of a payment request, each with the hand that takes it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from hub.base.transaction import Transaction
from hub.payments.tables import approvals


async def state_step(
    tx: Transaction,
    request: Row[Any],
    step: str,
    *,
    round: int | None = None,
    reason_code: str | None = None,
    note: str | None = None,
) -> Row[Any]:
    """Write down that whoever acts takes this step; the database says as which user, and refuses who may not."""
    return await tx.insert(
        approvals,
        request_id=request.id,
        district_id=request.district_id,
        street_id=request.street_id,
        partner_id=request.partner_id,
        step=step,
        round=request.round if round is None else round,
        reason_code=reason_code,
        note=note,
        made_by_id=tx.actor.membership_id,
        made_at=tx.now,
    )
