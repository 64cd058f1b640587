"""Funds and agreements of the planted world: those that its cases stand on, and one or two in every other state."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from auth.roles import system_at
from hub.agreements import commands, commands_ending
from hub.agreements.drafting import Terms
from hub.agreements.rules import CriterionTerms, LineTerms, MilestoneTerms
from hub.agreements.tables import agreement_lines, milestones
from hub.fund.commands import donation_record, fund_register
from hub.referrals import commands_agreements
from tests.policy.author import Author
from tests.policy.planted import CASEWORK, COMMUNITIES, MANAGER_OF, OFFICES, SERVICE, TODAY

GROUP = "INTEGRATION"
UNITS = {SERVICE: "VISIT", CASEWORK: "CASE", GROUP: "SERIES"}
QUALITY = {
    CASEWORK: [CriterionTerms("FOLLOW_UPS", 6, per_unit=True)],
    GROUP: [CriterionTerms("SESSIONS", 6, per_unit=True)],
}
"""What each unit must have: that the planted ones fall short of it shows in the progress of milestones."""

STANDING = (("a", "p1"), ("a", "p2"), ("b", "p1"), ("b", "p3"), ("c", "p1"), ("c", "p3"))
"""Street and partner of the agreements under which the planted cases are worked."""

UNIT_PRICE, STAGE, CEILING = Decimal("13.57"), Decimal("971.53"), Decimal("12345.67")
GIFT = Decimal("500717.37")
FIRST_DAY = -45
Line = tuple[str, tuple[str, ...]]
"""Code of a service, and the communities that a line serves."""


async def stand(author: Author) -> None:
    """What the cases stand on: each partner's haircuts, counselling and group work in every street it serves."""
    author.day(FIRST_DAY)
    author.world.prices = [f"{one:f}" for one in (UNIT_PRICE, 200 * UNIT_PRICE, STAGE, CEILING, GIFT)]
    for street, (_, accountant, _) in OFFICES.items():
        await _fund(author, street, accountant, _served(street))
    for street, partner in STANDING:
        key = f"{street}@{partner}"
        lines: list[Line] = [(service, _served(street)) for service in UNITS]
        await _draft(author, key, street, partner, lines, first_day=FIRST_DAY)
        await _activate(author, key, street, partner)
    for key, days in (("ended", 364), ("over", 30), ("late", 42)):
        await _draft(author, key, "a", "p1", [(SERVICE, ("a1",))], first_day=FIRST_DAY, days=days)
        await _activate(author, key, "a", "p1")


async def agree(author: Author) -> None:
    """One in force, one of the other partner in review, one of another district; and what is on its way to a partner:
    offered, sent back, sent back and written anew, taken back by the street.
    """
    author.day(-3)
    await _draft(author, "force", "a", "p1", [(SERVICE, ("a1",)), (SERVICE, ("a1", "a2"))])
    await _sign(author, "force", "a", "p1")
    await _draft(author, "review", "a", "p2", [(SERVICE, ("a2",))])
    await author.do("mei", commands.agreement_propose, author.world.agreements["review"])
    await _draft(author, "anew", "a", "p1", [(SERVICE, ("a2",))])
    await _approve(author, "anew", "a")
    back = {"reason_code": "PRICE", "reason_text": author.mark()}
    await author.do("bo", commands_ending.agreement_send_back, author.world.agreements["anew"], **back)
    anew = author.world.agreements["anew"]
    await _draft(author, "anew", "a", "p1", [(SERVICE, ("a1",))], agreement_id=anew)
    await _draft(author, "far", "c", "p1", [(SERVICE, ("c1",))])
    for key in ("offered", "back", "gone"):
        await _draft(author, key, "a", "p1", [(SERVICE, ("a1", "a2"))])
        await _approve(author, key, "a")
    said = {"reason_code": "OTHER", "reason_text": author.mark()}
    await author.do("bo", commands_ending.agreement_send_back, author.world.agreements["back"], **said)
    await author.do("zhao", commands_ending.agreement_cancel, author.world.agreements["gone"], **said)


async def end(author: Author, key: str) -> None:
    """The director ends an agreement before its time."""
    said = {"reason_code": "BREACH", "reason_text": author.mark()}
    await author.do("zhao", commands_agreements.agreement_terminate, author.world.agreements[key], **said)


