"""Group work of the demo world: series with their sessions, enrolled or counted by heads."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from hub.deliveries.commands import delivery_record
from hub.deliveries.group_commands import series_close, series_enrol, series_open, session_plan
from hub.demo.papers import stored
from hub.demo.stage import Stage
from hub.demo.steps import MANAGERS

PLANNED_BEFORE = 6
"""Days by which a session is planned ahead."""


@dataclasses.dataclass(frozen=True)
class Meeting:
    """A session: its day from today, and the heads there; `attended` (places among the enrolled) instead of heads."""

    day: int
    heads: int = 0
    title: str | None = None
    attended: Sequence[int] = ()


@dataclasses.dataclass(frozen=True)
class Group:
    """A series that a worker leads. `members` are stories whose cases are enrolled; none: heads are counted."""

    name: str
    title: str
    line: str
    community: str
    worker: str
    meetings: Sequence[Meeting]
    members: Sequence[str] = ()
    partner: str = "nuanchao"
    hour: int = 14
    minutes: int = 90
    sheets: bool = True  # whether each session has its sign-in sheet
    ends: bool = True  # whether it is closed when its last session is over

    async def story(self, stage: Stage) -> None:
        """Open it, plan and hold session after session; those ahead of today stay planned."""
        await stage.until(stage.office(self.meetings[0].day - PLANNED_BEFORE - 2, 10, 20))
        manager = MANAGERS[self.partner]
        series = await stage.do(
            manager,
            series_open,
            line_id=stage.named["lines"][self.line],
            community_id=stage.organizations[self.community],
            title=self.title,
            kind="ENROLLED" if self.members else "HEAD_COUNT",
        )
        stage.name("series", self.name, series.id)
        cases = [stage.named["cases"][member] for member in self.members]
        if cases:
            await stage.do(manager, series_enrol, series.id, case_ids=cases)
        for meeting in self.meetings:
            await self._meet(stage, series.id, meeting, cases)
        if self.ends and self.meetings[-1].day < 0:
            await stage.do(self.worker, series_close, series.id)

    async def _meet(self, stage: Stage, series_id: UUID, meeting: Meeting, cases: Sequence[UUID]) -> None:
        """Plan one session, and hold it unless it is ahead of today."""
        if meeting.day - PLANNED_BEFORE >= 0:
            return
        await stage.until(stage.office(meeting.day - PLANNED_BEFORE, 9, 30))
        begin = stage.at(meeting.day, self.hour)
        session = await stage.do(
            self.worker,
            session_plan,
            series_id,
            planned_from=begin,
            planned_to=begin + timedelta(minutes=self.minutes),
            title=meeting.title,
        )
        if meeting.day < 0:
            await self._hold(stage, session, meeting, cases)

    async def _hold(self, stage: Stage, session: Row[Any], meeting: Meeting, cases: Sequence[UUID]) -> None:
        """Who was there, with the sheet they signed."""
        begin = session.planned_from_at
        await stage.until(begin + timedelta(minutes=self.minutes + 20))
        there: dict[str, Any] = {"head_count": meeting.heads}
        if cases:
            there = {"case_ids": [cases[place] for place in meeting.attended]}
        papers: list[UUID] = []
        if self.sheets:
            taken = {"community": self.community, "captured_at": begin}
            name = f"{self.title}签到表{session.number}"
            papers.append(await stored(stage, self.worker, "SIGN_IN_SHEET", name, **taken))
        given = {"happened_at": begin, "lasted_minutes": self.minutes, "document_ids": papers, **there}
        done = await stage.do(self.worker, delivery_record, session_id=session.id, **given)
        stage.name("deliveries", f"{self.name}.{session.number}", done.id)
