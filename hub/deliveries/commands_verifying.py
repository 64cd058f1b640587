"""Who says that it was done, or not: verifying, disputing, voiding. Never whoever did it, nor with a stake in it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select

from auth.gate import claim
from auth.roles import Role
from hub.base.errors import Conflict
from hub.base.transaction import Transaction
from hub.deliveries.rules import auto_verify_from, dispute_reasons, holds_up
from hub.deliveries.states import CALLBACK, DELIVERY
from hub.deliveries.tables import callbacks, deliveries
from hub.organizations.checks import require_no_stake
from hub.referrals.rules import reasons

TARGET = ("id",)
VERIFICATION = {Role.COMMUNITY_WORKER: "COMMUNITY", Role.STATION_WORKER: "STATION"}
"""Role of the verifier → what then says that it was done."""


async def delivery_verify(tx: Transaction, delivery_id: UUID, *, version: int | None = None) -> Row[Any]:
    """Community or station says that it was done as recorded, also after a dispute."""
    delivery = await claim(tx, deliveries, delivery_id, "delivery_verify", version=version)
    DELIVERY.require(delivery, "delivery_verify")
    await require_judge(tx, delivery)
    was, verification = delivery.status, VERIFICATION[tx.actor.role]
    by = {"verified_by_id": tx.actor.membership_id, "verified_at": tx.now}
    delivery = await DELIVERY.move(tx, delivery, "delivery_verify", verification=verification, **by)
    facts = {"verification": verification, "was": was}
    await tx.emit("delivery_verify", delivery, "Delivery", facts=facts)
    return delivery


async def delivery_auto_verify(tx: Transaction, delivery_id: UUID) -> Row[Any]:
    """SYSTEM takes complete evidence for proof when nobody disputed it in time and no call-back holds it up.

    The time counts from when the evidence was complete, so that there is as long to look at what came late. What is
    flagged or was disputed waits for a person, however long.
    """
    delivery = await claim(tx, deliveries, delivery_id, "delivery_auto_verify")
    DELIVERY.require(delivery, "delivery_auto_verify")
    proven_at = (await tx.execute(select(func.delivery_proven_at(delivery.id)))).scalar_one()
    early = proven_at is None or tx.now < auto_verify_from(proven_at)
    if early or delivery.flags or holds_up(await callback_of(tx, delivery)):
        raise Conflict("delivery_not_due", code="WRONG_STATE")
    proof = {"verification": "EVIDENCE", "verified_at": tx.now}
    delivery = await DELIVERY.move(tx, delivery, "delivery_auto_verify", **proof)
    await tx.emit("delivery_auto_verify", delivery, "Delivery", facts={"verification": "EVIDENCE"})
    return delivery


async def delivery_dispute(
    tx: Transaction, delivery_id: UUID, *, reason_code: str, reason_text: str, version: int | None = None
) -> Row[Any]:
    """Community or station doubts it, and says why. What had verified it before counts no more."""
    delivery = await claim(tx, deliveries, delivery_id, "delivery_dispute", version=version)
    DELIVERY.require(delivery, "delivery_dispute")
    await require_judge(tx, delivery)
    await require_unbilled(tx, delivery)
    code, words = dispute_reasons(reason_code, reason_text)
    was = delivery.status
    delivery = await dispute(tx, delivery, "delivery_dispute", code, words)
    await tx.emit("delivery_dispute", delivery, "Delivery", facts={"reasonCode": code, "was": was})
    return delivery


async def dispute(
    tx: Transaction, delivery: Row[Any], command: str, code: str, words: str | None
) -> Row[Any]:
    """Move a claimed delivery to DISPUTED; the database takes back what had verified it."""
    by = {"disputed_by_id": tx.actor.membership_id, "disputed_at": tx.now}
    said = {"dispute_reason_code": code, "dispute_reason": words}
    return await DELIVERY.move(tx, delivery, command, to="DISPUTED", **by, **said)


async def delivery_void(
    tx: Transaction, delivery_id: UUID, *, reason_code: str, reason_text: str, version: int | None = None
) -> Row[Any]:
    """The station strikes out a mistake; what it had taken of the offer is free again, and nobody calls about it."""
    delivery = await claim(tx, deliveries, delivery_id, "delivery_void", version=version)
    await require_unbilled(tx, delivery)
    DELIVERY.require(delivery, "delivery_void")
    await require_judge(tx, delivery)
    code, words = reasons(reason_code, reason_text)
    was = delivery.status
    by = {"voided_by_id": tx.actor.membership_id, "voided_at": tx.now}
    said = {"void_reason_code": code, "void_reason": words}
    delivery = await DELIVERY.move(tx, delivery, "delivery_void", **by, **said)
    callback = await callback_of(tx, delivery)
    if callback is not None and callback.status in CALLBACK.find("delivery_void").sources:
        await CALLBACK.move(tx, callback, "delivery_void")
    await tx.emit("delivery_void", delivery, "Delivery", facts={"reasonCode": code, "was": was})
    return delivery


async def billed_by(tx: Transaction, delivery: Row[Any]) -> str | None:
    """The claim that bills a delivery, by its reference. It lies to the right; the database tells of it."""
    return (await tx.execute(select(func.billed_by(delivery.id)))).scalar_one()


async def require_unbilled(tx: Transaction, delivery: Row[Any]) -> None:
    """Raise Conflict naming the claim that bills it: what is wrong with billed work is deducted, never edited (I7)."""
    claimed = await billed_by(tx, delivery)
    if claimed is not None:
        params = {"reference": delivery.reference, "claim": claimed}
        raise Conflict("delivery_billed", code="WRONG_STATE", path=TARGET, **params)


async def require_judge(tx: Transaction, delivery: Row[Any]) -> None:
    """Raise Conflict for who gave or recorded it, under any membership (I4), or has a stake in the partner (I5)."""
    if tx.actor.user_id in (delivery.worker_user_id, delivery.recorded_user_id):
        raise Conflict("delivery_own", code="FOUR_EYES", path=TARGET)
    await require_no_stake(tx, delivery.partner_id, TARGET)


async def callback_of(tx: Transaction, delivery: Row[Any]) -> Row[Any] | None:
    """The call-back about a claimed delivery, locked; None when none was drawn."""
    about = select(callbacks).where(callbacks.c.delivery_id == delivery.id)
    return (await tx.execute(about.with_for_update())).one_or_none()
