"""Pure rules of cases: plans, closure, four eyes, the handover window."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from hub.base.errors import Conflict, Invalid
from hub.cases.rules import (
    handover_end,
    planned_goals,
    require_casework,
    require_final,
    require_no_open_visit,
    require_other_eyes,
)

TODAY = date(2023, 5, 4)
MEI, TAO = UUID(int=1), UUID(int=2)


def case(**facts: object) -> Any:
    """A case row with these columns."""
    common = {"kind": "CASEWORK", "reference": "C-2023-00001", "open_need_count": 0, "open_goal_count": 0}
    return SimpleNamespace(**{**common, "open_visit_count": 0, **facts})


def test_the_handover_window_is_seven_days() -> None:
    assert handover_end(TODAY) == date(2023, 5, 11)


def test_a_service_case_has_no_assessment() -> None:
    require_casework(case())
    with pytest.raises(Conflict) as caught:
        require_casework(case(kind="SERVICE"))
    assert (caught.value.code, caught.value.key) == ("WRONG_STATE", "case_not_casework")


@pytest.mark.parametrize(("needs", "goals"), [(1, 0), (0, 1), (2, 3)])
def test_closure_waits_for_every_need_and_goal(needs: int, goals: int) -> None:
    require_final(case())
    with pytest.raises(Conflict) as caught:
        require_final(case(open_need_count=needs, open_goal_count=goals))
    assert (caught.value.code, caught.value.key) == ("WRONG_STATE", "case_needs_or_goals_open")
    assert caught.value.params == {"needs": needs, "goals": goals}


def test_closure_waits_for_promised_visits() -> None:
    require_no_open_visit(case())
    with pytest.raises(Conflict) as caught:
        require_no_open_visit(case(open_visit_count=2))
    assert (caught.value.code, caught.value.params) == ("WRONG_STATE", {"count": 2})


def test_the_proposer_does_not_approve_in_whatever_membership() -> None:
    proposed = case(closure_proposed_user_id=MEI, closure_proposed_by_id=UUID(int=11))
    require_other_eyes(proposed, TAO)
    with pytest.raises(Conflict) as caught:
        require_other_eyes(proposed, MEI)
    assert (caught.value.code, caught.value.key) == ("FOUR_EYES", "closure_by_proposer")


def test_a_plan_is_checked_goal_by_goal() -> None:
    goals = [
        {"title": " 学会用手机 ", "target": "能自己打视频", "due_on": TODAY, "self_reliance": True},
        {"title": "a", "target": "b"},
    ]
    assert planned_goals(goals, TODAY) == [
        {
            "title": "学会用手机",
            "baseline": None,
            "target": "能自己打视频",
            "due_on": TODAY,
            "self_reliance": True,
        },
        {"title": "a", "baseline": None, "target": "b", "due_on": None, "self_reliance": False},
    ]


@pytest.mark.parametrize(
    ("goals", "code", "path"),
    [
        ([], "REQUIRED", ("input", "goals")),
        ([{"title": "a", "target": "b"}] * 21, "OUT_OF_RANGE", ("input", "goals")),
        (
            [{"title": "a", "target": "b"}, {"title": " ", "target": "b"}],
            "REQUIRED",
            ("input", "goals", "1", "title"),
        ),
        ([{"title": "a", "target": None}], "REQUIRED", ("input", "goals", "0", "target")),
        ([{"title": "a" * 501, "target": "b"}], "TOO_LONG", ("input", "goals", "0", "title")),
        (
            [{"title": "a", "target": "b", "due_on": date(2023, 5, 3)}],
            "OUT_OF_RANGE",
            ("input", "goals", "0", "dueOn"),
        ),
        (
            [{"title": "a", "target": "b", "due_on": date(2999, 1, 1)}],
            "OUT_OF_RANGE",
            ("input", "goals", "0", "dueOn"),
        ),
    ],
)
def test_a_wrong_plan_names_the_field(goals: list[dict[str, Any]], code: str, path: tuple[str, ...]) -> None:
    with pytest.raises(Invalid) as caught:
        planned_goals(goals, TODAY)
    assert (caught.value.code, caught.value.path) == (code, path)
