"""A few users, memberships and clients, written straight into a database: sign-in is tested below any
command.
"""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from uuid import UUID

import asyncpg

from auth.exchange import hash_secret
from hub.base.clock import FixedClock
from hub.base.db import Server
from tests import harness

TODAY = date(2026, 11, 24)
NOW = datetime(2026, 11, 24, 1, tzinfo=UTC)
SECRET = "a secret of sixteen"

STREET, PARTNER = UUID(int=0x10), UUID(int=0x11)
WANG, HUA, GONE, ENDED = (UUID(int=number) for number in range(0x20, 0x24))
AT_STREET, HUA_STREET, HUA_PARTNER, WAS, NOT_YET, OVER, OF_GONE = (
    UUID(int=number) for number in range(0x30, 0x37)
)
MACHINE, REVOKED, OF_ENDED = (UUID(int=number) for number in range(0x40, 0x43))

ORGANIZATION = "insert into organizations (id, kind, name, code, created_at) values ($1, $2, $3, $3, $4)"
USER = (
    "insert into users (id, sign_in_name, name, language, active, created_at) values ($1, $2, $2, $3, $4, $5)"
)
MEMBERSHIP = """
insert into memberships (id, user_id, organization_id, role, display_name, street_id, partner_id,
                         valid_from_on, valid_to_on, ended_at, created_at)
values ($1, $2, $3, $4, 'Name', $9, $10, $5, $6, $7, $8)
"""
CLIENT = """
insert into clients (id, membership_id, name, secret_hash, scopes, created_at, revoked_at)
values ($1, $2, 'machine', $3, $4, $5, $6)
"""


@dataclasses.dataclass
class Signing:
    """The database's SYSTEM pool and a clock that stands at TODAY."""

    server: Server
    pool: asyncpg.Pool
    clock: FixedClock


@asynccontextmanager
async def signing(server: Server) -> AsyncIterator[Signing]:
    """Write the people, open the pool."""
    async with harness.connect_as(server, "admin") as connection:
        await _write(connection)
    async with asyncpg.create_pool(**server.connect_kwargs("system"), min_size=1, max_size=2) as pool:
        yield Signing(server, pool, FixedClock(NOW))


async def _write(connection: asyncpg.Connection) -> None:
    await connection.execute(ORGANIZATION, STREET, "STREET", "七里沟街道", NOW)
    await connection.execute(ORGANIZATION, PARTNER, "PARTNER", "Partner", NOW)
    for user, name, language, active in [
        (WANG, "wang", "zh-CN", True),
        (HUA, "hua", "en", True),
        (GONE, "gone", "en", False),
        (ENDED, "ended", "en", True),
    ]:
        await connection.execute(USER, user, name, language, active, NOW)
    early, late = date(2026, 1, 1), date(2027, 1, 1)
    for membership, user, place, role, begins, ends, ended in [
        (AT_STREET, WANG, STREET, "STATION_WORKER", TODAY, TODAY, None),
        (HUA_STREET, HUA, STREET, "STATION_WORKER", early, None, None),
        (HUA_PARTNER, HUA, PARTNER, "PARTNER_WORKER", early, late, None),
        (WAS, ENDED, STREET, "STATION_WORKER", early, None, NOW),
        (NOT_YET, ENDED, STREET, "STATION_WORKER", late, None, None),
        (OVER, ENDED, STREET, "STATION_WORKER", early, date(2026, 11, 23), None),
        (OF_GONE, GONE, STREET, "STATION_WORKER", early, None, None),
    ]:
        street, partner = (place, None) if place == STREET else (None, place)
        await connection.execute(
            MEMBERSHIP, membership, user, place, role, begins, ends, ended, NOW, street, partner
        )
    hashed = hash_secret(SECRET)
    await connection.execute(CLIENT, MACHINE, HUA_STREET, hashed, ["read", "write"], NOW, None)
    await connection.execute(CLIENT, REVOKED, HUA_STREET, hashed, ["read"], NOW, NOW)
    await connection.execute(CLIENT, OF_ENDED, WAS, hashed, ["read"], NOW, None)
