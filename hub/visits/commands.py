"""Promising a visit, recording it, cancelling it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from auth.gate import claim
from auth.roles import Role
from hub.base.errors import Conflict, Invalid
from hub.base.inputs import one_of
from hub.base.transaction import Transaction
from hub.cases.opening import reread
from hub.cases.rules import WORKING_ROLES
from hub.cases.tables import cases
from hub.cases.workers import live_worker, members_today, not_assignable
from hub.people.consents import require_consent
from hub.people.tables import persons
from hub.referrals.checks import living_person
from hub.referrals.commands import scope_of
from hub.referrals.rules import reasons
from hub.visits.closing import close_served_case
from hub.visits.recording import begin_work, settle_visit
from hub.visits.rules import require_promise
from hub.visits.states import VISIT
from hub.visits.tables import VISIT_KINDS, visits

PROMISABLE = {"SERVICE": ("OPEN", "ACTIVE"), "CASEWORK": ("OPEN", "ASSESSING", "PLANNED", "ACTIVE")}
"""Kind of case → states in which somebody may still promise to come."""


async def visit_promise(
    tx: Transaction,
    *,
    case_id: UUID | None = None,
    person_id: UUID | None = None,
    kind: str,
    promised_from: datetime,
    promised_to: datetime,
    worker_id: UUID | None = None,
) -> Row[Any]:
    """Promise to come, on a case or (street and community) to a person. The first promise on a case begins the work."""
    case, person = await _claimed_for(tx, case_id, person_id)
    one_of(kind, VISIT_KINDS, ("input", "kind"))
    require_promise(promised_from, promised_to, tx.now)
    worker = await _visitor(tx, case, person, worker_id)
    visit = await tx.insert_numbered(
        visits,
        "V",
        kind=kind,
        person_id=person.id,
        person_pseudonym=person.pseudonym,
        case_id=None if case is None else case.id,
        service_type_id=None if case is None else case.service_type_id,
        organization_id=worker.organization_id,
        partner_id=worker.partner_id,
        worker_id=worker.id,
        promised_from_at=promised_from,
        promised_to_at=promised_to,
        created_at=tx.now,
        **scope_of(person),
    )
    carried = {} if case is None else await begin_work(tx, case, worker.organization_id)
    facts = {
        "caseId": visit.case_id,
        "workerId": worker.id,
        "promisedFrom": promised_from,
        "promisedTo": promised_to,
    }
    await tx.emit("visit_promise", visit, "Visit", facts={**facts, "carried": carried})
    return visit


async def _claimed_for(
    tx: Transaction, case_id: UUID | None, person_id: UUID | None
) -> tuple[Row[Any] | None, Row[Any]]:
    """The case, if it is on one, and the person. A partner may name only a case."""
    if case_id is not None and person_id is None:
        return await _claimed_case(tx, case_id)
    if case_id is None and person_id is not None:
        if tx.actor.role is Role.PARTNER_WORKER:
            raise Invalid("partner_visits_on_case", path=("input", "caseId"))
        await claim(tx, persons, person_id, "visit_promise", path=("input", "personId"))
        return None, await living_person(tx, person_id)
    raise Invalid("case_or_person", path=("input", "caseId"))


async def _claimed_case(tx: Transaction, case_id: UUID) -> tuple[Row[Any], Row[Any]]:
    path = ("input", "caseId")
    case = await claim(tx, cases, case_id, "visit_promise", path=path)
    if case.status not in PROMISABLE[case.kind]:
        raise Conflict("wrong_state", code="WRONG_STATE", path=path, status=f"CaseStatus.{case.status}")
    return case, await living_person(tx, case.person_id)


async def _visitor(
    tx: Transaction, case: Row[Any] | None, person: Row[Any], worker_id: UUID | None
) -> Row[Any]:
    """Who will come: the worker named, else whoever promises, else (she does not visit) the case's lead worker.

    Street and community send any of their own whose rows the person is in; a partner only who is on the case, with the
    person's consent in force.
    """
    chosen = worker_id
    if chosen is None:
        visits_herself = tx.actor.role in WORKING_ROLES.values()
        chosen = tx.actor.membership_id if visits_herself or case is None else case.lead_worker_id
    if chosen is None:
        raise Invalid("required", code="REQUIRED", path=("input", "workerId"))
    worker = await live_worker(tx, chosen)
    if worker.partner_id is None:
        if worker.street_id != person.street_id or worker.community_id not in (None, person.community_id):
            raise not_assignable()
        return worker
    if case is None or worker.id not in {member.membership_id for member in await members_today(tx, case.id)}:
        raise not_assignable()
    await require_consent(tx, person, worker.partner_id, path=("input", "workerId"))
    return worker


async def visit_record(
    tx: Transaction,
    visit_id: UUID,
    *,
    outcome: str,
    kept_at: datetime,
    text: str | None = None,
    own_words: str | None = None,
    version: int | None = None,
) -> Row[Any]:
    """Say what happened at the door and when. Completing the last open visit of a SERVICE case closes it.

    A case with an agreement line waits besides until the offered quantity was delivered (`delivery_record`).
    """
    visit = await claim(tx, visits, visit_id, "visit_record", version=version)
    visit, facts = await settle_visit(
        tx, visit, outcome=outcome, kept_at=kept_at, text=text, own_words=own_words
    )
    if visit.case_id is not None:
        case = await reread(tx, visit.case_id)
        # What a line owes may have been delivered before: then any end of the last promise closes the case.
        if outcome == "COMPLETED" or case.line_id is not None:
            facts |= await close_served_case(tx, case, "visit_record")
    await tx.emit("visit_record", visit, "Visit", facts=facts)
    return visit


async def visit_cancel(
    tx: Transaction, visit_id: UUID, *, reason_code: str, reason_text: str, version: int | None = None
) -> Row[Any]:
    """Take a promise back, and say why. Mostly another promise follows, and the case stays as it is.

    Unless the promise was one too many: with everything delivered that its line owes, a SERVICE case closes.
    """
    visit = await claim(tx, visits, visit_id, "visit_cancel", version=version)
    code, words = reasons(reason_code, reason_text)
    visit = await VISIT.move(tx, visit, "visit_cancel", cancel_reason_code=code, cancel_reason=words)
    facts: dict[str, object] = {"reasonCode": code, "caseId": visit.case_id}
    if visit.case_id is not None:
        case = await reread(tx, visit.case_id)
        if case.line_id is not None:
            facts |= await close_served_case(tx, case, "visit_cancel")
    await tx.emit("visit_cancel", visit, "Visit", facts=facts)
    return visit
