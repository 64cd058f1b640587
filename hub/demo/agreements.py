"""What the street has bought before the first story: a fund, and an agreement with each partner that gets an offer.

Minimal ones, for the small world and the bench: one line a service, for all communities, with more on it than the
stories need. How money comes in and how an agreement is concluded is for `contracts` as well.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from hub.agreements.commands import (
    agreement_accept,
    agreement_approve,
    agreement_certify,
    agreement_draft,
    agreement_propose,
)
from hub.agreements.drafting import Terms
from hub.agreements.rules import LineTerms, MilestoneTerms
from hub.agreements.tables import agreement_lines, milestones
from hub.catalogue.commands import packaged_services
from hub.catalogue.tables import STRANDS, service_types
from hub.demo.cast import COMMUNITY_CODES, PARTNERS, STREET
from hub.demo.stage import Stage
from hub.demo.steps import MANAGERS
from hub.fund.commands import donation_record, fund_register

FUND = "charity"
GIFT = Decimal("3000000.00")
TERM_DAYS = 365
"""From the first day of the world's history: every story lies within it."""

UNIT_PRICE = Decimal("50.00")


@dataclasses.dataclass(frozen=True)
class Purchase:
    """An agreement with a partner: services by code, and how many units of each."""

    partner: str
    title: str
    quantities: Mapping[str, int]


PURCHASES = (
    Purchase(
        "nuanchao",
        "居家养老与社会工作服务协议",
        {
            "HOME_HAIRCUT": 300,
            "SAFETY_CHECK": 200,
            "COMPANIONSHIP": 3000,
            "VISITING": 300,
            "CARE": 300,
            "RESOURCES": 60,
            "SKILLS": 60,
        },
    ),
    Purchase(
        "kangle",
        "为老服务协议",
        {
            "CARE": 400,
            "REHABILITATION": 100,
            "ESCORT": 100,
            "HOME_HAIRCUT": 100,
            "COMPANIONSHIP": 200,
            "SAFETY_CHECK": 100,
        },
    ),
    Purchase("xinquan", "心理关爱服务协议", {"COUNSELLING": 120}),
    Purchase("qingmiao", "儿童社会工作服务协议", {"INTEGRATION": 60, "SKILLS": 60}),
    Purchase("shiliu", "陪伴服务协议", {"COMPANIONSHIP": 100}),
)


async def buy_services(stage: Stage) -> None:
    """Money in a fund, then each agreement from draft to active, by those whose steps they are."""
    await open_fund(stage, FUND, "七里沟街道慈善救助专项基金", GIFT)
    for purchase in PURCHASES:
        await conclude(stage, purchase.partner, FUND, terms_of(stage, purchase))
    await stage.tick()


async def open_fund(stage: Stage, key: str, name: str, amount: Decimal) -> None:
    """A fund of the street for everything and everywhere, named `key`, and the money in it."""
    row = await stage.do(
        "qian",
        fund_register,
        stage.organizations[STREET],
        name=name,
        kind="CHARITY",
        channel="BANK",
        purposes=STRANDS,
        community_ids=communities_of_street(stage),
    )
    stage.name("funds", key, row.id)
    await give(stage, key, 1, amount, "徐州市慈善总会")


async def give(
    stage: Stage, fund: str, number: int, amount: Decimal, donor: str | None, kind: str = "ORGANIZATION"
) -> None:
    """A donation into the fund, the `number`th by its voucher."""
    await stage.do(
        "qian",
        donation_record,
        stage.named["funds"][fund],
        amount=amount,
        voucher_number=f"YHHD-{fund}-{number}",
        received_on=stage.clock.today(),
        donor_kind=kind,
        donor_name=donor,
    )


async def conclude(
    stage: Stage,
    key: str,
    fund: str,
    terms: Terms,
    partner: str | None = None,
    keys: Mapping[str, str] | None = None,
) -> UUID:
    """An agreement, `key` (by default the partner's) being its name, signed by everybody; SYSTEM activates it.

    Its lines are named `key.CODE` by their services, or by their titles through `keys`; its milestones `key.M1`.
    Returns its id.
    """
    partner = partner or key
    organization_id = stage.organizations[partner]
    fund_id = stage.named["funds"][fund]
    row = await stage.do("mei", agreement_draft, fund_id, partner_id=organization_id, terms=terms)
    stage.name("agreements", key, row.id)
    await stage.do("mei", agreement_propose, row.id)
    await stage.do("qian", agreement_certify, row.id)
    await stage.do("zhao", agreement_approve, row.id, decision_reference=f"街党工委纪要 {row.reference}")
    await stage.do(MANAGERS[partner], agreement_accept, row.id)
    await _name_lines(stage, key, row.current_version_id, keys or {})
    stages = select(milestones.c.id, milestones.c.code).where(milestones.c.agreement_id == row.id)
    for milestone in await stage.find_all("mei", stages.order_by(milestones.c.sequence)):
        stage.name("milestones", f"{key}.{milestone.code}", milestone.id)
    return row.id


async def _name_lines(stage: Stage, key: str, version_id: UUID, keys: Mapping[str, str]) -> None:
    found = (
        select(agreement_lines.c.id, agreement_lines.c.title, agreement_lines.c.unit, service_types.c.code)
        .join(service_types, service_types.c.id == agreement_lines.c.service_type_id)
        .where(agreement_lines.c.version_id == version_id)
        .order_by(agreement_lines.c.number)
    )
    for line in await stage.find_all("mei", found):
        name = f"{key}.{keys.get(line.title, line.code)}"
        stage.name("lines", name, line.id)
        stage.units[name] = line.unit


def terms_of(stage: Stage, purchase: Purchase) -> Terms:
    """One UNIT line a service at one price, and two stages of payment."""
    begins = stage.clock.today()
    ends = begins + timedelta(days=TERM_DAYS)
    names = {service.code: service.name_zh for service in packaged_services()}
    lines = [
        LineTerms(
            title=names[code],
            service_type_code=code,
            kind="UNIT",
            community_ids=communities_of_street(stage),
            unit_price=UNIT_PRICE,
            quantity_cap=quantity,
        )
        for code, quantity in purchase.quantities.items()
    ]
    return Terms(
        title=f"{_name_of(purchase.partner)}{purchase.title}",
        ceiling=UNIT_PRICE * sum(purchase.quantities.values()),
        effective_from_on=begins,
        ends_on=ends,
        lines=lines,
        milestones=_stages(begins + timedelta(days=TERM_DAYS // 2), ends),
    )


def _stages(half: date, ends: date) -> list[MilestoneTerms]:
    return [
        MilestoneTerms("M1", "中期款", "DELIVERY", half, share_percent=Decimal(50)),
        MilestoneTerms("M2", "尾款", "FINAL", ends, share_percent=Decimal(50), depends_on=["M1"]),
    ]


def _name_of(partner: str) -> str:
    return next(one.name for one in PARTNERS if one.key == partner)


def communities_of_street(stage: Stage) -> list[UUID]:
    """The three communities."""
    return [stage.organizations[name] for name in COMMUNITY_CODES]