def _served(street: str) -> tuple[str, ...]:
    return tuple(key for key in COMMUNITIES if key.startswith(street))


async def _fund(author: Author, key: str, who: str, communities: tuple[str, ...]) -> None:
    places = author.world.places
    row = await author.do(
        who,
        fund_register,
        places[key],
        name=author.mark(),
        kind="CHARITY",
        channel="BANK",
        purposes=["PURCHASED"],
        community_ids=[places[one] for one in communities],
    )
    author.world.funds[key] = row.id
    gift = {"voucher_number": author.mark(), "received_on": date(2026, 3, 1), "note": author.mark()}
    giver = {"donor_kind": "PERSON", "donor_name": f"张{author.mark()}丰"}
    await author.do(who, donation_record, row.id, amount=GIFT, **gift, **giver)


async def _draft(
    author: Author,
    key: str,
    street: str,
    partner: str,
    lines: Sequence[Line],
    *,
    first_day: int = -5,
    days: int = 364,
    **anew: Any,
) -> None:
    """An agreement of `days` and one; its lines are known by `key/SERVICE`, a second one by `key/SERVICE2`, its stages
    by `key/M1` and `key/M2`."""
    who, fund = OFFICES[street][0], author.world.funds[street]
    begin = TODAY + timedelta(days=first_day)
    terms = Terms(
        title=author.mark(),
        ceiling=CEILING,
        effective_from_on=begin,
        ends_on=begin + timedelta(days=days),
        lines=[_line(author, service, served) for service, served in lines],
        milestones=_stages(author),
        procurement_rationale=author.mark(),
    )
    ids = {"partner_id": author.world.places[partner], **anew}
    row = await author.do(who, commands.agreement_draft, fund, terms=terms, **ids)
    author.world.agreements[key] = row.id
    wanted = select(agreement_lines.c.id).where(agreement_lines.c.version_id == row.current_version_id)
    found = await author.find(who, wanted.order_by(agreement_lines.c.number))
    for (service, _), line in zip(lines, found, strict=True):
        name = f"{key}/{service}"
        author.world.lines[name + "2" if name in author.world.lines and not anew else name] = line.id
    stages = select(milestones.c.id, milestones.c.code).where(
        milestones.c.version_id == row.current_version_id
    )
    for stage in await author.find(who, stages):
        author.world.milestones[f"{key}/{stage.code}"] = stage.id


def _line(author: Author, service: str, communities: tuple[str, ...]) -> LineTerms:
    return LineTerms(
        title=author.mark(),
        service_type_code=service,
        kind="UNIT",
        unit=UNITS[service],
        community_ids=[author.world.places[one] for one in communities],
        unit_price=UNIT_PRICE,
        quantity_cap=200,
        criteria=[CriterionTerms("QUANTITY", 10), *QUALITY.get(service, ())],
    )


def _stages(author: Author) -> list[MilestoneTerms]:
    return [
        MilestoneTerms("M1", author.mark(), "FIRST_STAGE", date(2026, 5, 4), share_percent=Decimal(40)),
        MilestoneTerms(
            "M2",
            author.mark(),
            "DELIVERY",
            date(2026, 5, 20),
            amount=STAGE,
            depends_on=["M1"],
            criteria=[
                CriterionTerms(metric, 90) for metric in ("SATISFACTION_PERCENT", "QUANTITY", "PERSONS")
            ],
        ),
    ]


async def _approve(author: Author, key: str, street: str) -> None:
    agreement, (drafter, accountant, director) = author.world.agreements[key], OFFICES[street]
    await author.do(drafter, commands.agreement_propose, agreement)
    await author.do(accountant, commands.agreement_certify, agreement)
    await author.do(director, commands.agreement_approve, agreement, decision_reference=author.mark())


async def _activate(author: Author, key: str, street: str, partner: str) -> None:
    """Signed, and in force at once."""
    await _sign(author, key, street, partner)
    places = author.world.places
    system = system_at(places[street], author.world.viewers[OFFICES[street][0]].district_id)
    await author.do(system, commands_ending.agreement_activate, author.world.agreements[key])


async def _sign(author: Author, key: str, street: str, partner: str) -> None:
    await _approve(author, key, street)
    await author.do(MANAGER_OF[partner], commands.agreement_accept, author.world.agreements[key])
