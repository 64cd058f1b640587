"""The look-ups of sign-in: users, memberships and clients, read as the hub's SYSTEM role.

All SQL of authentication is here. Live means: not ended or revoked, within its days by the hub's clock, user active.
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any, Protocol, TypeVar
from uuid import UUID

import asyncpg  # pyright: ignore[reportMissingTypeStubs] - it has none

from auth.tokens import Claims
from hub.base.clock import Clock
from hub.base.errors import Unavailable

T = TypeVar("T")

MEMBERSHIPS = """
select m.id, m.role, m.duty, m.organization_id, m.district_id, m.street_id, m.community_id, m.partner_id,
       m.display_name, u.language, o.name as organization_name
  from memberships m
  join users u on u.id = m.user_id and u.active
  join organizations o on o.id = m.organization_id
 where m.user_id = $1
   and m.ended_at is null
   and m.valid_from_on <= $2
   and (m.valid_to_on is null or m.valid_to_on >= $2)
   and ($3::uuid is null or m.id = $3)
   and ($4::uuid is null or exists (
         select from clients c where c.id = $4 and c.membership_id = m.id and c.revoked_at is null))
 order by m.id
"""

CLIENT = """
select c.id, c.secret_hash, c.scopes, c.membership_id, m.user_id
  from clients c
  join memberships m on m.id = c.membership_id
  join users u on u.id = m.user_id and u.active
 where c.id = $1
   and c.revoked_at is null
   and m.ended_at is null
   and m.valid_from_on <= $2
   and (m.valid_to_on is null or m.valid_to_on >= $2)
"""

USER = "select id from users where sign_in_name = $1 and active"

Row = Any
"""One row of a look-up (an asyncpg Record, which has no useful static type)."""


class Pool(Protocol):
    """What is needed of an asyncpg pool; it is logged in as SYSTEM."""

    def fetch(self, query: str, *args: Any) -> Awaitable[list[Row]]: ...
    def fetchrow(self, query: str, *args: Any) -> Awaitable[Row | None]: ...
    def fetchval(self, query: str, *args: Any) -> Awaitable[Any]: ...


class Accounts:
    """Answers who is who. Every method raises Unavailable when the database does not answer."""

    def __init__(self, pool: Pool, clock: Clock) -> None:
        self._pool = pool
        self._clock = clock

    async def memberships(self, claims: Claims) -> list[Row]:
        """The live memberships a token may act under, in order of their ids; for a machine client at most its own."""
        return await _answered(
            self._pool.fetch(
                MEMBERSHIPS, claims.user_id, self._clock.today(), claims.membership_id, claims.client_id
            )
        )

    async def client(self, client_id: UUID) -> Row | None:
        """The live machine client with its membership and user, or None."""
        return await _answered(self._pool.fetchrow(CLIENT, client_id, self._clock.today()))

    async def user_id(self, sign_in_name: str) -> UUID | None:
        """The active user of that sign-in name, or None."""
        return await _answered(self._pool.fetchval(USER, sign_in_name))


async def _answered(asked: Awaitable[T]) -> T:
    try:
        return await asked
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError) as error:
        raise Unavailable("database_unavailable") from error
