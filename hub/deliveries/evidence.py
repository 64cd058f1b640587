"""Files that prove a delivery, what the hub finds odd about it, and the call-backs drawn by oddness and by chance."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, func, select

from hub.base.errors import Conflict, Invalid, NotFound
from hub.base.limits import (
    CALLBACK_DAYS,
    CALLBACK_SAMPLE_BP,
    MAX_DELIVERY_DOCUMENTS,
    SAME_MINUTE_BATCH,
    USUAL_MINUTES,
)
from hub.base.transaction import Transaction
from hub.deliveries.rules import is_drawn
from hub.deliveries.states import DELIVERY
from hub.deliveries.tables import callbacks, deliveries, delivery_documents
from hub.documents.tables import documents
from hub.referrals.commands import scope_of

DOCUMENTS = ("input", "documentIds")
FLAGS = select(func.delivery_flags(bindparam("delivery_id"), USUAL_MINUTES, SAME_MINUTE_BATCH))


async def attach(tx: Transaction, delivery: Row[Any], document_ids: Sequence[UUID]) -> int:
    """Attach stored files of the same partner and street. Returns how many.

    A trigger notes when the evidence is complete. Another's file and an absent one are the same answer (I14).
    """
    wanted = list(dict.fromkeys(document_ids))
    if not wanted:
        return 0
    if len(wanted) > MAX_DELIVERY_DOCUMENTS:
        limit = MAX_DELIVERY_DOCUMENTS
        raise Invalid("too_many_documents", code="OUT_OF_RANGE", path=DOCUMENTS, limit=limit)
    await _require_stored(tx, delivery, wanted)
    await _require_new(tx, delivery, wanted)
    common = {"delivery_id": delivery.id, "partner_id": delivery.partner_id, "attached_at": tx.now}
    rows = [{"document_id": one, **common, **scope_of(delivery)} for one in wanted]
    await tx.insert_many(delivery_documents, rows)
    return len(rows)


async def _require_stored(tx: Transaction, delivery: Row[Any], wanted: Sequence[UUID]) -> None:
    statement = select(documents.c.reference, documents.c.status).where(
        documents.c.id.in_(wanted),
        documents.c.street_id == delivery.street_id,
        documents.c.partner_id == delivery.partner_id,
    )
    found = (await tx.execute(statement)).all()
    if len(found) < len(wanted):
        raise NotFound(path=DOCUMENTS)
    for document in found:
        if document.status != "STORED":
            reference = document.reference
            raise Conflict("document_not_stored", code="WRONG_STATE", path=DOCUMENTS, reference=reference)


async def _require_new(tx: Transaction, delivery: Row[Any], wanted: Sequence[UUID]) -> None:
    attached = (
        select(documents.c.reference)
        .join(delivery_documents, delivery_documents.c.document_id == documents.c.id)
        .where(delivery_documents.c.delivery_id == delivery.id, documents.c.id.in_(wanted))
    )
    reference = (await tx.execute(attached.limit(1))).scalar_one_or_none()
    if reference is not None:
        raise Conflict("document_attached", code="DUPLICATE", path=DOCUMENTS, reference=reference)


async def flags_of(tx: Transaction, delivery: Row[Any]) -> list[str]:
    """What the hub finds odd about a delivery, now that it and its files are recorded."""
    return list((await tx.execute(FLAGS, {"delivery_id": delivery.id})).scalar_one())


async def flag_batch(tx: Transaction, delivery: Row[Any]) -> int:
    """Flag as well what the same hand had recorded in that minute before. Returns how many."""
    minute = delivery.recorded_at.replace(second=0, microsecond=0)
    table = deliveries.c
    earlier = select(deliveries).where(
        table.recorded_user_id == delivery.recorded_user_id,
        table.recorded_at >= minute,
        table.recorded_at < minute + timedelta(minutes=1),
        table.street_id == delivery.street_id,
        table.status == "RECORDED",
        table.id != delivery.id,
    )
    rows = (await tx.execute(earlier.order_by(table.id).with_for_update())).all()
    for row in rows:
        flagged = await DELIVERY.move(tx, row, "delivery_record", flags=[*row.flags, "SAME_MINUTE"])
        await draw_callback(tx, flagged)
        facts = {"flags": flagged.flags, "withId": delivery.id}
        await tx.emit("delivery_record", flagged, "Delivery", tell=False, facts=facts)
    return len(rows)


async def draw_callback(tx: Transaction, delivery: Row[Any]) -> None:
    """A call-back for everything odd, and for a share drawn by the hub's secret from the id, which nobody chooses.

    There is one at most. Who recorded the delivery does not learn of it, so no event tells.
    """
    drawn = is_drawn(tx.vault.index("callback", str(delivery.id)), CALLBACK_SAMPLE_BP)
    if not drawn and not delivery.flags:
        return
    there = select(callbacks.c.id).where(callbacks.c.delivery_id == delivery.id)
    if (await tx.execute(there)).one_or_none() is not None:
        return
    await tx.insert(
        callbacks,
        delivery_id=delivery.id,
        cause="SAMPLE" if drawn else "FLAG",
        drawn_at=tx.now,
        due_at=tx.now + timedelta(days=CALLBACK_DAYS),
        **scope_of(delivery),
    )
