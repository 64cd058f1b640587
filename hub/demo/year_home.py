"""The year's services at people's homes: haircuts, safety checks, care; the same people again and again, on promise."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import Any

from hub.deliveries.substitution import worker_substitute
from hub.demo.groups import Group, Meeting
from hub.demo.papers import stored
from hub.demo.registering import Residents
from hub.demo.stage import Stage, Story
from hub.demo.steps import MANAGERS, Matter
from hub.demo.words import LONG_CARE, OWN_WORDS, YEARLY_HAIRCUT, YEARLY_SAFETY, Request

BARBER, ELECTRICIAN, CARER = "shu", "tian", "rong"

ILL = "shu", "tian", -151, -147
"""Who was ill, who stood in, and from which day until which."""

PROMISED_BEFORE = 8
"""Days by which the next visit of a course is promised ahead."""

FOUND = {
    "HOME_HAIRCUT": ("理发修面完成，老人精神好。", "理发完成，顺带剪了指甲。", "理发完成，提醒天冷加衣。"),
    "SAFETY_CHECK": ("电线、燃气阀均正常。", "更换老化软管一根。", "插线板过载，已劝拆除。"),
    "CARE": ("协助洗澡、更衣，皮肤完好。", "协助翻身拍背，量血压正常。", "协助进食，陪同晒太阳。"),
}


@dataclasses.dataclass(frozen=True)
class Course:
    """A service given to one person `quantity` times or hours, every `every` days at the same time of day."""

    name: str
    request: Request
    community: str
    worker: str
    start: int
    visits: int
    every: int
    slot: tuple[int, int]
    partner: str = "nuanchao"
    units: int = 1  # of a visit
    minutes: int | None = None
    handler: str = "mei"
    alone: bool | None = True

    def story(self, residents: Residents, place: int) -> Story:
        """From the request to the last visit that was promised."""

        async def told(stage: Stage) -> None:
            await stage.until(stage.office(self.start, 9, 0))
            resident = residents.pick(self.community, 66, 120, alone=self.alone)
            quantity = self.visits * self.units
            at = (self.start, self.partner, self.handler, self.worker, quantity)
            matter = Matter(stage, self.name, resident, self.request, *at)
            await matter.up_to("assign")
            for number in range(self.visits):
                if not await self._visit(matter, 11 + self.every * number, place, number):
                    break

        return told

    async def _visit(self, m: Matter, day: int, place: int, number: int) -> bool:
        """Promise a visit and make it. False when it is ahead of today."""
        day = m.stage.workday(self.start + day) - self.start
        if self.start + day - PROMISED_BEFORE >= 0:
            return False
        await m.promise(day, *self.slot, said=day - PROMISED_BEFORE)
        if self.start + day >= 0:
            return False
        odd = (place * 5 + number * 3) % 29
        by = _by(self.worker, self.start + day)
        if odd == 7:
            await m.record("NOT_HOME", late=3, text="敲门无人应答，邻居说去了医院复查。", by=by)
            return True
        texts = FOUND[self.request.service]
        words = OWN_WORDS[(place + number) % len(OWN_WORDS)] if odd % 4 == 0 else None
        said = {"text": texts[(place + number) % len(texts)], "words": words}
        papers: dict[str, Any] = {}
        if odd % 5 == 0 and self.request is not LONG_CARE:
            papers["document_ids"] = [await self._photo(m, by)]
        given = {"quantity": self.units, "lasted_minutes": self.minutes, **papers}
        await m.record(late=odd % 7, by=by, **said, **given)
        return True

    async def _photo(self, m: Matter, by: str) -> Any:
        taken_at = m.visit.promised_from_at + timedelta(minutes=20)
        await m.stage.until(taken_at + timedelta(minutes=5))
        name = f"{m.visit.reference}现场照片"
        return await stored(m.stage, by, "PHOTO", name, community=m.resident.community, captured_at=taken_at)


def _by(worker: str, day: int) -> str:
    """Who comes for the worker on that day."""
    ill, substitute, first, last = ILL
    return substitute if worker == ill and first <= day <= last else worker


def _slots(hour: int, step: int, count: int) -> list[tuple[int, int]]:
    return [divmod(hour * 60 + step * place, 60) for place in range(count)]


_PLACES = ("七里沟", "三官庙", "七里沟", "新语")
_TIMES = [*_slots(8, 40, 6), *_slots(14, 40, 6)]

COURSES = (
    *(
        Course(
            f"haircut_{place + 1}",
            YEARLY_HAIRCUT,
            _PLACES[place % 4],
            BARBER,
            -314 + 4 * place,
            9 - place % 2,
            36,
            slot,
        )
        for place, slot in enumerate(_TIMES)
    ),
    *(
        Course(
            f"safety_{place + 1}",
            YEARLY_SAFETY,
            _PLACES[(place + 1) % 4],
            ELECTRICIAN,
            -296 + 9 * place,
            4,
            68,
            slot,
            handler="tao",
        )
        for place, slot in enumerate(_slots(9, 50, 3) + _slots(14, 50, 4))
    ),
    *(
        Course(
            f"care_{place + 1}",
            LONG_CARE,
            _PLACES[place % 2],
            CARER,
            -276 + 11 * place,
            8,
            25,
            slot,
            "kangle",
            2,
            120,
            "tao",
            None,
        )
        for place, slot in enumerate(((8, 0), (10, 20), (14, 0), (16, 20)))
    ),
)


GROUPS = (
    Group(
        "mood",
        "情绪支持小组",
        "xinquan.COUNSELLING",
        "三官庙",
        "xia",
        tuple(Meeting(-222 + 14 * place, heads) for place, heads in enumerate((8, 9, 7, 8, 8, 6, 8))),
        partner="xinquan",
    ),
    Group(
        "children",
        "童心社区融入系列",
        "qingmiao.INTEGRATION",
        "新语",
        "miao",
        tuple(
            Meeting(-205 + 28 * place, heads) for place, heads in enumerate((16, 18, 15, 20, 17, 14, 19, 16))
        ),
        partner="qingmiao",
        hour=16,
        sheets=False,
        ends=False,
    ),
)
"""What the smaller partners gave in groups."""


async def illness(stage: Stage) -> None:
    """The barber is ill for a week; the manager lets a colleague stand in."""
    ill, substitute, first, last = ILL
    await stage.until(stage.at(first, 7, 50))
    row = await stage.do(
        MANAGERS["nuanchao"],
        worker_substitute,
        stage.worker_id(ill),
        substitute_id=stage.worker_id(substitute),
        from_on=stage.today + timedelta(days=first),
        until_on=stage.today + timedelta(days=last),
        reason="流感，遵医嘱休息一周。",
    )
    stage.name("substitutions", "illness", row.id)
    await stage.until(stage.at(last + 1, 0, 10))
    await stage.tick()  # SYSTEM ends it as the next day begins


def home_year(residents: Residents) -> list[Story]:
    """All courses, the groups of the other partners, and the week in which one worker was ill."""
    courses = [course.story(residents, place) for place, course in enumerate(COURSES)]
    return [*courses, *(group.story for group in GROUPS), illness]
