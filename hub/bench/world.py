"""The world that is measured: a database with its people, and who asks."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg  # pyright: ignore[reportMissingTypeStubs]

from auth.roles import SCOPE_SETTINGS
from auth.tokens import Tokens, fresh_signing_key
from hub import running
from hub.base.clock import Clock
from hub.base.db import Server
from hub.data_folder import OperatorError, private_file
from hub.demo.load import load_demo
from hub.settings import Settings
from migrations.run import upgrade

TOKEN_SECONDS = 6 * 3600
SEED = 1
YEAR = timedelta(days=365)

ASKING = {
    "manager": ("PARTNER_MANAGER", None),
    "worker": ("PARTNER_WORKER", None),
    "accountant": ("FINANCE_OFFICER", "ACCOUNTANT"),
    "station": ("STATION_WORKER", None),
}
"""Who asks, by role and duty: of the partner with the most cases, and of the street that it works for most."""

_PARTNER = """
select partner_id, street_id from cases
 where partner_id is not null and partner_id = any(partner_ids) and access_until >= $1
 group by partner_id, street_id order by count(*) desc, partner_id limit 1
"""
_MEMBERSHIP = """
select m.* from memberships m
 where m.role = $1 and m.duty is not distinct from $2
   and (m.partner_id = $3 or $1 not like 'PARTNER%' and m.street_id = $4)
   and m.valid_from_on <= $5 and (m.valid_to_on is null or m.valid_to_on >= $5)
 order by (select count(*) from memberships o where o.user_id = m.user_id), m.id limit 1
"""
_CASE = """
select id from cases where partner_id = $1 and $1 = any(partner_ids) and access_until >= $2
 order by id desc limit 1
"""

_AUDITOR = """
select m.* from memberships m
 where m.role = 'AUDITOR' and m.valid_from_on <= $1 and (m.valid_to_on is null or m.valid_to_on >= $1)
 order by (select count(*) from deliveries d where d.district_id = m.organization_id) desc, m.id limit 1
"""


@dataclasses.dataclass(frozen=True)
class Asking:
    """Somebody who asks: her token, her membership's row, her database role and what the row filters go by."""

    token: str
    row: Mapping[str, Any]
    login: str
    settings: Mapping[str, str]

    @property
    def membership(self) -> str:
        """The value of `Hub-Membership`."""
        return f"membership_{self.row['id']}"


@dataclasses.dataclass(frozen=True)
class Facts:
    """What the questions are about."""

    today: date
    year_from: date
    case_id: str
    asking: Mapping[str, Asking]


@dataclasses.dataclass(frozen=True)
class World:
    """A running database and what is asked of it."""

    settings: Settings
    server: Server
    facts: Facts
    postmaster: int
    client: int
    """The processes of the database and of the bench itself, whose processor time is told apart."""


@contextlib.asynccontextmanager
async def opened(scale: str, folder: Path | None) -> AsyncIterator[World]:
    """The world of a scale, made in a folder that is thrown away, or the one that `folder` holds already."""
    with _data(folder) as settings, running.opened(settings) as server:
        await upgrade(server, settings)
        if folder is None or not await _is_made(server):
            await load_demo(server, settings, None, SEED, scale)
        yield await _world(settings, server)


@contextlib.asynccontextmanager
async def opened_empty(tell: Callable[[Server, Settings], Awaitable[None]]) -> AsyncIterator[World]:
    """A world that `tell` makes, in a folder that is thrown away."""
    with _data(None) as settings, running.opened(settings) as server:
        await upgrade(server, settings)
        await tell(server, settings)
        yield await _world(settings, server)


async def _world(settings: Settings, server: Server) -> World:
    connection = await asyncpg.connect(**server.admin_kwargs())
    try:
        await connection.execute("vacuum (analyze)")
        facts = await _facts(settings, server, connection)
    finally:
        await connection.close()
    return World(settings, server, facts, _postmaster(settings.data), os.getpid())


@contextlib.contextmanager
def _data(folder: Path | None) -> Iterator[Settings]:
    if folder is not None:
        yield Settings(data=folder, demo=True)
        return
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as made:
        Path(made).chmod(0o711)  # as root, PostgreSQL runs as another user
        data = Path(made) / "data"
        data.mkdir()
        yield Settings(data=data, demo=True)


def _postmaster(data: Path) -> int:
    return int((data / "pg" / "postmaster.pid").read_text().splitlines()[0])


async def _is_made(server: Server) -> bool:
    connection = await asyncpg.connect(**server.admin_kwargs())
    try:
        return await connection.fetchval("select exists (select from cases)")
    finally:
        await connection.close()


async def busiest_district(world: World) -> tuple[Asking, list[UUID]] | None:
    """Who audits the district with the most deliveries, and its streets; None when nobody audits."""
    connection = await asyncpg.connect(**world.server.admin_kwargs())
    try:
        row = await connection.fetchrow(_AUDITOR, world.facts.today)
        if row is None:
            return None
        streets = await connection.fetch(
            "select id from organizations where kind = 'STREET' and district_id = $1 order by code",
            row["organization_id"],
        )
    finally:
        await connection.close()
    asking = _asking(world.server, _tokens(world.settings), dict(row), world.facts.today)
    return asking, [street["id"] for street in streets]


async def described(world: World, made: str) -> str:
    """The world in a line: how it was `made`, how much of it there is, and on which database."""
    connection = await asyncpg.connect(**world.server.admin_kwargs())
    try:
        counts = [
            f"{await connection.fetchval(f'select count(*) from {table}'):,} {table}"  # noqa: S608 - our own names
            for table in ("persons", "cases", "deliveries", "milestones", "payments")
        ]
        version = await connection.fetchval("show server_version")
    finally:
        await connection.close()
    return f"{made}: {', '.join(counts)}; PostgreSQL {version}"


async def _facts(settings: Settings, server: Server, connection: Any) -> Facts:
    clock = Clock(settings.time_zone)
    today = clock.today()
    found = await connection.fetchrow(_PARTNER, today)
    if found is None:
        raise OperatorError("The world holds no case that a partner may see today. Make it anew.")
    partner, street = found
    tokens = _tokens(settings)
    asking: dict[str, Asking] = {}
    for key, (role, duty) in ASKING.items():
        row = await connection.fetchrow(_MEMBERSHIP, role, duty, partner, street, today)
        if row is None:
            raise OperatorError(f"The world has no {role} who could ask.")
        asking[key] = _asking(server, tokens, dict(row), today)
    case_id: UUID = await connection.fetchval(_CASE, partner, today)
    return Facts(today, today - YEAR + timedelta(days=1), f"case_{case_id}", asking)


def _tokens(settings: Settings) -> Tokens:
    return Tokens(private_file(settings.data / "signing-key.json", fresh_signing_key), settings.issuer)


def _asking(server: Server, tokens: Tokens, row: Mapping[str, Any], today: date) -> Asking:
    token = tokens.issue(row["user_id"], lifetime_seconds=TOKEN_SECONDS)
    columns = {name: f"{name}_id" for name in SCOPE_SETTINGS} | {"membership": "id"}
    settings = {f"hub.{name}": str(row[column] or "") for name, column in columns.items()}
    return Asking(
        token, row, server.role(f"read_{row['role'].lower()}"), settings | {"hub.today": today.isoformat()}
    )
