"""What the operator does before anybody holds a membership: the machine's own viewer, and the first appointments.

No GraphQL mutation leads here. `OPERATOR` acts for no street; a street's first people are appointed by
`auth.roles.system_at(street)`.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from auth.roles import Role, Viewer
from hub.base.errors import Denied, NotFound
from hub.base.transaction import Transaction
from hub.organizations.memberships import NewMember, admit
from hub.organizations.tables import organizations

OPERATOR = Viewer(role=Role.SYSTEM, user_id=None, membership_id=None, organization_id=None, name="SYSTEM")
"""Loads what all streets share: divisions and the catalogue."""

APPOINTED_ROLES = (Role.ADMIN, Role.AUDITOR)
"""A street's admin grants the others; the auditor must not depend on the street that she looks at."""


def require_operator(tx: Transaction, command: str) -> None:
    """Raise Denied unless SYSTEM acts: for commands that only the command line and the worker call."""
    if tx.actor.role is not Role.SYSTEM:
        raise Denied("command_denied", command=command)


async def appoint(tx: Transaction, organization_id: UUID, member: NewMember) -> Row[Any]:
    """Appoint the first ADMIN of a street or an AUDITOR of a district, without an ADMIN to grant it.

    The transaction acts as SYSTEM for a street (of that district). Audited as `membership_grant` by SYSTEM.
    """
    require_operator(tx, "membership_grant")
    if member.role not in APPOINTED_ROLES:
        raise Denied("command_denied", command="membership_grant")
    found = await tx.execute(select(organizations).where(organizations.c.id == organization_id))
    organization = found.one_or_none()
    if organization is None:
        raise NotFound
    return await admit(tx, organization, member)
