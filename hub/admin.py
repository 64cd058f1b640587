"""Setting up a hub on real data: the street, its first administrator, and one machine client to sign in with.

People sign in through an identity provider; until that is connected, the machine client is the way in.
"""

from __future__ import annotations

import dataclasses
from uuid import UUID

from sqlalchemy import select

import auth.policy  # noqa: F401 - rights are what the client's scopes are made of
from auth.grants import all_rights
from auth.roles import Role, system_at
from hub.base.clock import Clock
from hub.base.db import Server
from hub.base.engine import writer_engine
from hub.base.errors import Conflict
from hub.base.ids import Ids
from hub.base.seal import Vault
from hub.base.transaction import Transaction, transaction
from hub.catalogue.commands import catalogue_load
from hub.data_folder import OperatorError
from hub.organizations.divisions import divisions_import
from hub.organizations.founding import OPERATOR, appoint
from hub.organizations.memberships import NewMember, client_register
from hub.organizations.tables import organizations
from hub.settings import Settings

CLIENT_NAME = "hub admin init"


class InitRefused(OperatorError):
    """The hub cannot be set up so; the message says why and the way out."""


@dataclasses.dataclass(frozen=True)
class InitResult:
    """What was made. The secret is shown once and stored nowhere."""

    street_id: UUID
    street_name: str
    membership_id: UUID
    client_id: UUID
    client_secret: str = dataclasses.field(repr=False)


async def init(
    server: Server, settings: Settings, street_code: str, sign_in_name: str, name: str
) -> InitResult:
    """Load divisions and catalogue, appoint the street's first ADMIN and register a client that acts as she does.

    May be called again for another street or another administrator. Raises InitRefused for an unknown street, or when
    she is the street's administrator already.
    """
    engine = writer_engine(server)
    clock, ids, vault = Clock(settings.time_zone), Ids(), Vault(settings.secret)
    try:
        async with transaction(engine, OPERATOR, clock, ids, vault) as tx:
            await divisions_import(tx)
            await catalogue_load(tx)
            street_id, district_id, street_name = await _street(tx, street_code)
        async with transaction(engine, system_at(street_id, district_id), clock, ids, vault) as tx:
            membership_id, client_id, secret = await _first_admin(tx, street_id, sign_in_name, name)
    finally:
        await engine.dispose()
    return InitResult(street_id, street_name, membership_id, client_id, secret)


async def _street(tx: Transaction, code: str) -> tuple[UUID, UUID, str]:
    table = organizations.c
    found = await tx.execute(select(organizations).where(table.code == code, table.kind == "STREET"))
    street = found.one_or_none()
    if street is None:
        raise InitRefused(
            f"No street has the code {code}. It is the 9-digit statistical code of the National Bureau of Statistics, "
            "such as 320311002 for Qiligou."
        )
    return street.id, street.district_id, street.name


async def _first_admin(
    tx: Transaction, street_id: UUID, sign_in_name: str, name: str
) -> tuple[UUID, UUID, str]:
    member = NewMember(sign_in_name=sign_in_name, name=name, role=Role.ADMIN)
    try:
        membership = await appoint(tx, street_id, member)
    except Conflict as conflict:
        if conflict.key not in ("membership_held", "sign_in_name_taken"):
            raise
        raise InitRefused(
            f"{sign_in_name} is an administrator of this street already, or the sign-in name of somebody else. "
            "Choose another sign-in name."
        ) from conflict
    scopes = [right.command for right in all_rights() if right.role is Role.ADMIN]
    client, secret = await client_register(tx, membership.id, name=CLIENT_NAME, scopes=scopes)
    return membership.id, client.id, secret
