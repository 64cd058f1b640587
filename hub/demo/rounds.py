"""The visits that street and community make without a case: week by week, to those who live alone or are old."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import Any

from sqlalchemy import Row

from hub.demo.registering import Resident, Residents
from hub.demo.stage import Stage, Story
from hub.demo.words import OWN_WORDS
from hub.visits.commands import visit_cancel, visit_promise, visit_record

VISITORS = {"wang": "七里沟", "li": "三官庙", "ning": "新语", "mei": "七里沟", "tao": "三官庙"}
"""Who goes round in which community."""

TIMES = ((1, 9, 0), (2, 14, 30), (3, 10, 0), (4, 15, 30))
"""Days after the promise and time of day, one visit each."""

KINDS = ("CONDOLENCE", "SAFETY_CHECK", "PATROL", "FOLLOW_UP")
TEXTS = {
    "CONDOLENCE": "送去慰问品，老人精神不错。",
    "SAFETY_CHECK": "检查水电气，提醒睡前关阀。",
    "PATROL": "巡访低保边缘家庭，暂无新增困难。",
    "FOLLOW_UP": "跟进上次反映的问题，已解决。",
}
OUTCOMES = (
    ("COMPLETED", 88),
    ("NOT_HOME", 4),
    ("AWAY", 3),
    ("REFUSED", 2),
    ("HOSPITALISED", 1),
    ("CANCELLED", 2),
)


@dataclasses.dataclass(frozen=True)
class Round:
    """One worker's weeks: the first one begins `first` days from today."""

    who: str
    people: tuple[Resident, ...]
    first: int
    a_week: int

    async def go(self, stage: Stage) -> None:
        """Promise on one day, come on the next ones; what is promised for today and tomorrow stays open."""
        place = 0
        for day in range(self.first, 0, 7):
            await stage.until(stage.at(day, 8, 40))
            promised: list[tuple[Row[Any], int]] = []
            for after, hour, minute in TIMES[: self.a_week]:
                resident = self.people[place % len(self.people)]
                place += 1
                visit = await self._promise(stage, resident, day + after, hour, minute)
                promised.append((visit, day + after))
            for visit, on in promised:
                if on < 0:
                    await self._record(stage, visit)

    async def _promise(self, stage: Stage, resident: Resident, day: int, hour: int, minute: int) -> Row[Any]:
        begin = stage.at(day, hour, minute)
        return await stage.do(
            self.who,
            visit_promise,
            person_id=resident.id,
            kind=stage.chance.choice(KINDS),
            promised_from=begin,
            promised_to=begin + timedelta(minutes=60),
        )

    async def _record(self, stage: Stage, visit: Row[Any]) -> None:
        names, weights = zip(*OUTCOMES, strict=True)
        outcome = stage.chance.choices(names, weights)[0]
        begin = visit.promised_from_at
        if outcome == "CANCELLED":
            await stage.until(begin - timedelta(hours=1))
            await stage.do(
                self.who,
                visit_cancel,
                visit.id,
                reason_code="OTHER",
                reason_text="社区临时有会，改日再来。",
            )
            return
        minutes = stage.chance.choice((0, 3, 5, 10, 20, 75 if stage.chance.random() < 0.4 else 15))
        await stage.until(begin + timedelta(minutes=minutes + 20))
        met = outcome == "COMPLETED"
        await stage.do(
            self.who,
            visit_record,
            visit.id,
            outcome=outcome,
            kept_at=begin + timedelta(minutes=minutes),
            text=TEXTS[visit.kind] if met else None,
            own_words=stage.chance.choice(OWN_WORDS) if met and stage.chance.random() < 0.3 else None,
        )


def rounds(residents: Residents, *, first: int, a_week: int) -> list[Story]:
    """The rounds of everybody who makes some, beginning `first` days from today."""
    return [_round(residents, who, community, first, a_week) for who, community in VISITORS.items()]


def _round(residents: Residents, who: str, community: str, first: int, a_week: int) -> Story:
    async def story(stage: Stage) -> None:
        await stage.until(stage.at(first, 8, 0))
        old = [one for one in residents.everybody if one.community == community and one.age >= 65]
        people = sorted(old, key=lambda one: not one.alone)[: 14 * a_week]
        if who in ("mei", "tao"):  # the station sees others than the community does
            people.reverse()
        await Round(who, tuple(people), first, a_week).go(stage)

    return story
