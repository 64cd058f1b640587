"""What a session means for the cases of those who were there: a place in a group is served by being in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from hub.base.transaction import Transaction
from hub.cases.opening import reread
from hub.cases.tables import cases
from hub.deliveries.tables import attendances, group_sessions
from hub.people.locks import lock_persons
from hub.people.tables import persons
from hub.visits.closing import close_served_case
from hub.visits.recording import begin_work


async def serve_attending(tx: Transaction, delivery: Row[Any]) -> dict[str, int]:
    """Begin the cases on the line of those who were in the session just delivered, and close what is served with it.

    A case on another line is not touched: its own work is still to come. Returns how many of each.
    """
    there = select(attendances.c.case_id).where(attendances.c.session_id == delivery.session_id)
    begun = closed = 0
    for case_id in await _locked(tx, there, delivery.line_id):
        case = await reread(tx, case_id)
        carried = await begin_work(tx, case, case.lead_organization_id)
        if carried:
            begun += 1
            facts = {"sessionId": delivery.session_id, "carried": carried}
            await tx.emit("delivery_record", case, "Case", tell=False, facts=facts)
            case = await reread(tx, case_id)
        closed += bool(await close_served_case(tx, case, "delivery_record", tell=True))
    return {"casesBegun": begun, "casesClosed": closed}


async def serve_series(tx: Transaction, series: Row[Any]) -> int:
    """Close the cases of those who were in a series that has just ended. Returns how many."""
    there = (
        select(attendances.c.case_id)
        .join(group_sessions, group_sessions.c.id == attendances.c.session_id)
        .where(group_sessions.c.series_id == series.id)
    )
    closed = 0
    for case_id in await _locked(tx, there, series.line_id):
        closed += bool(await close_served_case(tx, await reread(tx, case_id), "series_close", tell=True))
    return closed


async def _locked(tx: Transaction, there: Any, line_id: UUID) -> Sequence[UUID]:
    """The open cases among them that the line pays for, in the order of ids, their persons locked before."""
    meant = cases.c.id.in_(there), cases.c.line_id == line_id, cases.c.status != "CLOSED"
    await lock_persons(tx, persons.c.id.in_(select(cases.c.person_id).where(*meant)))
    return (await tx.execute(select(cases.c.id).where(*meant).order_by(cases.c.id))).scalars().all()
