"""The county contract at work: events, casework with its follow-ups, groups, volunteers; told in the demo world only.

Two cases lack one follow-up each, one large event was too small, one group goes on.
"""

from __future__ import annotations

import dataclasses
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
from hub.demo.groups import Group, Meeting
from hub.demo.registering import Residents
from hub.demo.stage import Stage, Story
from hub.demo.steps import Matter
from hub.demo.words import NEWCOMER, OWN_WORDS, WIDOWED, Request
from hub.people.needs import need_settle

FIRST_DAY = 12
"""Days from the request to the first follow-up."""

GOAL = {"title": "每周出门一次，认识两位邻居", "baseline": "足不出户", "target": "连续六周参加社区活动"}
FOUND = (
    "情绪低落，谈起老伴落泪。",
    "愿意试着下楼走走。",
    "第一次参加社区活动。",
    "主动和邻居聊天。",
    "开始帮忙分发报纸。",
)


@dataclasses.dataclass(frozen=True)
class Casework:
    """One person's casework: follow-ups every `every` days, every other one a visit. `closed` when it is over."""

    name: str
    community: str
    worker: str
    start: int
    follow_ups: int
    slot: tuple[int, int]
    every: int = 14
    request: Request = WIDOWED
    closed: bool = True

    def story(self, residents: Residents) -> Story:
        """From the request to where it stands."""

        async def told(stage: Stage) -> None:
            await stage.until(stage.office(self.start, 9, 0))
            resident = residents.pick(self.community, 62, 90)
            matter = Matter(
                stage,
                self.name,
                resident,
                self.request,
                self.start,
                worker=self.worker,
                line="county.CASEWORK",
            )
            await self._begin(matter)
            for number in range(self.follow_ups):
                await self._follow_up(matter, FIRST_DAY + self.every * number, number)
            if self.closed:
                await self._end(matter, FIRST_DAY + self.every * self.follow_ups)

        return told

    async def _begin(self, m: Matter) -> None:
        await m.up_to("assign")
        await m.office(3, 9, 40)
        await m.do(m.worker, case_assess, m.case_id)
        await m.office(6, 9, 40)
        due_on = m.stage.clock.today() + timedelta(days=120)
        await m.do(m.worker, case_plan, m.case_id, goals=[{**GOAL, "due_on": due_on}])
        await m.office(7, 9, 40)
        await m.do(m.worker, case_start, m.case_id)

    async def _follow_up(self, m: Matter, day: int, number: int) -> None:
        day = m.stage.workday(self.start + day) - self.start
        hour, minute = self.slot
        if number % 2:
            await m.follow_up(day, hour, minute)
            return
        await m.promise(day, hour, minute, said=day - 4, kind="FOLLOW_UP", width=45)
        words = OWN_WORDS[number % len(OWN_WORDS)] if number > 2 else None
        await m.record(text=FOUND[number % len(FOUND)], words=words, lasted_minutes=30)

    async def _end(self, m: Matter, day: int) -> None:
        await m.office(day, 9, 10)
        goal = await m.stage.find(m.worker, select(goals.c.id).where(goals.c.case_id == m.case_id))
        await m.do(m.worker, goal_settle, goal.id, status="ACHIEVED", outcome="已连续参加活动。")
        for need in m.needs:
            await m.do(m.worker, need_settle, need.id, status="MET", outcome="与本人共同评估。")
        summary = "目标达成，本人愿意继续参加社区活动，建议结案。"
        await m.do(m.worker, case_propose_closure, m.case_id, outcome="COMPLETED", summary=summary)
        await m.office(day + 1, 14, 0)
        await m.do(m.handler, case_close, m.case_id)


CASEWORK = (
    Casework("case_chen", "七里沟", "an", -306, 6, (15, 20)),
    Casework("case_huai", "七里沟", "an", -305, 7, (16, 10)),
    Casework("case_lan", "七里沟", "an", -304, 6, (17, 0), request=NEWCOMER),
    Casework("case_shan", "七里沟", "ou", -303, 6, (9, 0)),
    Casework("case_mo", "七里沟", "ou", -302, 7, (9, 50), every=15),
    Casework("case_yun", "三官庙", "an", -90, 5, (15, 20), request=NEWCOMER, closed=False),
    Casework("case_zhu", "新语", "ou", -88, 5, (10, 40), closed=False),
)


def _weekly(first: int, *heads: int, every: int = 7) -> tuple[Meeting, ...]:
    return tuple(Meeting(first + every * place, count) for place, count in enumerate(heads))


GROUPS = (
    Group(
        "large_qiligou",
        "邻里节",
        "county.LARGE_EVENT",
        "七里沟",
        "ou",
        (
            Meeting(-283, 236, "端午邻里节"),
            Meeting(-190, 214, "社区运动会"),
            Meeting(-95, 251, "新春团拜会"),
        ),
        minutes=180,
        hour=13,
    ),
    Group(
        "large_sanguanmiao",
        "惠民服务日",
        "county.LARGE_EVENT",
        "三官庙",
        "ou",
        (Meeting(-241, 205, "惠民服务日"), Meeting(-150, 178, "金秋游园会"), Meeting(-39, 222, "春季义诊")),
        minutes=180,
        hour=13,
        ends=False,
    ),
    Group(
        "small_qiligou",
        "老友茶话会",
        "county.SMALL_EVENT",
        "七里沟",
        "ou",
        _weekly(-297, 28, 31, 26, every=56),
        hour=10,
    ),
    Group(
        "small_xinyu",
        "邻里厨房",
        "county.SMALL_EVENT",
        "新语",
        "an",
        _weekly(-262, 24, 29, 27, every=77),
        hour=10,
    ),
    Group(
        "group_widowed",
        "暖阳互助小组",
        "county.GROUP",
        "七里沟",
        "ou",
        tuple(Meeting(-273 + 7 * week, attended=range(5)) for week in range(9)),
        members=("case_chen", "case_huai", "case_lan", "case_shan", "case_mo"),
    ),
    Group(
        "group_crafts",
        "巧手编织小组",
        "county.GROUP",
        "三官庙",
        "ou",
        _weekly(-240, 9, 8, 9, 7, 8, 9),
        hour=15,
        sheets=False,
    ),
    Group(
        "group_parents",
        "亲子沟通小组",
        "county.GROUP",
        "新语",
        "ou",
        _weekly(-201, 8, 8, 7, 6, 8, 7),
        hour=15,
        sheets=False,
    ),
    Group(
        "group_memory",
        "记忆训练小组",
        "county.GROUP",
        "七里沟",
        "ou",
        _weekly(-110, 10, 9, 10, 8, 9, 9),
        sheets=False,
    ),
    Group(
        "volunteers",
        "邻里志愿者培训",
        "county.VOLUNTEERS",
        "七里沟",
        "an",
        _weekly(-266, 46, 52, 61, 38, every=61),
        hour=10,
        ends=False,
    ),
    Group(
        "group_youth",
        "青年就业小组",
        "county.GROUP",
        "三官庙",
        "ou",
        _weekly(-23, 7, 8, 8, 7, 7, 7),
        sheets=False,
    ),
)


def county_year(residents: Residents) -> list[Story]:
    """All that was done under the county contract."""
    return [*(case.story(residents) for case in CASEWORK), *(group.story for group in GROUPS)]
