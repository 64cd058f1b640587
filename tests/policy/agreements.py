"""Funds and agreements of the planted world: of two partners, in two districts, for one community or two."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from hub.agreements import commands, commands_ending
from hub.agreements.drafting import Terms
from hub.agreements.rules import CriterionTerms, LineTerms, MilestoneTerms
from hub.fund.commands import donation_record, fund_register
from tests.policy.planted import Author


async def agree(author: Author) -> None:
    """One in force, one of the other partner in review, one sent back and written anew, one of another district."""
    author.day(-3)
    await _fund(author, "a", "qian", ("a1", "a2"))
    await _fund(author, "c", "cen", ("c1",))
    await _draft(author, "force", "mei", "a", "p1", ("a1",), ("a1", "a2"))
    await _approve(author, "force")
    await author.do("bo", commands.agreement_accept, author.world.agreements["force"])
    await _draft(author, "review", "mei", "a", "p2", ("a2",))
    await author.do("mei", commands.agreement_propose, author.world.agreements["review"])
    await _draft(author, "anew", "mei", "a", "p1", ("a2",))
    await _approve(author, "anew")
    back = {"reason_code": "PRICE", "reason_text": author.mark()}
    await author.do("bo", commands_ending.agreement_send_back, author.world.agreements["anew"], **back)
    await _draft(author, "anew", "mei", "a", "p1", ("a1",), agreement_id=author.world.agreements["anew"])
    await _draft(author, "far", "chu", "c", "p1", ("c1",))


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
    gift = {"voucher_number": author.mark(), "received_on": date(2026, 5, 1), "note": author.mark()}
    giver = {"donor_kind": "PERSON", "donor_name": f"张{author.mark()}丰"}
    await author.do(who, donation_record, row.id, amount=Decimal("5000.00"), **gift, **giver)


async def _draft(
    author: Author, key: str, who: str, fund: str, partner: str, *served: tuple[str, ...], **anew: Any
) -> None:
    """One line for each tuple of communities."""
    places = author.world.places
    lines = [
        LineTerms(
            title=author.mark(),
            service_type_code="HOME_HAIRCUT",
            kind="UNIT",
            community_ids=[places[one] for one in communities],
            unit_price=Decimal("50.00"),
            quantity_cap=10,
            criteria=[CriterionTerms("QUANTITY", 10)],
        )
        for communities in served
    ]
    stages = [
        MilestoneTerms("M1", author.mark(), "FIRST_STAGE", date(2026, 5, 4), share_percent=Decimal(40)),
        MilestoneTerms(
            "M2",
            author.mark(),
            "FINAL",
            date(2026, 5, 20),
            amount=Decimal("100.00"),
            depends_on=["M1"],
            criteria=[CriterionTerms("SATISFACTION_PERCENT", 90)],
        ),
    ]
    terms = Terms(
        title=author.mark(),
        ceiling=Decimal("1200.00"),
        effective_from_on=date(2026, 5, 1),
        ends_on=date(2027, 4, 30),
        lines=lines,
        milestones=stages,
        procurement_rationale=author.mark(),
    )
    ids = {"partner_id": places[partner], **anew}
    row = await author.do(who, commands.agreement_draft, author.world.funds[fund], terms=terms, **ids)
    author.world.agreements[key] = row.id


async def _approve(author: Author, key: str) -> None:
    agreement = author.world.agreements[key]
    await author.do("mei", commands.agreement_propose, agreement)
    await author.do("qian", commands.agreement_certify, agreement)
    await author.do("zhao", commands.agreement_approve, agreement, decision_reference=author.mark())
