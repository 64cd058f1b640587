"""The path of a CASEWORK case: assessment, plan, goals, closure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from auth.gate import claim
from hub.base.errors import Conflict, Invalid
from hub.base.inputs import one_of, optional, required
from hub.base.limits import MAX_OWN_WORDS_CHARS, MAX_TEXT_CHARS
from hub.base.transaction import Transaction
from hub.cases.opening import end_members
from hub.cases.rules import (
    PROPOSED_OUTCOMES,
    handover_end,
    planned_goals,
    require_casework,
    require_final,
    require_no_open_visit,
    require_other_eyes,
)
from hub.cases.states import CASE, GOAL, GOAL_FINAL
from hub.cases.tables import cases, goals
from hub.organizations.checks import has_stake
from hub.referrals.carrying import begin_referral, carry_referral
from hub.referrals.commands import scope_of
from hub.referrals.rules import reasons


async def case_assess(tx: Transaction, case_id: UUID, *, version: int | None = None) -> Row[Any]:
    """Assessment begins; with it the referral is in progress, unless a first visit was promised before."""
    case = await _claimed(tx, case_id, "case_assess", version)
    case = await CASE.move(tx, case, "case_assess")
    carried = await begin_referral(tx, case.referral_id, "case_assess")
    await tx.emit("case_assess", case, "Case", facts={"carried": carried})
    return case


async def case_plan(
    tx: Transaction, case_id: UUID, *, goals: Sequence[Mapping[str, Any]], version: int | None = None
) -> Row[Any]:
    """The plan: its goals, each {title, baseline, target, due_on, self_reliance}. Baseline and due day may be empty."""
    case = await _claimed(tx, case_id, "case_plan", version)
    planned = planned_goals(goals, tx.today)
    await _add_goals(tx, case, planned)
    case = await CASE.move(tx, case, "case_plan")
    await tx.emit("case_plan", case, "Case", facts={"goals": len(planned)})
    return case


async def _add_goals(tx: Transaction, case: Row[Any], planned: Sequence[dict[str, Any]]) -> None:
    common = {"case_id": case.id, "person_id": case.person_id, "created_at": tx.now, **scope_of(case)}
    await tx.insert_many(goals, [{**goal, **common} for goal in planned])


async def case_start(tx: Transaction, case_id: UUID, *, version: int | None = None) -> Row[Any]:
    """Work on the plan begins."""
    case = await _claimed(tx, case_id, "case_start", version)
    case = await CASE.move(tx, case, "case_start")
    await tx.emit("case_start", case, "Case")
    return case


async def _claimed(tx: Transaction, case_id: UUID, command: str, version: int | None) -> Row[Any]:
    """A CASEWORK case in a state from which the command starts."""
    case = await claim(tx, cases, case_id, command, version=version)
    require_casework(case)
    CASE.require(case, command)
    return case


async def goal_settle(
    tx: Transaction, goal_id: UUID, *, status: str, outcome: str | None = None, version: int | None = None
) -> Row[Any]:
    """Say what became of a goal; whatever is not simply achieved says why, as with a need. Returns the goal."""
    goal = await claim(tx, goals, goal_id, "goal_settle", version=version)
    one_of(status, GOAL_FINAL, ("input", "status"))
    said = optional(outcome, ("input", "outcome"), MAX_OWN_WORDS_CHARS)
    if status != "ACHIEVED" and said is None:
        raise Invalid("goal_outcome", code="REQUIRED", path=("input", "outcome"))
    case = (await tx.execute(select(cases.c.id, cases.c.status).where(cases.c.id == goal.case_id))).one()
    if case.status == "CLOSED":
        raise Conflict("wrong_state", code="WRONG_STATE", status=f"CaseStatus.{case.status}")
    goal = await GOAL.move(tx, goal, "goal_settle", to=status, outcome=said, settled_at=tx.now)
    await tx.emit("goal_settle", goal, "Goal", facts={"status": status, "caseId": goal.case_id})
    return goal


async def case_propose_closure(
    tx: Transaction, case_id: UUID, *, outcome: str, summary: str, version: int | None = None
) -> Row[Any]:
    """The lead worker proposes to close a CASEWORK case whose needs and goals are all final."""
    case = await _claimed(tx, case_id, "case_propose_closure", version)
    require_final(case)
    proposal = {
        "outcome": one_of(outcome, PROPOSED_OUTCOMES, ("input", "outcome")),
        "summary": required(summary, ("input", "summary"), MAX_TEXT_CHARS),
        "closure_proposed_by_id": tx.actor.membership_id,
        "closure_proposed_at": tx.now,
        "closure_proposed_user_id": tx.actor.user_id,
    }
    case = await CASE.move(tx, case, "case_propose_closure", **proposal)
    await tx.emit("case_propose_closure", case, "Case", facts={"outcome": outcome})
    return case


async def case_reopen(
    tx: Transaction, case_id: UUID, *, reason_code: str, reason_text: str, version: int | None = None
) -> Row[Any]:
    """Back to work from a proposed closure: the station does not approve it, or whoever leads takes it back.

    The proposal is gone from the case, and its closing words are in the audit event; the reason why it came to nothing
    stays on the case.
    """
    case = await _claimed(tx, case_id, "case_reopen", version)
    code, words = reasons(reason_code, reason_text)
    facts = {"reasonCode": code, "outcome": case.outcome}
    proposal = ("outcome", "closure_proposed_by_id", "closure_proposed_at", "closure_proposed_user_id")
    said: dict[str, Any] = {"status_reason_code": code, "status_reason": words}
    case = await CASE.move(tx, case, "case_reopen", **dict.fromkeys(proposal), **said)
    await tx.emit("case_reopen", case, "Case", facts=facts)
    return case


async def case_close(tx: Transaction, case_id: UUID, *, version: int | None = None) -> Row[Any]:
    """Approve the proposed closure: by another person than the proposer, and by nobody with a stake in the partner."""
    case = await claim(tx, cases, case_id, "case_close", version=version)
    CASE.require(case, "case_close")
    require_other_eyes(case, tx.actor.user_id)
    if case.partner_id is not None and await has_stake(tx, tx.actor.user_id, case.partner_id):
        raise Conflict("stake_in_partner", code="CONFLICT_OF_INTEREST", path=("id",))
    require_final(case)
    require_no_open_visit(case)
    approval: dict[str, Any] = {"closed_by_id": tx.actor.membership_id, "closed_user_id": tx.actor.user_id}
    case = await CASE.move(tx, case, "case_close", closed_at=tx.now, **approval)
    await end_members(tx, case, handover_end(tx.today))
    referral = await carry_referral(tx, case.referral_id, "case_close", completed_at=tx.now)
    facts = {"outcome": case.outcome, "handoverUntil": handover_end(tx.today)}
    carried = {"Referral": referral.status}
    await tx.emit("case_close", case, "Case", facts={**facts, "referralId": referral.id, "carried": carried})
    return case
