"""An agreement that takes nothing new leaves no offer unanswered: its end stands here, where offers are known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from hub.agreements.commands_ending import close_term, end_agreement
from hub.base.transaction import Transaction
from hub.referrals.carrying import carry_referral
from hub.referrals.states import OFFER
from hub.referrals.tables import offers


async def agreement_terminate(
    tx: Transaction, agreement_id: UUID, *, reason_code: str, reason_text: str, version: int | None = None
) -> Row[Any]:
    """The director ends an agreement in force. What was accepted stays payable, the rest goes back to the fund.

    Offers under it that nobody has answered are withdrawn, and their referrals are the station's again.
    """
    await _live_offers(tx, agreement_id)
    agreement = await end_agreement(
        tx, agreement_id, "agreement_terminate", reason_code, reason_text, version
    )
    await _withdraw_offers(tx, agreement, "agreement_terminate")
    return agreement


async def agreement_close_term(tx: Transaction, agreement_id: UUID) -> Row[Any]:
    """SYSTEM ends the term the day after its last one, and withdraws what could not be accepted any more."""
    await _live_offers(tx, agreement_id)
    agreement = await close_term(tx, agreement_id)
    await _withdraw_offers(tx, agreement, "agreement_close_term")
    return agreement


async def _live_offers(tx: Transaction, agreement_id: UUID) -> Sequence[Row[Any]]:
    """Offers under it that are still open, locked: before the agreement, as accepting one does. It tells nothing."""
    live = select(offers).where(offers.c.agreement_id == agreement_id, offers.c.status == "OFFERED")
    return (await tx.execute(live.order_by(offers.c.id).with_for_update(key_share=True))).all()


async def _withdraw_offers(tx: Transaction, agreement: Row[Any], command: str) -> None:
    """Withdraw them, also those made until the agreement was locked, each with an event of its own."""
    for offer in await _live_offers(tx, agreement.id):
        by = {"decided_by_id": tx.actor.membership_id, "decided_at": tx.now}
        withdrawn = await OFFER.move(tx, offer, command, **by)
        referral = await carry_referral(tx, offer.referral_id, command)
        facts = {
            "agreementId": agreement.id,
            "referralId": referral.id,
            "carried": {"Referral": referral.status},
        }
        await tx.emit(command, withdrawn, "Offer", facts=facts)
