"""The world of the bench: many open SERVICE cases of one partner, each with a person, a consent and five visits."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Row

from hub.deliveries.commands import delivery_record
from hub.demo.registering import Residents, register_people
from hub.demo.stage import Stage, Story
from hub.demo.steps import WORKERS, Matter
from hub.demo.words import COMPANY, OWN_WORDS
from hub.visits.commands import visit_promise

PARTNER = "nuanchao"
BEGINS = -60  # days from today: the registrations
START = -50  # the requests
KEPT_ON = (-40, -28, -16)
PROMISED_ON = (3, 10)
"""Days of the visits of each case. What is still promised keeps the cases open."""

VISITS = len(KEPT_ON) + len(PROMISED_ON)
CASES_A_DAY = 60
"""Of a day's visits the first one is promised for eight o'clock, the next ones follow a quarter of an hour apart."""


def bench(cases: int) -> Story:
    """The story of all cases, one after another in each of its phases."""

    async def story(stage: Stage) -> None:
        residents = Residents()
        await register_people(stage, residents, round(cases * 1.4), BEGINS + 1, 4)
        promised: dict[int, list[Row[Any]]] = {day: [] for day in (*KEPT_ON, *PROMISED_ON)}
        adults = [one for one in residents.everybody if not one.minor][:cases]
        for place, resident in enumerate(adults):
            matter = Matter(stage, f"case_{place}", resident, COMPANY, START, PARTNER, quantity=VISITS)
            await matter.up_to("assign")
            for day, visits in promised.items():
                visits.append(await _promise(stage, matter, day, place))
        for day in KEPT_ON:
            await stage.until(stage.at(day, 23, 30))
            await _record(stage, promised[day])
            await stage.tick()
        await stage.until(stage.at(0, 0, 5))
        await stage.tick()

    return story


async def _promise(stage: Stage, matter: Matter, day: int, place: int) -> Row[Any]:
    begin = stage.at(day, 8) + timedelta(minutes=15 * (place % CASES_A_DAY))
    return await stage.do(
        WORKERS[PARTNER],
        visit_promise,
        case_id=matter.case_id,
        kind="SERVICE",
        promised_from=begin,
        promised_to=begin + timedelta(minutes=60),
    )


async def _record(stage: Stage, visits: list[Row[Any]]) -> None:
    for place, visit in enumerate(visits):
        words = OWN_WORDS[place % len(OWN_WORDS)]
        kept_at = visit.promised_from_at + timedelta(minutes=5)
        given = {"visit_id": visit.id, "happened_at": kept_at, "own_words": words}
        await stage.do(WORKERS[PARTNER], delivery_record, **given)
