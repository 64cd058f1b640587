"""Call-backs: the station asks the person whether it was done, and as recorded."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from auth.gate import claim
from hub.base.inputs import one_of, optional
from hub.base.limits import CALLBACK_RETRY_DAYS, MAX_TEXT_CHARS
from hub.base.transaction import Transaction
from hub.deliveries.commands_verifying import billed_by, dispute, require_judge
from hub.deliveries.states import CALLBACK, CALLBACK_OUTCOMES, DELIVERY
from hub.deliveries.tables import callbacks, deliveries

RETURNED = "CALLBACK_FAILED"


async def callback_record(
    tx: Transaction, callback_id: UUID, *, outcome: str, note: str | None = None, version: int | None = None
) -> Row[Any]:
    """Say what came of a call. Returns the call-back.

    CONFIRMED verifies nothing by itself, but holds nothing up any more. FAILED returns the whole batch. NOT_REACHED is
    due again some days later; after MAX_CALLBACK_ATTEMPTS it holds nothing up either, though somebody may still try.
    """
    batch = await _locked_batch(tx, callback_id)
    callback = await claim(tx, callbacks, callback_id, "callback_record", version=version)
    CALLBACK.require(callback, "callback_record")
    await require_judge(tx, next(row for row in batch if row.id == callback.delivery_id))
    one_of(outcome, CALLBACK_OUTCOMES, ("input", "outcome"))
    called: dict[str, Any] = {"called_by_id": tx.actor.membership_id, "called_at": tx.now}
    called["note"] = optional(note, ("input", "note"), MAX_TEXT_CHARS)
    called["attempt_count"] = callback.attempt_count + 1
    if outcome == "NOT_REACHED":
        called["due_at"] = tx.now + timedelta(days=CALLBACK_RETRY_DAYS)
    callback = await CALLBACK.move(tx, callback, "callback_record", to=outcome, **called)
    facts: dict[str, object] = {"outcome": outcome, "attempts": callback.attempt_count}
    if outcome == "FAILED":
        facts |= await _return_batch(tx, batch)
    await tx.emit("callback_record", callback, "Callback", tell=False, facts=facts)
    return callback


async def _locked_batch(tx: Transaction, callback_id: UUID) -> Sequence[Row[Any]]:
    """What stands of the same worker on the same line, recorded on the same day as the delivery that the call is about.

    Locked before the call-back, in the order of ids, as voiding locks them. It tells nothing: `claim` comes next.
    """
    about = select(deliveries).join(callbacks, callbacks.c.delivery_id == deliveries.c.id)
    delivery = (await tx.execute(about.where(callbacks.c.id == callback_id))).one_or_none()
    if delivery is None:
        return ()
    day = tx.clock.day(delivery.recorded_at)
    table = deliveries.c
    batch = select(deliveries).where(
        table.worker_user_id == delivery.worker_user_id,
        table.line_id == delivery.line_id,
        table.recorded_at >= tx.clock.at(day, 0),
        table.recorded_at < tx.clock.at(day + timedelta(days=1), 0),
        table.status != "VOIDED",
    )
    return (await tx.execute(batch.order_by(table.id).with_for_update(key_share=True))).all()


async def _return_batch(tx: Transaction, batch: Sequence[Row[Any]]) -> dict[str, object]:
    """Dispute all of it that is neither disputed already nor billed: billed work is deducted by the station (I7).

    Returns how many were returned, and the references of the billed ones.

    No words: they would tell the partner which of them the station had called about. The first one's event is told.
    """
    standing = [row for row in batch if row.status in DELIVERY.find("callback_record").sources]
    billed = [row for row in standing if await billed_by(tx, row) is not None]
    returned = [row for row in standing if row not in billed]
    for number, row in enumerate(returned):
        disputed = await dispute(tx, row, "callback_record", RETURNED, None)
        facts = {"reasonCode": RETURNED, "was": row.status, "returned": len(returned)}
        await tx.emit("callback_record", disputed, "Delivery", tell=number == 0, facts=facts)
    return {"returned": len(returned), "billed": [row.reference for row in billed]}
