"""Making the demo world: its history of a year, told by the commands themselves under a clock of its own."""

from __future__ import annotations

import dataclasses
from datetime import date, timedelta

from hub.base.db import Server
from hub.data_folder import OperatorError
from hub.demo.agreements import buy_services
from hub.demo.bench import BEGINS as BENCH_BEGINS
from hub.demo.bench import bench
from hub.demo.cast import YEAR
from hub.demo.checking import checking
from hub.demo.city.crowd import Crowd, buy_everyday
from hub.demo.city.load import multiply
from hub.demo.contracts import further_gifts, late_contract, next_year, sign_contracts
from hub.demo.opening import join, open_street
from hub.demo.programme import CHILD, OLD, told
from hub.demo.registering import Residents, register_people
from hub.demo.rounds import rounds
from hub.demo.stage import Stage, Story, opened
from hub.demo.year_county import county_year
from hub.demo.year_home import home_year
from hub.demo.year_money import money_year
from hub.settings import Settings


@dataclasses.dataclass(frozen=True)
class Scale:
    """How much of a world. `first_day`: when its history begins, in days from today; residents are registered in the
    `registering_days` after it. `streets`: how many there are; all but the first one are copies of it.
    """

    people: int
    first_day: int
    registering_days: int
    rounds_from: int
    visits_a_week: int
    small: bool = False
    streets: int = 1

    @property
    def year(self) -> bool:
        """Whether the year's work under the contracts is told as well."""
        return not self.small


SCALES = {
    "demo": Scale(people=1200, first_day=-330, registering_days=12, rounds_from=-176, visits_a_week=1),
    "small": Scale(
        people=100, first_day=-40, registering_days=1, rounds_from=-15, visits_a_week=1, small=True
    ),
    "town": Scale(
        people=600, first_day=-330, registering_days=1, rounds_from=-176, visits_a_week=1, streets=19
    ),
    "city": Scale(
        people=600, first_day=-330, registering_days=1, rounds_from=-176, visits_a_week=1, streets=186
    ),
}
BYSTANDERS = {
    "bystander": ("七里沟", OLD),
    "bystander_li": ("三官庙", OLD),
    "bystander_ning": ("新语", OLD),
    "bystander_child": ("七里沟", CHILD),
}
"""Persons whom no story is about, named for the tests."""

DAILY_FROM = -40
"""From this day on the worker works each evening; before it, each of its rounds would find next to nothing."""

CHECKED_FROM = -290
FRIDAY = 4

BENCH = "bench"
BENCH_SEED = 1
BENCH_CASES = 500


async def load_demo(server: Server, settings: Settings, today: date | None, seed: int, scale: str) -> None:
    """Make a world in a migrated, empty database: the same one for the same seed, day and secret, ids
    included (the secret draws the call-backs).

    `today` None: the real one. The history ends as `today` begins, so that nothing of it lies in the future.
    Raises OperatorError for an unknown scale.
    """
    if scale == BENCH:
        await load_bench(server, settings, today=today, seed=seed)
    elif scale in SCALES:
        await make_world(server, settings, today, seed, SCALES[scale])
    else:
        raise OperatorError(f"There is no scale {scale!r}. Choose one of: {', '.join((*SCALES, BENCH))}.")


async def make_world(
    server: Server, settings: Settings, today: date | None, seed: int, scale: Scale
) -> Stage:
    """Make the world. Returns the stage, whose connections are closed, for its named ids and viewers."""
    async with opened(server, settings, today, seed, begins=scale.first_day) as stage:
        residents, crowd = Residents(), Crowd()
        await open_street(stage)
        if scale.year:
            await join(stage, YEAR)
            await sign_contracts(stage)
        else:
            await buy_services(stage)
        if scale.streets > 1:
            await buy_everyday(stage)
        await stage.play(
            [
                _registration(residents, scale, crowd),
                *(crowd.stories() if scale.streets > 1 else ()),
                *told(stage, residents, small=scale.small),
                *rounds(residents, first=scale.rounds_from, a_week=scale.visits_a_week),
                *(_year(residents) if scale.year else ()),
                _evenings(scale.first_day),
            ]
        )
        for name, (community, ages) in BYSTANDERS.items():
            stage.name("persons", name, residents.pick(community, *ages).id)
    if scale.streets > 1:
        await multiply(server, settings, stage, crowd, streets=scale.streets)
    return stage


def _registration(residents: Residents, scale: Scale, crowd: Crowd) -> Story:
    async def story(stage: Stage) -> None:
        await register_people(stage, residents, scale.people, scale.first_day + 1, scale.registering_days)
        if scale.streets > 1:
            crowd.take(residents)

    return story


def _year(residents: Residents) -> list[Story]:
    work = [*county_year(residents), *home_year(residents), *checking(CHECKED_FROM)]
    return [late_contract, next_year, further_gifts, *work, *money_year()]


def _evenings(first_day: int) -> Story:
    """In the evening the worker does what is due: on Fridays at first, then daily, at last when `today` has begun."""

    async def story(stage: Stage) -> None:
        for day in range(first_day, 0):
            if day < DAILY_FROM and (stage.today + timedelta(days=day)).weekday() != FRIDAY:
                continue
            await stage.until(stage.at(day, 20, 0))
            await stage.tick()
        await stage.until(stage.at(0, 0, 5))
        await stage.tick()

    return story


async def load_bench(
    server: Server,
    settings: Settings,
    cases: int = BENCH_CASES,
    *,
    today: date | None = None,
    seed: int = BENCH_SEED,
) -> None:
    """The world of the bench: `cases` open SERVICE cases of partner 1, each with a consent and five visits."""
    async with opened(server, settings, today, seed, begins=BENCH_BEGINS) as stage:
        await open_street(stage)
        await buy_services(stage)
        await stage.play([bench(cases)])
