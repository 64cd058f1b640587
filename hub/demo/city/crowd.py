"""The everyday work of one community, told by commands: what every community of the city gets a copy of.

Two partners serve everybody; each case is worked by one of them: a promised visit, then a unit every few days.
"""

from __future__ import annotations

import dataclasses
from datetime import timedelta

from hub.demo.agreements import GIFT, Purchase, conclude, open_fund, terms_of
from hub.demo.registering import Resident, Residents
from hub.demo.stage import Stage, Story
from hub.demo.steps import Matter
from hub.demo.words import COMPANY, HAIRCUT, OWN_WORDS, Request

COMMUNITY = "七里沟"
FUND = "everyday"
PEOPLE = 29
CASES = 67
UNITS, MANY_UNITS = 5, 11
LONG = 16
"""How much of a line one case has, and how many, the first ones, have more of it. Half of the cases have been given all
of it and are closed, the others lack one (`_lacks`)."""

PURCHASES = (
    Purchase("nuanchao", "日常居家服务协议", {"HOME_HAIRCUT": 15_000, "COMPANIONSHIP": 15_000}),
    Purchase("kangle", "日常为老服务协议", {"HOME_HAIRCUT": 15_000, "COMPANIONSHIP": 15_000}),
)
"""More than the largest street's communities use together, and no more than GIFT pays for."""

WORKERS = {"nuanchao": ("an", "ou", "shu"), "kangle": ("lin", "rong")}
FIRST, LAST = -280, -70
"""Between these days the cases begin, counted from today."""

EVERY = 9
"""Days from one unit to the next."""


async def buy_everyday(stage: Stage) -> None:
    """A fund and an agreement with each of the two partners, large enough for a street."""
    await open_fund(stage, FUND, "七里沟街道居家服务专项基金", GIFT)
    for purchase in PURCHASES:
        terms = terms_of(stage, purchase)
        await conclude(stage, f"{FUND}_{purchase.partner}", FUND, terms, partner=purchase.partner)
    await stage.tick()


@dataclasses.dataclass
class Crowd:
    """Who is in it. They are taken before the other stories look for people."""

    people: list[Resident] = dataclasses.field(default_factory=list)

    def take(self, residents: Residents) -> None:
        """Adults of the community, with whole households, so that nobody of another story lives with them."""
        while len(self.people) < PEOPLE:
            self.people += [one for one in residents.pick_household(COMMUNITY) if not one.minor]

    def stories(self) -> list[Story]:
        """One for each case."""
        return [self._case(place) for place in range(CASES)]

    def _case(self, place: int) -> Story:
        async def told(stage: Stage) -> None:
            start = stage.workday(FIRST + (LAST - FIRST) * place // CASES)
            await stage.until(stage.office(start, 8, 50))
            partner, workers = list(WORKERS.items())[place % len(WORKERS)]
            request: Request = (HAIRCUT, COMPANY)[place // len(WORKERS) % 2]
            matter = Matter(
                stage,
                f"everyday_{place}",
                self.people[place % len(self.people)],
                request,
                start,
                partner,
                worker=workers[place % len(workers)],
                quantity=_units(place),
                line=f"{FUND}_{partner}.{request.service}",
            )
            await matter.up_to("assign")
            await _work(matter, place)

        return told


def _units(place: int) -> int:
    return MANY_UNITS if place < LONG else UNITS


def _lacks(place: int) -> int:
    """How many units are still to come. Each partner has cases of both kinds for both services."""
    return place // 4 % 2


async def _work(matter: Matter, place: int) -> None:
    """A promised visit first, then unit by unit at an hour of her own; the last one of half of the cases is ahead."""
    hour, minute = 8 + place % 9, place * 7 % 60
    await matter.promise(5, hour, minute)
    await matter.record(late=place % 5, text="服务已完成。", words=OWN_WORDS[place % len(OWN_WORDS)])
    for number in range(1, _units(place) - _lacks(place)):
        await matter.follow_up(5 + EVERY * number, hour, minute, lasted=20)
    if _lacks(place):
        await matter.stage.until(matter.stage.at(-3, 9, 0) + timedelta(minutes=place))
        await matter.promise(-matter.start + 2 + place % 5, hour, minute, said=-matter.start - 2)
