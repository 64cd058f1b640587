"""Promising a visit, recording it, cancelling it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, or_, select

from auth.gate import claim
from auth.roles import Role
from hub.base.errors import Conflict, Invalid
from hub.base.inputs import one_of, optional
from hub.base.limits import MAX_OWN_WORDS_CHARS, MAX_TEXT_CHARS
from hub.base.transaction import Transaction
from hub.cases.opening import reread
from hub.cases.rules import WORKING_ROLES
from hub.cases.states import CASE
from hub.cases.tables import cases
from hub.cases.workers import live_worker, members_today, not_assignable
from hub.people.consents import require_consent
from hub.people.locks import lock_persons
from hub.people.tables import persons
from hub.referrals.carrying import begin_referral
from hub.referrals.checks import living_person
from hub.referrals.commands import scope_of
from hub.referrals.rules import reasons
from hub.visits.closing import close_served_case
from hub.visits.rules import is_late, require_kept, require_promise
from hub.visits.states import VISIT, VISIT_OUTCOMES
from hub.visits.tables import VISIT_KINDS, visit_findings, visits

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
    visit = await tx.insert(
        visits,
        reference=await tx.reference("V"),
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
    carried = {} if case is None else await _begin(tx, case, worker)
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


async def _begin(tx: Transaction, case: Row[Any], worker: Row[Any]) -> dict[str, str]:
    """Work begins with the first promise of somebody who is on the case. Returns the carried moves."""
    members = {member.organization_id for member in await members_today(tx, case.id)}
    if worker.organization_id not in members:
        return {}
    carried = await begin_referral(tx, case.referral_id, "visit_promise")
    if case.kind == "SERVICE" and case.status in CASE.find("visit_promise").sources:
        carried["Case"] = (await CASE.move(tx, case, "visit_promise")).status
    return carried


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
    """Say what happened at the door and when. Completing the last open visit of a SERVICE case closes it."""
    visit = await claim(tx, visits, visit_id, "visit_record", version=version)
    VISIT.require(visit, "visit_record")
    one_of(outcome, VISIT_OUTCOMES, ("input", "outcome"))
    require_kept(kept_at, visit.created_at, tx.now)
    await lock_persons(tx, persons.c.id == visit.person_id)
    by = {"recorded_at": tx.now, "recorded_by_id": tx.actor.membership_id}
    visit = await VISIT.move(tx, visit, "visit_record", to=outcome, kept_at=kept_at, **by)
    await _note_findings(tx, visit, text, own_words)
    facts: dict[str, object] = {"outcome": outcome, "late": is_late(kept_at, visit.promised_to_at)}
    facts["caseId"] = visit.case_id
    if outcome == "NOT_HOME":
        facts["firstNotHome"] = await _is_first_not_home(tx, visit)
    if outcome == "COMPLETED" and visit.case_id is not None:
        facts |= await close_served_case(tx, await reread(tx, visit.case_id))
    await tx.emit("visit_record", visit, "Visit", facts=facts)
    return visit


async def _note_findings(tx: Transaction, visit: Row[Any], text: str | None, own_words: str | None) -> None:
    found = optional(text, ("input", "text"), MAX_TEXT_CHARS)
    said = optional(own_words, ("input", "ownWords"), MAX_OWN_WORDS_CHARS)
    if found is None and said is None:
        return
    place = {"visit_id": visit.id, "case_id": visit.case_id, "person_id": visit.person_id, **scope_of(visit)}
    await tx.insert(visit_findings, text=found, own_words=said, created_at=tx.now, **place)


async def _is_first_not_home(tx: Transaction, visit: Row[Any]) -> bool:
    """Whether nobody has stood before a closed door since the person was last met: the moment to ask how she is."""
    of_person = visits.c.person_id == visit.person_id
    met = (
        select(func.max(visits.c.kept_at)).where(of_person, visits.c.status == "COMPLETED").scalar_subquery()
    )
    since_met = or_(met.is_(None), visits.c.kept_at > met)
    earlier = select(visits.c.id).where(
        of_person, visits.c.status == "NOT_HOME", visits.c.id != visit.id, since_met
    )
    return (await tx.execute(earlier.limit(1))).one_or_none() is None


async def visit_cancel(
    tx: Transaction, visit_id: UUID, *, reason_code: str, reason_text: str, version: int | None = None
) -> Row[Any]:
    """Take a promise back, and say why. The case stays as it is: mostly another promise follows."""
    visit = await claim(tx, visits, visit_id, "visit_cancel", version=version)
    code, words = reasons(reason_code, reason_text)
    visit = await VISIT.move(tx, visit, "visit_cancel", cancel_reason_code=code, cancel_reason=words)
    await tx.emit("visit_cancel", visit, "Visit", facts={"reasonCode": code, "caseId": visit.case_id})
    return visit
