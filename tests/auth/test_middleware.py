"""From headers to a Viewer, against a real database: who gets in, as whom, and who does not."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest

from auth.middleware import Authenticator, Choice, MembershipRefused, MembershipRequired
from auth.roles import Role, Viewer
from auth.tokens import Tokens, fresh_signing_key
from hub.base.db import Server
from hub.base.errors import Unavailable
from tests import harness
from tests.auth import people
from tests.auth.people import Signing

pytestmark = pytest.mark.anyio
TOKENS = Tokens(fresh_signing_key(), "http://hub.example")


@pytest.fixture(scope="module")
async def signing(module_database: Server) -> AsyncIterator[Signing]:
    async with people.signing(module_database) as signing:
        yield signing


@pytest.fixture
def authenticate(signing: Signing) -> Authenticator:
    return Authenticator(signing.pool, TOKENS, signing.clock)


def headers(user: UUID, membership: str = "", **claims: object) -> dict[bytes, bytes]:
    """The headers of a request with a fresh token of the user."""
    token = TOKENS.issue(user, lifetime_seconds=60, **claims)  # type: ignore[arg-type]
    sent = {b"authorization": b"Bearer " + token.encode()}
    return sent | ({b"hub-membership": membership.encode()} if membership else {})


def of_machine(client: UUID, user: UUID, membership: UUID, header: str = "") -> dict[bytes, bytes]:
    """The headers of a machine client's request."""
    return headers(user, header, client_id=client, membership_id=membership, scopes=["read"])


async def test_the_only_membership_acts(authenticate: Authenticator) -> None:
    viewer = await authenticate(headers(people.WANG))
    assert viewer == Viewer(
        role=Role.STATION_WORKER,
        user_id=people.WANG,
        membership_id=people.AT_STREET,
        organization_id=people.STREET,
        street_id=people.STREET,
        language="zh-CN",
        name="Name",
    )
    assert await authenticate(headers(people.WANG, f"membership_{people.AT_STREET}")) == viewer


@pytest.mark.parametrize("prefix", ["membership_", ""])
async def test_the_header_picks_among_several(authenticate: Authenticator, prefix: str) -> None:
    at_street = await authenticate(headers(people.HUA, f"{prefix}{people.HUA_STREET}"))
    at_partner = await authenticate(headers(people.HUA, f"{prefix}{people.HUA_PARTNER}"))
    assert at_street is not None
    assert at_partner is not None
    assert (at_street.role, at_street.street_id, at_street.partner_id) == (
        Role.STATION_WORKER,
        people.STREET,
        None,
    )
    assert (at_partner.role, at_partner.street_id, at_partner.partner_id) == (
        Role.PARTNER_WORKER,
        None,
        people.PARTNER,
    )


async def test_several_without_header_are_listed(authenticate: Authenticator) -> None:
    with pytest.raises(MembershipRequired) as required:
        await authenticate(headers(people.HUA))
    assert required.value.choices == (
        Choice(f"membership_{people.HUA_STREET}", "STATION_WORKER", "七里沟街道"),
        Choice(f"membership_{people.HUA_PARTNER}", "PARTNER_WORKER", "Partner"),
    )


@pytest.mark.parametrize(
    "wanted",
    [
        f"membership_{people.AT_STREET}",
        f"membership_{UUID(int=99)}",
        "membership_",
        "x",
        "membership_x",
        f"case_{people.HUA_STREET}",
        f"{people.HUA_STREET}, {people.HUA_PARTNER}",
    ],
)
async def test_anothers_unknown_and_malformed_memberships_are_one_answer(
    authenticate: Authenticator, wanted: str
) -> None:
    with pytest.raises(MembershipRefused):
        await authenticate(headers(people.HUA, wanted))


async def test_nobody_without_a_live_membership(authenticate: Authenticator) -> None:
    assert await authenticate(headers(people.ENDED)) is None
    assert await authenticate(headers(people.ENDED, f"membership_{people.WAS}")) is None
    assert await authenticate(headers(people.GONE)) is None
    assert await authenticate(headers(UUID(int=99))) is None


async def test_validity_follows_the_hubs_clock(authenticate: Authenticator, signing: Signing) -> None:
    for days, live in [(-1, False), (0, True), (1, False)]:
        signing.clock.instant = people.NOW + timedelta(days=days)
        try:
            assert (await authenticate(headers(people.WANG)) is not None) is live
        finally:
            signing.clock.instant = people.NOW


async def test_a_machine_acts_as_its_one_membership(authenticate: Authenticator) -> None:
    viewer = await authenticate(of_machine(people.MACHINE, people.HUA, people.HUA_STREET))
    assert viewer is not None
    assert (viewer.membership_id, viewer.client_id, viewer.scopes) == (
        people.HUA_STREET,
        people.MACHINE,
        {"read"},
    )
    with pytest.raises(MembershipRefused):
        await authenticate(
            of_machine(people.MACHINE, people.HUA, people.HUA_STREET, f"membership_{people.HUA_PARTNER}")
        )


async def test_machines_that_may_not(authenticate: Authenticator) -> None:
    assert await authenticate(of_machine(people.REVOKED, people.HUA, people.HUA_STREET)) is None
    assert await authenticate(of_machine(people.OF_ENDED, people.ENDED, people.WAS)) is None
    assert await authenticate(of_machine(people.MACHINE, people.HUA, people.HUA_PARTNER)) is None
    assert await authenticate(of_machine(UUID(int=99), people.HUA, people.HUA_STREET)) is None


@pytest.mark.parametrize(
    "value", [None, b"", b"Bearer", b"Bearer ", b"Basic eDp5", b"Bearer x", b"Bearer a.b.c"]
)
async def test_no_token_no_viewer(authenticate: Authenticator, value: bytes | None) -> None:
    assert await authenticate({} if value is None else {b"authorization": value}) is None


async def test_a_known_viewer_costs_no_query_until_forgotten(module_database: Server) -> None:
    """`forget` is what the endpoint calls when a statement finds the session ended."""
    async with asyncpg.create_pool(
        **module_database.connect_kwargs("system"), min_size=1, max_size=1
    ) as pool:
        authenticate = Authenticator(pool, TOKENS, people.FixedClock(people.NOW))
        sent = headers(people.WANG)
        viewer = await authenticate(sent)
        assert viewer is not None
        await harness.run_sql(module_database, "update users set active = false where id = $1", people.WANG)
        try:
            assert await authenticate(sent) is viewer
            authenticate.forget(viewer)
            assert await authenticate(sent) is None
        finally:
            await harness.run_sql(
                module_database, "update users set active = true where id = $1", people.WANG
            )


async def test_a_known_viewer_is_asked_again_after_a_while_and_never_outlives_its_token(
    authenticate: Authenticator, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = headers(people.WANG)
    first = await authenticate(sent)
    later = time.monotonic() + 11
    monkeypatch.setattr(time, "monotonic", lambda: later)
    assert await authenticate(sent) is not first
    expired = time.time() + 61
    monkeypatch.setattr(time, "time", lambda: expired)
    assert await authenticate(sent) is None


async def test_without_a_database_it_is_unavailable_not_unauthenticated(signing: Signing) -> None:
    pool = asyncpg.create_pool(**signing.server.connect_kwargs("system"), min_size=0, max_size=1)
    async with pool:
        pass
    with pytest.raises(Unavailable):
        await Authenticator(pool, TOKENS, signing.clock)(headers(people.WANG))
