"""Logins that row-level security does not bind, for measuring what it costs.

Each is a member of one of the hub's logins and has its settings and rights to columns, with BYPASSRLS: the same hub
with another prefix of role names, whose statements carry the planner's row filters and meet no policy.
"""

from __future__ import annotations

import dataclasses

import asyncpg  # pyright: ignore[reportMissingTypeStubs]

from hub.base.db import Server
from migrations.roles import login_names

PREFIX = "bench_unbound"

_MAKE = """
do $$ begin
  if not exists (select from pg_roles where rolname = '{role}') then create role {role}; end if;
end $$;
alter role {role} login bypassrls password '{password}';
grant {of} to {role};
"""
_SETTINGS = "select unnest(rolconfig) from pg_roles where rolname = $1"


def unbound(server: Server) -> Server:
    """The server as those logins see it."""
    return dataclasses.replace(server, prefix=PREFIX)


async def make_unbound(server: Server) -> None:
    """Make the logins, or bring them up to date."""
    free = unbound(server)
    connection = await asyncpg.connect(**server.admin_kwargs())
    try:
        for name in login_names():
            role, of = free.role(name), server.role(name)
            made = _MAKE.format(role=role, of=of, password=free.password(name))
            await connection.execute(made)
            for (setting,) in await connection.fetch(_SETTINGS, of):
                key, _, value = setting.partition("=")
                await connection.execute(f"alter role {role} set {key} = '{value}'")
    finally:
        await connection.close()


async def drop_unbound(server: Server) -> None:
    """Take them away again: nobody may keep a login that sees everything."""
    connection = await asyncpg.connect(**server.admin_kwargs())
    try:
        for name in login_names():
            await connection.execute(f"drop role if exists {unbound(server).role(name)}")
    finally:
        await connection.close()
