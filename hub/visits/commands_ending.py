"""Commands that end a case before its work is done, and with it the visits promised on it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Table, select

from auth.gate import claim
from hub.base.transaction import Transaction
from hub.cases.opening import end_members
from hub.cases.rules import handover_end
from hub.cases.states import CASE
from hub.cases.tables import cases
from hub.people.locks import lock_persons
from hub.people.tables import persons
from hub.referrals.carrying import carry_referral
from hub.referrals.rules import reasons
from hub.referrals.states import OFFER, REFERRAL
from hub.referrals.tables import offers, referrals
from hub.visits.states import VISIT
from hub.visits.tables import visits


async def case_hand_back(
    tx: Transaction, case_id: UUID, *, reason_code: str, reason_text: str, version: int | None = None
) -> Row[Any]:
    """The lead gives the case back (or the station takes it back): the referral is triaged anew and not lost.

    Promised visits are cancelled with the same reason; members keep reading for the handover window.
    """
    await lock_upwards(tx, cases.c.id == case_id)
    case = await claim(tx, cases, case_id, "case_hand_back", version=version)
    CASE.require(case, "case_hand_back")
    why = reasons(reason_code, reason_text)
    last_day = handover_end(tx.today)
    cancelled = await _cancel_visits(tx, case, "case_hand_back", why)
    case = await _end_case(tx, case, "case_hand_back", "HANDED_BACK", why, last_day)
    referral = await carry_referral(
        tx, case.referral_id, "case_hand_back", status_reason_code=why[0], status_reason=why[1]
    )
    facts = {"reasonCode": why[0], "referralId": referral.id, "handoverUntil": last_day}
    carried = {"Referral": referral.status, "visitsCancelled": cancelled}
    await tx.emit("case_hand_back", case, "Case", facts={**facts, "carried": carried})
    return case


async def referral_cancel(
    tx: Transaction, referral_id: UUID, *, reason_code: str, reason_text: str, version: int | None = None
) -> Row[Any]:
    """The community takes its request back before it is completed; a live offer, the case and its visits end with it.

    There is nothing left to hand over (it may have been entered in error), so members' access ends at once.
    """
    await lock_upwards(tx, cases.c.referral_id == referral_id, offers.c.referral_id == referral_id)
    referral = await claim(tx, referrals, referral_id, "referral_cancel", version=version)
    REFERRAL.require(referral, "referral_cancel")
    why = reasons(reason_code, reason_text)
    carried: dict[str, object] = {}
    offer = await _live(tx, offers, OFFER.find("referral_cancel").sources, referral.id)
    if offer is not None:
        decided = {"decided_by_id": tx.actor.membership_id, "decided_at": tx.now}
        carried["Offer"] = (await OFFER.move(tx, offer, "referral_cancel", **decided)).status
    case = await _live(tx, cases, CASE.find("referral_cancel").sources, referral.id)
    if case is not None:
        carried["visitsCancelled"] = await _cancel_visits(tx, case, "referral_cancel", why)
        case = await _end_case(tx, case, "referral_cancel", "CANCELLED", why, tx.today - timedelta(days=1))
        carried["Case"] = case.status
        await tx.emit("referral_cancel", case, "Case", tell=False, facts={"reasonCode": why[0]})
    referral = await REFERRAL.move(
        tx, referral, "referral_cancel", status_reason_code=why[0], status_reason=why[1]
    )
    await tx.emit("referral_cancel", referral, "Referral", facts={"reasonCode": why[0], "carried": carried})
    return referral


async def lock_upwards(
    tx: Transaction, of_cases: ColumnElement[bool], of_offers: ColumnElement[bool] | None = None
) -> None:
    """Lock what the command is going to end, in the order in which recording and accepting do: from visit and offer
    over the person to the case, and then the referral. Otherwise two commands could wait for each other.

    It tells nothing: whether the viewer may is what `claim` asks next.
    """
    if of_offers is not None:
        live = select(offers.c.id).where(of_offers, offers.c.status == "OFFERED")
        await tx.execute(live.with_for_update())
    promised = select(visits.c.id).join(cases, cases.c.id == visits.c.case_id).order_by(visits.c.id)
    await tx.execute(promised.where(of_cases, visits.c.status == "PLANNED").with_for_update(of=visits))
    live_case = of_cases, cases.c.status != "CLOSED"
    await lock_persons(tx, persons.c.id.in_(select(cases.c.person_id).where(*live_case)))
    await tx.execute(select(cases.c.id).where(*live_case).with_for_update())


async def _live(tx: Transaction, table: Table, states: Sequence[str], referral_id: UUID) -> Row[Any] | None:
    """The one row of a claimed referral that is still in one of these states; unique indexes see to it."""
    statement = select(table).where(table.c.referral_id == referral_id, table.c.status.in_(states))
    return (await tx.execute(statement.with_for_update())).one_or_none()


async def _cancel_visits(tx: Transaction, case: Row[Any], command: str, why: tuple[str, str]) -> int:
    """Cancel what is still promised on the case, for the same reason. Returns how many visits."""
    sources = VISIT.find(command).sources
    statement = (
        select(visits).where(visits.c.case_id == case.id, visits.c.status.in_(sources)).order_by(visits.c.id)
    )
    promised = (await tx.execute(statement)).all()
    for visit in promised:
        await VISIT.move(tx, visit, command, cancel_reason_code=why[0], cancel_reason=why[1])
    return len(promised)


async def _end_case(
    tx: Transaction, case: Row[Any], command: str, outcome: str, why: tuple[str, str], last_day: date
) -> Row[Any]:
    ended = {"closed_at": tx.now, "closed_by_id": tx.actor.membership_id}
    given = {"outcome": outcome, "status_reason_code": why[0], "status_reason": why[1]}
    case = await CASE.move(tx, case, command, **ended, **given)
    await end_members(tx, case, last_day)
    return case
