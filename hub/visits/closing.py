"""A SERVICE case ends with the visit or the delivery that completes it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, bindparam, func, select

from hub.base.transaction import Transaction
from hub.cases.opening import end_members
from hub.cases.rules import handover_end
from hub.cases.states import CASE
from hub.cases.tables import case_members, case_needs
from hub.people.states import NEED
from hub.people.tables import needs
from hub.referrals.carrying import carry_referral
from hub.visits.tables import visits

SERVED = select(func.case_served(bindparam("case_id")))


async def close_served_case(
    tx: Transaction, case: Row[Any], command: str, *, tell: bool = False
) -> dict[str, object]:
    """Close a SERVICE case in which nothing is promised any more and everything was done.

    With an agreement line that is the offered quantity, delivered, or a place in its group work, attended; without one,
    a visit by who is on the case. `command`: `visit_record`, `visit_cancel`, `delivery_record` or `series_close`,
    whichever was the last step; `case` as it now is (`reread`).

    Its open needs become MET and its referral COMPLETED. Returns facts for the command's event: none when it stays
    open. `tell` where that event is about many cases: then the case's own tells who is to know.
    """
    open_still = case.kind != "SERVICE" or case.open_visit_count > 0
    if open_still or case.status not in CASE.find(command).sources or not await _was_served(tx, case):
        return {}
    met = await _meet_needs(tx, case, command)
    ended = {"closed_at": tx.now, "closed_by_id": tx.actor.membership_id}
    case = await CASE.move(tx, case, command, outcome="COMPLETED", **ended)
    await end_members(tx, case, handover_end(tx.today))
    referral = await carry_referral(tx, case.referral_id, command, completed_at=tx.now)
    carried = {"Case": case.status, "Referral": referral.status, "needsMet": met}
    ended_with = {"referralId": referral.id, "carried": carried}
    facts = {"outcome": case.outcome, "handoverUntil": handover_end(tx.today), **(ended_with if tell else {})}
    await tx.emit(command, case, "Case", tell=tell, facts=facts)
    return dict(ended_with)


async def _was_served(tx: Transaction, case: Row[Any]) -> bool:
    """Whether what the line owes was delivered; without a line, whether an organization on the case made a visit."""
    if case.line_id is not None:
        return (await tx.execute(SERVED, {"case_id": case.id})).scalar_one()
    on_case = select(case_members.c.organization_id).where(case_members.c.case_id == case.id)
    served = select(visits.c.id).where(
        visits.c.case_id == case.id, visits.c.status == "COMPLETED", visits.c.organization_id.in_(on_case)
    )
    return (await tx.execute(served.limit(1))).one_or_none() is not None


async def _meet_needs(tx: Transaction, case: Row[Any], command: str) -> int:
    """Move the case's open needs to MET. Returns how many."""
    statement = (
        select(needs)
        .join(case_needs, case_needs.c.need_id == needs.c.id)
        .where(case_needs.c.case_id == case.id, needs.c.status == "OPEN")
        .order_by(needs.c.id)
    )
    open_needs = (await tx.execute(statement)).all()
    for need in open_needs:
        await NEED.move(tx, need, command, settled_at=tx.now)
    return len(open_needs)
