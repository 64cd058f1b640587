"""Before the first story: divisions, catalogue, who works where, and the partners with their certificates."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from auth.roles import Role, system_at
from hub.base.transaction import Transaction
from hub.catalogue.commands import catalogue_load
from hub.demo.cast import (
    CAST,
    COMMUNITY_CODES,
    DISTRICT,
    DISTRICT_CODE,
    PARTNERS,
    STREET,
    STREET_CODE,
    SUPPORTING,
    PartnerOrganization,
    Post,
)
from hub.demo.stage import Stage
from hub.organizations.commands import conflict_declare, organization_register, qualification_record
from hub.organizations.divisions import divisions_import
from hub.organizations.founding import APPOINTED_ROLES, OPERATOR, appoint
from hub.organizations.memberships import NewMember, membership_grant
from hub.organizations.rules import PARTNER_TYPE_CODES, credit_check_character
from hub.organizations.tables import organizations

CODES = {DISTRICT: DISTRICT_CODE, STREET: STREET_CODE, **COMMUNITY_CODES}
POSTS = (*CAST, *SUPPORTING)
_BESIDES = {post.sign_in_name for post in POSTS if post.second}
EMPLOYED_BEFORE = [post for post in POSTS if post.sign_in_name in _BESIDES and not post.second]
"""Posts at the street of those whom a partner had employed before."""


async def open_street(stage: Stage) -> None:
    """Found the street, its people and its partners. The order is that of who may let in whom."""
    await stage.do(OPERATOR, divisions_import)
    await stage.do(OPERATOR, catalogue_load)
    for short_name, organization in (await stage.do(OPERATOR, _places)).items():
        stage.organizations[short_name] = organization.id
        stage.name("organizations", short_name, organization.id)
    for post in POSTS:
        if post.role in APPOINTED_ROLES:
            await _appoint(stage, post)
    for post in POSTS:
        if post.role not in APPOINTED_ROLES and post.at in CODES and post not in EMPLOYED_BEFORE:
            await _grant(stage, "root", post)
    for partner in PARTNERS:
        await _partner(stage, partner)
    for post in POSTS:
        if post.role is Role.PARTNER_MANAGER:
            await _grant(stage, "root", post)
    await join(stage, POSTS)
    for post in EMPLOYED_BEFORE:
        await _grant(stage, "root", post)
    await stage.do(
        "guo", conflict_declare, stage.organizations["shiliu"], reason="配偶在该基金会任职，按规定申报。"
    )


async def join(stage: Stage, posts: Sequence[Post]) -> None:
    """The partner workers among these are let in by their managers."""
    managers = {post.at: post.key for post in POSTS if post.role is Role.PARTNER_MANAGER}
    for post in posts:
        if post.role is Role.PARTNER_WORKER:
            await _grant(stage, managers[post.at], post)


async def _places(tx: Transaction) -> dict[str, Row[Any]]:
    """The demo street, its district and communities, by short name."""
    found = await tx.execute(select(organizations).where(organizations.c.code.in_(CODES.values())))
    by_code = {row.code: row for row in found}
    return {short_name: by_code[code] for short_name, code in CODES.items()}


async def _appoint(stage: Stage, post: Post) -> None:
    street, district = stage.organizations[STREET], stage.organizations[DISTRICT]
    member = NewMember(post.sign_in_name, post.role, name=post.name)
    membership = await stage.do(system_at(street, district), appoint, stage.organizations[post.at], member)
    stage.enter(post.key, membership)


async def _grant(stage: Stage, by: str, post: Post) -> None:
    membership = await stage.do(
        by,
        membership_grant,
        stage.organizations[post.at],
        sign_in_name=post.sign_in_name,
        role=post.role,
        duty=post.duty,
        name=post.name,
    )
    stage.enter(post.key, membership)


async def _partner(stage: Stage, partner: PartnerOrganization) -> None:
    """The station registers it and records its certificates, as they stood from their first day on."""
    body = PARTNER_TYPE_CODES[partner.partner_type] + partner.serial
    row = await stage.do(
        "mei",
        organization_register,
        kind="PARTNER",
        name=partner.name,
        code=body + credit_check_character(body),
        partner_type=partner.partner_type,
        partner_rating=partner.rating,
    )
    stage.organizations[partner.key] = row.id
    stage.name("organizations", partner.key, row.id)
    await _certify(stage, partner, row.id)


async def _certify(stage: Stage, partner: PartnerOrganization, partner_id: UUID) -> None:
    for certificate in partner.certificates:
        until = certificate.to_day
        await stage.do(
            "mei",
            qualification_record,
            partner_id,
            type=certificate.type,
            number=f"{certificate.type[:3]}-{partner.serial[-6:]}",
            valid_from_on=stage.today + timedelta(days=certificate.from_day),
            valid_to_on=None if until is None else stage.today + timedelta(days=until),
        )
