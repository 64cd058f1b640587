"""Whom a consent reaches: the street's not a partner from whom she took hers back since (decision 88)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from hub.base.db import Server
from hub.settings import Settings
from tests.schema.asking import Hub, gid, running
from tests.world import World

pytestmark = pytest.mark.anyio

ERRORS = "userErrors { code path }"
GIVE = f"mutation($i: ConsentGiveInput!) {{ consentGive(input: $i) {{ consent {{ id }} {ERRORS} }} }}"
WITHDRAW = f"mutation($id: ID!) {{ consentWithdraw(id: $id) {{ {ERRORS} }} }}"
OFFER = (
    "mutation($id: ID!, $p: ID!, $line: ID!) { referralOffer(id: $id, partner: $p, line: $line, quantity: 1)"
    f" {{ {ERRORS} }} }}"
)


async def do(hub: Hub, world: World, name: str, mutation: str, **variables: Any) -> Any:
    (payload,) = (await hub.ask(world.viewers[name], mutation, variables)).data.values()
    return payload


async def test_what_she_took_back_from_a_partner_the_streets_consent_does_not_give_it(
    world_database: Server, world: World, settings: Settings
) -> None:
    """The person of the case `today`, an's: the street's consent has stood all the time."""
    async with running(world_database, settings, world.now) as hub:
        person = gid("person", world.persons["today"])
        partner = gid("partner", world.organizations["nuanchao"])
        query = "query($id: ID!) { node(id: $id) { id } }"
        seen = await hub.ask(world.viewers["an"], query, {"id": person})
        assert seen.data["node"] == {"id": person}
        own = await do(hub, world, "wang", GIVE, i={"person": person, "grantee": partner})
        hub.clock.instant += timedelta(minutes=1)
        assert (await do(hub, world, "wang", WITHDRAW, id=own["consent"]["id"]))["userErrors"] == []
        assert (await hub.ask(world.viewers["an"], query, {"id": person})).data["node"] is None
        hub.clock.instant += timedelta(minutes=1)
        again = await do(
            hub,
            world,
            "wang",
            GIVE,
            i={"person": person, "grantee": gid("street", world.organizations["street"])},
        )
        assert again["userErrors"] == []
        assert (await hub.ask(world.viewers["an"], query, {"id": person})).data["node"] == {"id": person}


async def test_she_is_not_offered_to_whom_she_took_it_back_from(
    world_database: Server, world: World, settings: Settings
) -> None:
    """Partner 1; partner 2, about whom she said nothing, is asked as before."""
    async with running(world_database, settings, world.now) as hub:
        person = gid("person", world.persons["declined"])
        referral = gid("referral", world.referrals["declined"])
        first = gid("partner", world.organizations["nuanchao"])
        own = await do(hub, world, "wang", GIVE, i={"person": person, "grantee": first})
        hub.clock.instant += timedelta(minutes=1)
        await do(hub, world, "wang", WITHDRAW, id=own["consent"]["id"])

        async def offered(partner: str) -> list[dict[str, Any]]:
            given = {
                "p": gid("partner", world.organizations[partner]),
                "line": gid("agreement_line", world.lines[f"{partner}.HOME_HAIRCUT"]),
            }
            return (await do(hub, world, "mei", OFFER, id=referral, **given))["userErrors"]

        assert await offered("nuanchao") == [{"code": "CONSENT_MISSING", "path": ["partner"]}]
        assert await offered("kangle") == []
