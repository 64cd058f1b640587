"""Who works where, as what, since when; and the API clients that act under a membership."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import anyio.to_thread
from sqlalchemy import Row, Select, func, or_, select, update

from auth.exchange import fresh_secret, hash_secret
from auth.gate import claim
from auth.grants import right_for
from auth.roles import Duty, Role
from auth.tables import clients, memberships, users
from hub.base.errors import Conflict, Denied, Invalid
from hub.base.inputs import required
from hub.base.limits import MAX_LINE_CHARS, MAX_NAME_CHARS
from hub.base.transaction import Transaction
from hub.organizations.rules import PARTNER_ROLES, check_duties_apart, check_duty, check_role_at
from hub.organizations.tables import conflict_declarations, organizations


@dataclasses.dataclass(frozen=True)
class NewMember:
    """Whom to admit as what. `name` is needed only for a user the hub does not know by `sign_in_name`."""

    sign_in_name: str
    role: Role
    duty: Duty | None = None
    name: str | None = None
    language: str = "zh-CN"
    valid_from_on: date | None = None
    valid_to_on: date | None = None


async def membership_grant(
    tx: Transaction,
    organization_id: UUID,
    *,
    sign_in_name: str,
    role: str,
    duty: str | None = None,
    name: str | None = None,
    language: str = "zh-CN",
    valid_from_on: date | None = None,
    valid_to_on: date | None = None,
) -> Row[Any]:
    """Let a known user, or a new one, act for an organization of the viewer's rows.

    A partner's manager admits managers and workers of her own partner only. Whoever works for a street, a community or
    the district joins a partner only after declaring the tie herself.
    """
    organization = await claim(tx, organizations, organization_id, "membership_grant")
    if tx.actor.role is Role.PARTNER_MANAGER and role not in PARTNER_ROLES:
        raise Denied("partner_roles_only", path=("input", "role"))
    member = NewMember(
        sign_in_name=sign_in_name,
        role=Role(role),
        duty=Duty(duty) if duty else None,
        name=name,
        language=language,
        valid_from_on=valid_from_on,
        valid_to_on=valid_to_on,
    )
    return await admit(tx, organization, member)


async def admit(tx: Transaction, organization: Row[Any], member: NewMember) -> Row[Any]:
    """The part of granting that follows the check of who grants; `organization` is claimed or found by SYSTEM.

    Raises Invalid OUT_OF_RANGE for a first day before today: nobody has held a right that was not there.
    """
    check_role_at(member.role, organization.kind)
    check_duty(member.role, member.duty)
    from_on = member.valid_from_on or tx.today
    if from_on < tx.today:
        raise Invalid("member_before_today", code="OUT_OF_RANGE", path=("input", "validFromOn"))
    if member.valid_to_on is not None and member.valid_to_on < from_on:
        raise Invalid("period_reversed", path=("input", "validToOn"))
    user = await _user(tx, member)
    await _refuse_held(tx, user, organization, member)
    if organization.kind == "PARTNER":
        await _require_own_word(tx, user, organization)
    row = await tx.insert(
        memberships,
        user_id=user.id,
        organization_id=organization.id,
        role=member.role,
        duty=member.duty,
        display_name=user.name,
        valid_from_on=from_on,
        valid_to_on=member.valid_to_on,
        created_at=tx.now,
        **_scope(organization),
    )
    facts = {"role": member.role, "duty": member.duty, "organizationId": organization.id}
    await tx.emit("membership_grant", row, "Membership", facts=facts)
    return row


def _scope(organization: Row[Any]) -> dict[str, UUID | None]:
    """The viewer's facts of a member: a partner's people have no street, an auditor only a district."""
    if organization.kind == "PARTNER":
        return {"partner_id": organization.id}
    if organization.kind == "DISTRICT":
        return {"district_id": organization.id}
    return {
        "district_id": organization.district_id,
        "street_id": organization.street_id,
        "community_id": organization.id if organization.kind == "COMMUNITY" else None,
    }


async def _user(tx: Transaction, member: NewMember) -> Row[Any]:
    """The user of that sign-in name, locked; made when unknown.

    Another name under a known sign-in name is refused: it is a slip that would open a door to somebody else.
    """
    path = ("input", "signInName")
    sign_in_name = required(member.sign_in_name, path, MAX_NAME_CHARS).lower()
    found = await tx.execute(select(users).where(users.c.sign_in_name == sign_in_name).with_for_update())
    user = found.one_or_none()
    if user is None:
        if member.name is None:
            raise Invalid("user_unknown", code="REQUIRED", path=("input", "name"), name=sign_in_name)
        name = required(member.name, ("input", "name"), MAX_NAME_CHARS)
        return await tx.insert(
            users, sign_in_name=sign_in_name, name=name, language=member.language, created_at=tx.now
        )
    if member.name is not None and member.name.strip() != user.name:
        raise Conflict("sign_in_name_taken", code="DUPLICATE", path=path, name=sign_in_name)
    if not user.active:
        raise Conflict("user_inactive", code="WRONG_STATE", path=path, name=sign_in_name)
    return user


def _held(tx: Transaction, user: Row[Any]) -> Select[Any]:
    """Her memberships that have not ended or run out."""
    return select(memberships).where(
        memberships.c.user_id == user.id,
        memberships.c.ended_at.is_(None),
        or_(memberships.c.valid_to_on.is_(None), memberships.c.valid_to_on >= tx.today),
    )


async def _require_own_word(tx: Transaction, user: Row[Any], partner: Row[Any]) -> None:
    """Raise Conflict CONFLICT_OF_INTEREST unless whoever works for a street, a community or the district has declared
    her tie to the partner herself.

    A membership there bars her from deciding about it (I5) and has each of her requests name a membership: no partner
    does that to those who judge it.
    """
    public = _held(tx, user).where(memberships.c.partner_id.is_(None)).limit(1)
    if (await tx.execute(public)).first() is None:
        return
    table = conflict_declarations.c
    declared = select(table.id).where(table.user_id == user.id, table.partner_id == partner.id)
    if (await tx.execute(declared)).first() is None:
        path = ("input", "signInName")
        raise Conflict("tie_undeclared", code="CONFLICT_OF_INTEREST", path=path, name=user.sign_in_name)


async def _refuse_held(tx: Transaction, user: Row[Any], organization: Row[Any], member: NewMember) -> None:
    """Raise Conflict when she already is that there, or would hold both duties of the street's money."""
    held = (await tx.execute(_held(tx, user).where(memberships.c.organization_id == organization.id))).all()
    if any(row.role == member.role and row.duty == member.duty for row in held):
        raise Conflict(
            "membership_held", code="DUPLICATE", path=("input", "role"), role=f"Role.{member.role}"
        )
    check_duties_apart(member.duty, [row.duty for row in held if row.duty])


