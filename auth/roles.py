"""Roles, duties and the Viewer: who is asking, under exactly one acting membership."""

from __future__ import annotations

import dataclasses
from enum import StrEnum
from uuid import UUID


class Role(StrEnum):
    """What a membership lets its holder be (DOMAIN §3). Codes never change with the language."""

    COMMUNITY_WORKER = "COMMUNITY_WORKER"
    STATION_WORKER = "STATION_WORKER"
    STREET_DIRECTOR = "STREET_DIRECTOR"
    FINANCE_OFFICER = "FINANCE_OFFICER"
    PARTNER_MANAGER = "PARTNER_MANAGER"
    PARTNER_WORKER = "PARTNER_WORKER"
    AUDITOR = "AUDITOR"
    ADMIN = "ADMIN"
    SYSTEM = "SYSTEM"


READ_ROLES: tuple[Role, ...] = tuple(role for role in Role if role is not Role.SYSTEM)
"""The roles a request can act under; each has its own database login for reads. SYSTEM has no login."""


class Duty(StrEnum):
    """The duty of a finance officer: never both at one street (accounting law, separation of duties)."""

    ACCOUNTANT = "ACCOUNTANT"
    CASHIER = "CASHIER"


SCOPE_SETTINGS = ("district", "street", "community", "partner", "user", "membership")
"""The viewer's facts that row scopes may name; each is also a transaction-local setting `hub.<name>`."""


@dataclasses.dataclass(frozen=True)
class Viewer:
    """One request's acting membership. Absent facts are None and match no row.

    `partner_id` is set only for the partner's own roles, `community_id` only for a community worker, `street_id` for
    everybody who sits at a street or one of its communities, `district_id` for street-side roles and the auditor.
    """

    role: Role
    user_id: UUID | None
    membership_id: UUID | None
    organization_id: UUID | None
    district_id: UUID | None = None
    street_id: UUID | None = None
    community_id: UUID | None = None
    partner_id: UUID | None = None
    duty: Duty | None = None
    client_id: UUID | None = None
    scopes: frozenset[str] | None = None
    language: str = "zh-CN"
    name: str = ""

    def setting(self, name: str) -> str:
        """The value of the setting `hub.<name>`: the id as text, or '' when the viewer has none."""
        value = self.user_id if name == "user" else getattr(self, f"{name}_id")
        return "" if value is None else str(value)


def system_at(street_id: UUID, district_id: UUID | None) -> Viewer:
    """SYSTEM acting for one street: the only viewer of time-driven moves."""
    return Viewer(
        role=Role.SYSTEM,
        user_id=None,
        membership_id=None,
        organization_id=street_id,
        street_id=street_id,
        district_id=district_id,
        name="SYSTEM",
    )
