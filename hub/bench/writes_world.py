"""The world in which writes are measured: of everything two, so that neither contestant finds what the other has done.

Made by the hub's own commands on a database of its own, durable as a real one is.
"""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from hub.agreements.drafting import Terms
from hub.agreements.rules import LineTerms, MilestoneTerms
from hub.base.db import Server
from hub.bench.world import World, opened_empty
from hub.demo.agreements import communities_of_street, conclude, open_fund
from hub.demo.claims import Claim
from hub.demo.opening import open_street
from hub.demo.registering import Residents, register_people
from hub.demo.stage import Stage, opened
from hub.demo.steps import Matter
from hub.demo.words import COMPANY
from hub.settings import Settings

SIDES = ("ours", "strawberry_orm")
PARTNER = "nuanchao"
FUND = "bench"
GIFT = Decimal("90000000.00")
BEGINS, ASKED, CLAIMED = -64, -60, -40
CASES = 24
QUANTITY = 5_000
SLOTS = 4
CLAIMS = 20
"""Claims of a side in each slot, as many on one agreement as on agreements of their own: with fewer, statements that a
connection prepares for the first time would be most of what is measured."""

CEILING = Decimal("2000000.00")
PRICE = Decimal("10.00")
SMALL_CEILING = Decimal("20000.00")

PAPERS = (("CONTRACT", "服务协议签署页"),)


@dataclasses.dataclass
class Side:
    """What one contestant writes to."""

    cases: list[UUID] = dataclasses.field(default_factory=list[UUID])
    hot: list[UUID] = dataclasses.field(default_factory=list[UUID])
    spread: list[UUID] = dataclasses.field(default_factory=list[UUID])


@asynccontextmanager
async def made() -> AsyncIterator[tuple[World, dict[str, Side]]]:
    """The world, and what each side writes to."""
    sides = {name: Side() for name in SIDES}

    async def tell(server: Server, settings: Settings) -> None:
        async with opened(server, settings, None, 1, begins=BEGINS) as stage:
            await open_street(stage)
            await open_fund(stage, FUND, "七里沟街道测量专项基金", GIFT)
            for name in SIDES:
                await conclude(stage, name, FUND, _terms(stage, 1, CEILING), PARTNER)
                for agreement, claims in _agreements(name).items():
                    await conclude(stage, agreement, FUND, _terms(stage, claims, SMALL_CEILING), PARTNER)
            await stage.tick()
            await stage.play([lambda stage: _told(stage, sides)])

    async with opened_empty(tell) as world:
        yield world, sides


def _agreements(name: str) -> dict[str, int]:
    """What a side claims from, each with its number of stages: one agreement a slot, then one a claim."""
    hot = {f"{name}.hot{slot}": CLAIMS for slot in range(SLOTS)}
    return hot | {f"{name}{number}": 1 for number in range(CLAIMS * SLOTS)}


def _terms(stage: Stage, claims: int, ceiling: Decimal) -> Terms:
    """An agreement of one line, with so many stages, worth its ceiling."""
    begins, communities = stage.clock.today(), communities_of_street(stage)
    line = LineTerms(
        "陪伴", COMPANY.service, "UNIT", communities, unit_price=PRICE, quantity_cap=int(ceiling / PRICE)
    )
    stages = [
        MilestoneTerms(f"M{number + 1}", "首款", "FIRST_STAGE", begins, amount=Decimal("100.00"))
        for number in range(claims)
    ]
    return Terms(
        title="测量用服务协议",
        ceiling=ceiling,
        effective_from_on=begins,
        ends_on=begins + timedelta(days=365),
        lines=[line],
        milestones=stages,
    )


async def _told(stage: Stage, sides: dict[str, Side]) -> None:
    residents = Residents()
    await register_people(stage, residents, 100, BEGINS + 1, 1)
    adults = iter([one for one in residents.everybody if not one.minor])
    for name, side in sides.items():
        for number in range(CASES):
            line = f"{name}.{COMPANY.service}"
            matter = Matter(
                stage, f"{name}{number}", next(adults), COMPANY, ASKED, PARTNER, quantity=QUANTITY, line=line
            )
            await matter.up_to("assign")
            side.cases.append(matter.case_id)
    for name, side in sides.items():
        for agreement, stages in _agreements(name).items():
            for number in range(stages):
                claim = Claim(stage, agreement, f"M{number + 1}", CLAIMED, PARTNER, papers=PAPERS)
                await claim.submit()
                (side.hot if stages > 1 else side.spread).append(claim.submission_id)
    await stage.until(stage.at(0, 0, 5))
    await stage.tick()