async def membership_end(
    tx: Transaction, membership_id: UUID, *, reason: str, version: int | None = None
) -> Row[Any]:
    """End a membership now: its next request is refused (I15). What was done under it stays."""
    row = await claim(tx, memberships, membership_id, "membership_end", version=version)
    reason = required(reason, ("input", "reason"), MAX_LINE_CHARS)
    if row.ended_at is not None:
        raise Conflict("membership_ended", code="WRONG_STATE", path=("id",))
    if row.role == Role.ADMIN:
        await _refuse_last_admin(tx, row)
    ended = await tx.execute(
        update(memberships)
        .where(memberships.c.id == row.id, memberships.c.ended_at.is_(None))
        .values(ended_at=tx.now, end_reason=reason, version=memberships.c.version + 1)
        .returning(*memberships.c)
    )
    row = ended.one()
    await tx.emit("membership_end", row, "Membership", facts={"role": row.role})
    return row


async def _refuse_last_admin(tx: Transaction, row: Row[Any]) -> None:
    # Two admins who end each other at the same moment wait for one another here.
    await tx.execute(
        select(organizations.c.id)
        .where(organizations.c.id == row.organization_id)
        .with_for_update(key_share=True)
    )
    others = (
        select(func.count())
        .select_from(memberships)
        .where(
            memberships.c.organization_id == row.organization_id,
            memberships.c.role == Role.ADMIN,
            memberships.c.id != row.id,
            memberships.c.ended_at.is_(None),
            or_(memberships.c.valid_to_on.is_(None), memberships.c.valid_to_on >= tx.today),
        )
    )
    if (await tx.execute(others)).scalar_one() == 0:
        raise Conflict("last_admin", code="WRONG_STATE", path=("id",))


async def client_register(
    tx: Transaction, membership_id: UUID, *, name: str, scopes: Sequence[str]
) -> tuple[Row[Any], str]:
    """Register a machine client that acts under a membership, and return its row and its secret.

    `scopes` are the names of the commands it may run, each one the membership's role may; none: it only reads. The
    secret is in no table and no log: who loses it registers a new client. The client is the membership's street's or
    partner's.
    """
    member = await claim(tx, memberships, membership_id, "client_register")
    if member.ended_at is not None:
        raise Conflict("membership_ended", code="WRONG_STATE", path=("id",))
    name = required(name, ("input", "name"), MAX_NAME_CHARS)
    for scope in scopes:
        if right_for(scope, Role(member.role), Duty(member.duty) if member.duty else None) is None:
            raise Invalid("scope_beyond_role", path=("input", "scopes"), role=f"Role.{member.role}")
    secret = fresh_secret()
    row = await tx.insert(
        clients,
        membership_id=member.id,
        street_id=member.street_id,
        partner_id=member.partner_id,
        name=name,
        secret_hash=await anyio.to_thread.run_sync(hash_secret, secret),
        scopes=sorted(set(scopes)),
        created_at=tx.now,
    )
    await tx.emit("client_register", row, "Client", facts={"membershipId": member.id, "scopes": row.scopes})
    return row, secret


async def client_revoke(tx: Transaction, client_id: UUID, *, version: int | None = None) -> Row[Any]:
    """Revoke a client: it gets no further token, and those it holds are refused with the next request."""
    row = await claim(tx, clients, client_id, "client_revoke", version=version)
    if row.revoked_at is not None:
        raise Conflict("client_revoked", code="WRONG_STATE", path=("id",))
    revoked = await tx.execute(
        update(clients)
        .where(clients.c.id == row.id, clients.c.revoked_at.is_(None))
        .values(revoked_at=tx.now, version=clients.c.version + 1)
        .returning(*clients.c)
    )
    row = revoked.one()
    await tx.emit("client_revoke", row, "Client")
    return row
