"""From the headers of a request to its Viewer: verified token, live memberships, one acting membership.

What is kept here for a moment is only who the viewer is. Whether the membership, client and user are still
live is asked again inside each statement (`hub_live`), so an ended membership bites with the next request all
the same; the endpoint then calls `forget`.
"""

from __future__ import annotations

import dataclasses
import hashlib
import time
from typing import Protocol
from uuid import UUID

from auth.accounts import Accounts, Pool, Row
from auth.roles import Duty, Role, Viewer
from auth.tokens import Claims, InvalidToken, Tokens, parse_uuid
from hub.base.asgi import Headers
from hub.base.bounded import Bounded
from hub.base.clock import Clock
from hub.base.limits import MAX_CACHED_VIEWERS, VIEWER_SECONDS


@dataclasses.dataclass(frozen=True)
class Choice:
    """A membership the user may act under, as the answer to a request without `Hub-Membership` lists it."""

    id: str
    role: str
    organization: str


class MembershipRequired(Exception):
    """The user has several live memberships and the request does not say which one acts."""

    def __init__(self, choices: tuple[Choice, ...]) -> None:
        super().__init__(len(choices))
        self.choices = choices


class MembershipRefused(Exception):
    """The header names a membership that is unknown, another's or no longer live: one answer for all three."""


class Authenticate(Protocol):
    """What an endpoint needs of an authenticator."""

    async def __call__(self, headers: Headers) -> Viewer | None:
        """The viewer, or None when the request is not authenticated.

        Raises MembershipRequired, MembershipRefused, or Unavailable when the database does not answer.
        """
        ...

    def forget(self, viewer: Viewer) -> None:
        """Drop what is kept about this viewer: its session has ended."""
        ...


@dataclasses.dataclass(frozen=True)
class _Known:
    viewer: Viewer
    until: float  # monotonic seconds
    expires_at: float  # of the token, seconds since the epoch


class Authenticator:
    """Authenticates requests against the tokens and memberships of one hub."""

    def __init__(self, pool: Pool, tokens: Tokens, clock: Clock) -> None:
        """`pool` is logged in as the hub's SYSTEM role, which may read users, memberships, clients,
        organizations.
        """
        self._accounts = Accounts(pool, clock)
        self._tokens = tokens
        self._known: Bounded[tuple[bytes, bytes], _Known] = Bounded(MAX_CACHED_VIEWERS)

    async def __call__(self, headers: Headers) -> Viewer | None:
        """See `Authenticate`."""
        token = bearer_token(headers)
        if token is None:
            return None
        wanted = headers.get(b"hub-membership", b"")
        key = (hashlib.sha256(token).digest(), wanted)
        known = self._known.get(key)
        if known is not None and known.until > time.monotonic() and known.expires_at > time.time():
            return known.viewer
        try:
            claims = self._tokens.verify(token)
        except InvalidToken:
            return None
        viewer = await self._resolve(claims, wanted)
        if viewer is not None:
            self._known.put(key, _Known(viewer, time.monotonic() + VIEWER_SECONDS, claims.expires_at))
        return viewer

    def forget(self, viewer: Viewer) -> None:
        """See `Authenticate`."""
        self._known.discard_where(
            lambda known: (
                known.viewer.membership_id == viewer.membership_id
                and known.viewer.client_id == viewer.client_id
            )
        )

    async def _resolve(self, claims: Claims, wanted: bytes) -> Viewer | None:
        memberships = await self._accounts.memberships(claims)
        if not memberships:
            return None
        if wanted:
            chosen = _membership_id(wanted)
            memberships = [row for row in memberships if row["id"] == chosen]
            if not memberships:
                raise MembershipRefused
        if len(memberships) > 1:
            raise MembershipRequired(tuple(_choice(row) for row in memberships))
        return _viewer(memberships[0], claims)


def bearer_token(headers: Headers) -> bytes | None:
    """The token of the Authorization header (RFC 6750), or None when there is no such token."""
    scheme, _, token = headers.get(b"authorization", b"").partition(b" ")
    token = token.strip()
    return token if token and scheme.lower() == b"bearer" else None


def _membership_id(wanted: bytes) -> UUID | None:
    """A membership's global id (`membership_<uuid>`) or the plain uuid."""
    return parse_uuid(wanted.decode("latin-1").strip().removeprefix("membership_"))


def _choice(row: Row) -> Choice:
    return Choice(id=f"membership_{row['id']}", role=row["role"], organization=row["organization_name"])


def _viewer(row: Row, claims: Claims) -> Viewer:
    return Viewer(
        role=Role(row["role"]),
        user_id=claims.user_id,
        membership_id=row["id"],
        organization_id=row["organization_id"],
        district_id=row["district_id"],
        street_id=row["street_id"],
        community_id=row["community_id"],
        partner_id=row["partner_id"],
        duty=None if row["duty"] is None else Duty(row["duty"]),
        client_id=claims.client_id,
        scopes=claims.scopes,
        language=row["language"],
        name=row["display_name"],
    )
