"""Pure checks of cases: kinds, plans, counts, four eyes, the handover window."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from hub.base.errors import Conflict, Invalid
from hub.base.inputs import optional, required
from hub.base.limits import HANDOVER_DAYS, MAX_CASE_GOALS, MAX_GOAL_DAYS, MAX_OWN_WORDS_CHARS

WORKING_ROLES = {
    "PARTNER": "PARTNER_WORKER",
    "STREET": "STATION_WORKER",
    "COMMUNITY": "COMMUNITY_WORKER",
}
"""Kind of the lead organization → the role whose holders work its cases."""

PROPOSED_OUTCOMES = ("COMPLETED", "PARTLY_COMPLETED", "NOT_COMPLETED")
"""Outcomes a closure can be proposed with; handing back and cancelling set their own."""


def handover_end(today: date) -> date:
    """The last day on which somebody who leaves a case today may still read it."""
    return today + timedelta(days=HANDOVER_DAYS)


def require_casework(case: Row[Any]) -> None:
    """Raise Conflict WRONG_STATE for a SERVICE case: it has no assessment, plan or goals."""
    if case.kind != "CASEWORK":
        raise Conflict("case_not_casework", code="WRONG_STATE", reference=case.reference)


def require_final(case: Row[Any]) -> None:
    """Raise Conflict WRONG_STATE while a need or goal of the case is open."""
    if case.open_need_count or case.open_goal_count:
        counts = {"needs": case.open_need_count, "goals": case.open_goal_count}
        raise Conflict("case_needs_or_goals_open", code="WRONG_STATE", **counts)


def require_no_open_visit(case: Row[Any]) -> None:
    """Raise Conflict WRONG_STATE while a visit is promised: it is kept or cancelled first."""
    if case.open_visit_count:
        raise Conflict("case_visits_open", code="WRONG_STATE", count=case.open_visit_count)


def require_other_eyes(case: Row[Any], user_id: UUID | None) -> None:
    """Raise Conflict FOUR_EYES when the approver is the person who proposed the closure, in whatever membership."""
    if case.closure_proposed_user_id == user_id:
        raise Conflict("closure_by_proposer", code="FOUR_EYES")


def planned_goals(goals: Sequence[Mapping[str, Any]], today: date) -> list[dict[str, Any]]:
    """The goals of a plan, checked. Raises Invalid with the path of the field: `input`, `goals`, index, name."""
    if not goals:
        raise Invalid("plan_without_goal", code="REQUIRED", path=("input", "goals"))
    if len(goals) > MAX_CASE_GOALS:
        raise Invalid("too_many_goals", code="OUT_OF_RANGE", path=("input", "goals"), limit=MAX_CASE_GOALS)
    return [_planned_goal(goal, ("input", "goals", str(index)), today) for index, goal in enumerate(goals)]


def _planned_goal(goal: Mapping[str, Any], path: tuple[str, ...], today: date) -> dict[str, Any]:
    due_on = goal.get("due_on")
    if due_on is not None and due_on < today:
        raise Invalid("goal_due_past", code="OUT_OF_RANGE", path=(*path, "dueOn"))
    if due_on is not None and due_on > today + timedelta(days=MAX_GOAL_DAYS):
        days = MAX_GOAL_DAYS
        raise Invalid("goal_due_far", code="OUT_OF_RANGE", path=(*path, "dueOn"), days=days)
    return {
        "title": required(goal.get("title"), (*path, "title"), MAX_OWN_WORDS_CHARS),
        "baseline": optional(goal.get("baseline"), (*path, "baseline"), MAX_OWN_WORDS_CHARS),
        "target": required(goal.get("target"), (*path, "target"), MAX_OWN_WORDS_CHARS),
        "due_on": due_on,
        "self_reliance": bool(goal.get("self_reliance", False)),
    }
