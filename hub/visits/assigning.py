"""Giving a case to another worker, and with it what was promised on it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Row, or_, update

from auth.gate import claim
from hub.base.errors import Conflict
from hub.base.transaction import Transaction
from hub.cases.opening import add_member, end_members
from hub.cases.rules import handover_end
from hub.cases.states import CASE
from hub.cases.tables import cases
from hub.cases.workers import worker_of
from hub.visits.commands_ending import lock_upwards
from hub.visits.tables import visits


async def case_assign_worker(
    tx: Transaction, case_id: UUID, *, worker_id: UUID, version: int | None = None
) -> Row[Any]:
    """Name the worker in charge. Her predecessor keeps reading for the handover window and not a day longer (T14).

    What the predecessor had promised on the case is promised still, and from now on by her: only who is to come records
    or cancels a visit, so with a worker who has left it could be neither kept nor called off, and the case not closed.
    """
    await lock_upwards(tx, cases.c.id == case_id)
    case = await claim(tx, cases, case_id, "case_assign_worker", version=version)
    CASE.require(case, "case_assign_worker")
    worker = await worker_of(tx, worker_id, case.lead_organization_id)
    predecessor = case.lead_worker_id
    if worker.id == predecessor:
        raise Conflict("worker_already_leads", code="DUPLICATE", path=("input", "workerId"))
    facts: dict[str, object] = {"workerId": worker.id, "predecessorId": predecessor}
    if predecessor is not None:
        facts["handoverUntil"] = handover_end(tx.today)
        await end_members(tx, case, handover_end(tx.today), membership_id=predecessor)
    await add_member(tx, case, case.lead_organization_id, "LEAD", membership_id=worker.id)
    case = await CASE.move(tx, case, "case_assign_worker", to=case.status, lead_worker_id=worker.id)
    if predecessor is not None:
        facts["visits"] = await _take_over(tx, case, predecessor)
    await tx.emit("case_assign_worker", case, "Case", facts=facts)
    return case


async def _take_over(tx: Transaction, case: Row[Any], predecessor_id: UUID) -> int:
    """The promises of the predecessor, and those that a substitute keeps for her, are the new worker's. Returns how
    many visits."""
    hers = or_(visits.c.worker_id == predecessor_id, visits.c.stands_in_for_id == predecessor_id)
    changed = (
        update(visits)
        .where(visits.c.case_id == case.id, visits.c.status == "PLANNED", hers)
        .values(worker_id=case.lead_worker_id, stands_in_for_id=None, version=visits.c.version + 1)
        .returning(*visits.c)
    )
    moved = (await tx.execute(changed)).all()
    for visit in moved:
        facts = {"caseId": case.id, "workerId": visit.worker_id}
        await tx.emit("case_assign_worker", visit, "Visit", tell=False, facts=facts)
    return len(moved)
