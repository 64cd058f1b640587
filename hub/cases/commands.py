"""Opening a case, and who works it."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from auth.gate import claim
from auth.roles import Role
from auth.tables import memberships
from hub.base.errors import Conflict, Invalid
from hub.base.transaction import Transaction
from hub.cases.opening import add_member, open_case
from hub.cases.states import UNFINISHED
from hub.cases.tables import cases
from hub.cases.workers import members_today, worker_of
from hub.organizations.checks import has_stake, require_no_stake
from hub.referrals.carrying import carry_referral, referral_of
from hub.referrals.checks import living_person, require_fit
from hub.referrals.lines import lock_line, require_agreement_active
from hub.referrals.rules import require_standing
from hub.referrals.states import OFFER, REFERRAL
from hub.referrals.tables import offers, referrals


async def offer_accept(tx: Transaction, offer_id: UUID, *, version: int | None = None) -> Row[Any]:
    """The partner takes the person on: from here on it may see her, as long as the consent lasts. Returns the offer.

    What was asked when the offer was made is asked again: days have gone by. The quantity is not: it is reserved. An
    offer from before there were agreements names no line, and neither does its case.
    """
    offer = await claim(tx, offers, offer_id, "offer_accept", version=version)
    OFFER.require(offer, "offer_accept")
    require_standing(offer.expires_at, tx.now)
    await lock_line(tx, offer.line_id)
    referral = await referral_of(tx, offer.referral_id)
    person = await living_person(tx, referral.person_id, lock=True)
    await require_fit(tx, person, offer.partner_id, referral.service_type_id, ("id",))
    await _require_fair(tx, offer)
    if offer.agreement_id is not None:
        await require_agreement_active(tx, offer.agreement_id, ("id",))
    decided = {"decided_by_id": tx.actor.membership_id, "decided_at": tx.now}
    offer = await OFFER.move(tx, offer, "offer_accept", **decided)
    referral = await carry_referral(tx, referral.id, "offer_accept")
    case = await open_case(tx, referral, offer.partner_id, offer=offer)
    facts = {"referralId": referral.id, "caseId": case.id, "carried": {"Referral": referral.status}}
    await tx.emit("offer_accept", offer, "Offer", facts=facts)
    await tx.emit("offer_accept", case, "Case", tell=False, facts={"kind": case.kind, "offerId": offer.id})
    return offer


async def _require_fair(tx: Transaction, offer: Row[Any]) -> None:
    """Whoever made the offer may have joined the partner, or declared a conflict about it, since (I5)."""
    offerer = select(memberships.c.user_id).where(memberships.c.id == offer.offered_by_id)
    user_id = (await tx.execute(offerer)).scalar_one()
    if await has_stake(tx, user_id, offer.partner_id):
        raise Conflict("offerer_has_stake", code="CONFLICT_OF_INTEREST", path=("id",))


async def referral_take(tx: Transaction, referral_id: UUID, *, version: int | None = None) -> Row[Any]:
    """Station or community serves the person itself; whoever takes it works the case. Returns the referral."""
    referral = await claim(tx, referrals, referral_id, "referral_take", version=version)
    REFERRAL.require(referral, "referral_take")
    await living_person(tx, referral.person_id)
    lead = referral.community_id if tx.actor.role is Role.COMMUNITY_WORKER else referral.street_id
    by = tx.actor.membership_id
    referral = await REFERRAL.move(tx, referral, "referral_take", handled_by_id=by)
    case = await open_case(tx, referral, lead, lead_worker_id=by)
    await tx.emit("referral_take", referral, "Referral", facts={"caseId": case.id})
    await tx.emit("referral_take", case, "Case", tell=False, facts={"kind": case.kind})
    return referral


async def case_add_helper(
    tx: Transaction,
    case_id: UUID,
    *,
    partner_id: UUID,
    worker_id: UUID | None = None,
    until_on: date | None = None,
    version: int | None = None,
) -> Row[Any]:
    """A partner, with or without naming its worker, helps on a case that somebody else leads and goes on leading (T13).

    The same is asked as for an offer. For a partner that helps already, `worker_id` names one more of its workers.
    """
    case = await claim(tx, cases, case_id, "case_add_helper", version=version)
    _require_unfinished(case)
    if until_on is not None and until_on < tx.today:
        raise Invalid("helper_until_past", code="OUT_OF_RANGE", path=("input", "untilOn"))
    person = await living_person(tx, case.person_id)
    await require_fit(tx, person, partner_id, case.service_type_id)
    await require_no_stake(tx, partner_id)
    worker = None if worker_id is None else await worker_of(tx, worker_id, partner_id)
    await _join(tx, case, partner_id, None if worker is None else worker.id, until_on)
    facts = {"partnerId": partner_id, "workerId": worker_id, "untilOn": until_on}
    await tx.emit("case_add_helper", case, "Case", facts=facts)
    return case


async def _join(
    tx: Transaction, case: Row[Any], partner_id: UUID, worker_id: UUID | None, until_on: date | None
) -> None:
    members = await members_today(tx, case.id)
    leads = case.lead_organization_id == partner_id
    on_it = any(member.organization_id == partner_id and member.membership_id is None for member in members)
    if (
        leads
        or (on_it and worker_id is None)
        or (worker_id in {member.membership_id for member in members} - {None})
    ):
        raise Conflict("helper_on_case", code="DUPLICATE", path=("input", "partnerId"))
    if not on_it:
        await add_member(tx, case, partner_id, "HELPER", until_on=until_on)
    if worker_id is not None:
        await add_member(tx, case, partner_id, "HELPER", membership_id=worker_id, until_on=until_on)


def _require_unfinished(case: Row[Any]) -> None:
    if case.status not in UNFINISHED:
        raise Conflict("wrong_state", code="WRONG_STATE", status=f"CaseStatus.{case.status}")
