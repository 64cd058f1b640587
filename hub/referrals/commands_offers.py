"""Putting a referral to one partner after another. Accepting opens a case and therefore lives in `hub.cases`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from auth.gate import claim
from hub.base.errors import Conflict
from hub.base.inputs import optional
from hub.base.limits import MAX_TEXT_CHARS
from hub.base.transaction import Transaction
from hub.organizations.checks import require_no_stake
from hub.people.rules import age_group
from hub.people.tables import needs
from hub.referrals.carrying import carry_referral
from hub.referrals.checks import living_person, require_fit
from hub.referrals.commands import scope_of
from hub.referrals.lines import line_for, lock_line
from hub.referrals.rules import offer_end, reasons
from hub.referrals.states import OFFER, REFERRAL
from hub.referrals.tables import offer_needs, offers, referral_needs, referrals


async def referral_offer(
    tx: Transaction,
    referral_id: UUID,
    *,
    partner_id: UUID,
    line_id: UUID | None = None,
    quantity: int | None = None,
    expires_at: datetime | None = None,
    note: str | None = None,
    version: int | None = None,
) -> Row[Any]:
    """Put the referral to a partner. Returns the referral; the offer copies all that the partner may see of it.

    The offer names an agreement line and how much of it is hers, and reserves that much until it ends without a case or
    its case is closed. Both are optional for GraphQL and required by rule.

    Refused, in this order: another offer is live, no consent for the partner or (a minor) no guardian's, partner not
    qualified today, whoever offers has a stake in the partner, the line cannot carry it (`lines.line_for`).
    """
    referral = await claim(tx, referrals, referral_id, "referral_offer", version=version)
    if referral.status == "OFFERED":
        raise Conflict("offer_live", code="WRONG_STATE")
    REFERRAL.require(referral, "referral_offer")
    await lock_line(tx, line_id)
    person = await living_person(tx, referral.person_id, lock=True)
    await require_fit(tx, person, partner_id, referral.service_type_id)
    await require_no_stake(tx, partner_id)
    line = await line_for(tx, referral, partner_id, line_id, quantity)
    terms = {
        "agreement_id": line.agreement_id,
        "line_id": line.id,
        "quantity": quantity,
        "expires_at": offer_end(tx.now, expires_at),
        "note": optional(note, ("input", "note"), MAX_TEXT_CHARS),
    }
    offer = await _offer(tx, referral, person, partner_id, terms)
    referral = await REFERRAL.move(tx, referral, "referral_offer", handled_by_id=tx.actor.membership_id)
    facts = {"offerId": offer.id, "partnerId": partner_id, "expiresAt": offer.expires_at}
    facts |= {"lineId": line.id, "quantity": quantity}
    await tx.emit("referral_offer", referral, "Referral", facts=facts)
    return referral


async def _offer(
    tx: Transaction, referral: Row[Any], person: Row[Any], partner_id: UUID, terms: Mapping[str, object]
) -> Row[Any]:
    offer = await tx.insert(
        offers,
        referral_id=referral.id,
        partner_id=partner_id,
        service_type_id=referral.service_type_id,
        urgency=referral.urgency,
        age_group=age_group(person.birth_on, tx.today),
        estate=person.estate,
        offered_by_id=tx.actor.membership_id,
        offered_at=tx.now,
        **terms,
        **scope_of(referral),
    )
    facts = select(needs.c.domain, needs.c.bradshaw_type, needs.c.severity).join(
        referral_needs, referral_needs.c.need_id == needs.c.id
    )
    copied = await tx.execute(facts.where(referral_needs.c.referral_id == referral.id))
    common = {"offer_id": offer.id, "partner_id": partner_id, **scope_of(referral)}
    await tx.insert_many(offer_needs, [{**row._mapping, **common} for row in copied])
    return offer


async def offer_decline(
    tx: Transaction, offer_id: UUID, *, reason_code: str, reason_text: str, version: int | None = None
) -> Row[Any]:
    """The partner says no and why; the referral is back with the station and not lost."""
    offer = await claim(tx, offers, offer_id, "offer_decline", version=version)
    code, words = reasons(reason_code, reason_text)
    said: dict[str, Any] = {"decline_reason_code": code, "decline_reason": words}
    return await _end_offer(tx, offer, "offer_decline", said, status_reason_code=code, status_reason=words)


async def offer_withdraw(tx: Transaction, offer_id: UUID, *, version: int | None = None) -> Row[Any]:
    """The station takes back an offer that nobody has answered, to put it to somebody else."""
    offer = await claim(tx, offers, offer_id, "offer_withdraw", version=version)
    return await _end_offer(tx, offer, "offer_withdraw", {})


async def offer_expire(tx: Transaction, offer_id: UUID) -> Row[Any]:
    """SYSTEM ends an offer whose time is over; the referral is back with the station."""
    offer = await claim(tx, offers, offer_id, "offer_expire")
    OFFER.require(offer, "offer_expire")
    if tx.now < offer.expires_at:
        raise Conflict("offer_not_due", code="WRONG_STATE")
    return await _end_offer(tx, offer, "offer_expire", {})


async def _end_offer(
    tx: Transaction, offer: Row[Any], command: str, said: dict[str, Any], **carried: Any
) -> Row[Any]:
    """End the offer without a case and carry the referral back to TRIAGED, with `carried` written on it."""
    decided = {"decided_by_id": tx.actor.membership_id, "decided_at": tx.now}
    offer = await OFFER.move(tx, offer, command, **decided, **said)
    referral = await carry_referral(tx, offer.referral_id, command, **carried)
    facts: dict[str, object] = {"referralId": referral.id, "carried": {"Referral": referral.status}}
    if offer.decline_reason_code is not None:
        facts["reasonCode"] = offer.decline_reason_code
    await tx.emit(command, offer, "Offer", facts=facts)
    return offer
