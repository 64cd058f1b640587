"""The stories of CASEWORK: assessment, plan, goals, closure. Days are counted from the day of the request."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from hub.cases.commands_plan import (
    case_assess,
    case_close,
    case_plan,
    case_propose_closure,
    case_start,
    goal_settle,
)
from hub.cases.tables import goals
from hub.demo.steps import Matter
from hub.demo.words import OWN_WORDS
from hub.people.needs import need_settle

GOALS = (
    {
        "title": "能独立完成日常活动",
        "baseline": "需要他人协助",
        "target": "每天独立完成三项",
        "self_reliance": True,
    },
    {"title": "每周参加一次社区活动", "baseline": "几乎不出门", "target": "连续四周参加"},
    {"title": "申请到应享受的政策", "baseline": "未申请", "target": "材料已提交", "self_reliance": False},
)


async def assessing(m: Matter) -> None:
    """The assessment has begun."""
    await m.up_to("assign")
    await m.office(3, 9, 0)
    await m.do(m.worker, case_assess, m.case_id)


async def planned(m: Matter) -> None:
    """There is a plan with goals."""
    await assessing(m)
    await m.office(6, 9, 0)
    due_on = m.stage.today + timedelta(days=60)
    await m.do(m.worker, case_plan, m.case_id, goals=[{**goal, "due_on": due_on} for goal in GOALS])


async def working(m: Matter) -> None:
    """Work on the plan is under way: two visits made."""
    await planned(m)
    await m.office(7, 9, 0)
    await m.do(m.worker, case_start, m.case_id)
    await m.promise(9, 9, 30, said=7, width=60)
    await m.record(text="按计划开展第一次服务。", words=OWN_WORDS[4])
    await m.promise(14, 9, 30, said=10, width=60)
    await m.record(text="第二次服务，进展良好。")


async def closing(
    m: Matter, ended: tuple[str, ...] = ("ACHIEVED",), needs: tuple[str, ...] = ("MET",)
) -> None:
    """Goals and needs are settled; the closure waits for the station."""
    await working(m)
    await m.office(18, 9, 0)
    for place in range(len(GOALS)):
        found = select(goals.c.id).where(goals.c.case_id == m.case_id).order_by(goals.c.id)
        goal = await m.stage.find(m.worker, found.offset(place).limit(1))
        status = ended[place % len(ended)]
        await m.do(m.worker, goal_settle, goal.id, status=status, outcome="见服务记录。")
        m.name_it("goals", goal.id)
    for place, need in enumerate(m.needs):
        status = needs[place % len(needs)]
        await m.do(m.worker, need_settle, need.id, status=status, outcome="与本人共同评估。")
    await m.office(19, 9, 0)
    await m.do(
        m.worker,
        case_propose_closure,
        m.case_id,
        outcome="COMPLETED" if set(ended) == {"ACHIEVED"} else "PARTLY_COMPLETED",
        summary="目标已评估，本人与社区均已知晓，建议结案。",
    )


async def closed(m: Matter) -> None:
    """Closed by the station with every goal reached, and acknowledged."""
    await closing(m)
    await _close(m)
    await m.acknowledge(22, "变化很大，感谢机构。")


async def closed_in_part(m: Matter) -> None:
    """Closed with goals and needs of every outcome; not acknowledged yet."""
    await closing(m, ("PARTLY_ACHIEVED", "NOT_ACHIEVED", "DROPPED"), ("PARTLY_MET", "NOT_MET"))
    await _close(m)


async def _close(m: Matter) -> None:
    await m.office(20, 14, 0)
    await m.do(m.handler, case_close, m.case_id)
