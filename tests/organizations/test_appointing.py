"""Who appoints a partner's people: its manager, and a street's administrator only while there is none (decision 31);
whom she may not take without being asked (decision 87), and her machine clients."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from hub.base.db import Server
from hub.settings import Settings
from tests import harness
from tests.schema.asking import Hub, gid, running
from tests.world import World

pytestmark = pytest.mark.anyio

ERRORS = "userErrors { code path }"
GRANT = (
    f"mutation($i: MembershipGrantInput!) {{ membershipGrant(input: $i) {{ membership {{ id }} {ERRORS} }} }}"
)
REGISTER = f"mutation($i: ClientRegisterInput!) {{ clientRegister(input: $i) {{ secret {ERRORS} }} }}"
END = f'mutation($id: ID!) {{ membershipEnd(id: $id, reason: "x") {{ {ERRORS} }} }}'
MANAGERS = "partner_id = $1 and role = 'PARTNER_MANAGER'"


class Appointing:
    """The street's administrator and a partner."""

    def __init__(self, hub: Hub, world: World, server: Server) -> None:
        self.hub, self.world, self.server = hub, world, server
        self.partner = world.organizations["nuanchao"]

    async def errors(self, mutation: str, by: str = "root", **variables: Any) -> list[tuple[str, list[str]]]:
        (payload,) = (await self.hub.ask(self.world.viewers[by], mutation, variables)).data.values()
        return [(one["code"], one["path"]) for one in payload["userErrors"]]

    async def grant(
        self, name: str = "new", role: str = "PARTNER_MANAGER", by: str = "root", **further: str
    ) -> list[tuple[str, list[str]]]:
        who = {"organization": gid("partner", self.partner), "signInName": name, "name": name, "role": role}
        return await self.errors(GRANT, by, i=who | further)

    async def register(self, name: str) -> list[tuple[str, list[str]]]:
        membership = gid("membership", self.world.memberships[name])
        return await self.errors(REGISTER, i={"membership": membership, "name": "x", "scopes": []})

    async def end(self, name: str) -> list[tuple[str, list[str]]]:
        return await self.errors(END, id=gid("membership", self.world.memberships[name]))

    async def managers(self, change: str) -> None:
        """Change all of the partner's managers, as the database's administrator."""
        await harness.run_sql(self.server, f"update memberships set {change} where {MANAGERS}", self.partner)


@pytest.fixture
async def root(world_database: Server, world: World, settings: Settings) -> AsyncIterator[Appointing]:
    async with running(world_database, settings, world.now) as hub:
        yield Appointing(hub, world, world_database)


NOT_YOURS = "NOT_FOUND"


async def test_where_a_partner_has_a_manager_the_administrator_is_refused(root: Appointing) -> None:
    for role in ("PARTNER_MANAGER", "PARTNER_WORKER"):
        assert await root.grant(role=role) == [(NOT_YOURS, ["input", "organization"])]
    for name in ("bo", "an"):
        assert await root.register(name) == [(NOT_YOURS, ["input", "membership"])]
        assert await root.end(name) == [(NOT_YOURS, ["id"])]
    # Control: in her own street she does all three.
    assert await root.register("wang") == []
    assert await root.end("wang") == []


@pytest.mark.parametrize(
    "change", ["ended_at = '2026-05-05T08:00:00Z', end_reason = 'left'", "valid_to_on = '2026-05-05'"]
)
async def test_where_the_manager_is_gone_she_appoints_the_next_one_and_no_more(
    root: Appointing, change: str
) -> None:
    await root.managers(change)
    # Clients and other memberships wait for the manager whom she appoints.
    assert await root.register("an") == [(NOT_YOURS, ["input", "membership"])]
    assert await root.end("an") == [(NOT_YOURS, ["id"])]
    assert await root.grant() == []
    assert await root.grant("another") == [(NOT_YOURS, ["input", "organization"])]


async def test_a_manager_manages_to_her_last_day(root: Appointing) -> None:
    await root.managers("valid_to_on = '2026-05-06'")
    assert await root.grant() == [(NOT_YOURS, ["input", "organization"])]


async def test_a_client_belongs_to_the_street_or_the_partner_of_its_membership(root: Appointing) -> None:
    assert await root.register("wang") == []
    variables = {
        "i": {"membership": gid("membership", root.world.memberships["an"]), "name": "x", "scopes": []}
    }
    answer = await root.hub.ask(root.world.viewers["bo"], REGISTER, variables)
    assert answer.data["clientRegister"]["userErrors"] == []
    query = "select street_id, partner_id from clients order by id desc limit 2"
    found = [tuple(row) for row in await harness.run_sql(root.server, query)]
    assert found == [(None, root.partner), (root.world.organizations["street"], None)]


DECLARE = f"mutation($i: ConflictDeclareInput!) {{ conflictDeclare(input: $i) {{ {ERRORS} }} }}"
CLIENTS = "{ clients(first: 10) { nodes { id name scopes revokedAt membership { displayName } } } }"
REVOKE = f"mutation($id: ID!) {{ clientRevoke(id: $id) {{ client {{ revokedAt }} {ERRORS} }} }}"


@pytest.mark.parametrize("name", ["mei", "wang", "qian", "shen"])
async def test_no_partner_admits_whoever_judges_it_without_her_word(root: Appointing, name: str) -> None:
    """A membership would bar her from deciding about the partner; so she declares the tie first, and herself."""
    who = {"organization": gid("partner", root.partner), "signInName": name, "role": "PARTNER_WORKER"}
    refused = [("CONFLICT_OF_INTEREST", ["input", "signInName"])]
    assert await root.errors(GRANT, by="bo", i=who) == refused
    held = "select count(*) from memberships m join users u on u.id = m.user_id where u.sign_in_name = $1"
    ((count,),) = await harness.run_sql(root.server, held, name)
    assert count == 1
    if name == "shen":  # declares nothing, since she decides nothing
        return
    of_another = {"partner": gid("partner", root.world.organizations["kangle"]), "reason": "x"}
    assert await root.errors(DECLARE, by=name, i=of_another) == []
    assert await root.errors(GRANT, by="bo", i=who) == refused
    assert await root.errors(DECLARE, by=name, i={"partner": who["organization"], "reason": "x"}) == []
    assert await root.errors(GRANT, by="bo", i=who) == []


async def test_whose_work_for_the_street_is_over_is_admitted_like_anybody(root: Appointing) -> None:
    assert await root.end("wang") == []
    who = {"organization": gid("partner", root.partner), "signInName": "wang", "role": "PARTNER_WORKER"}
    assert await root.errors(GRANT, by="bo", i=who) == []


async def test_a_manager_lists_and_revokes_her_partners_clients_and_no_others(root: Appointing) -> None:
    bo, kai = root.world.viewers["bo"], root.world.viewers["kai"]
    told = {"membership": gid("membership", root.world.memberships["an"]), "name": "an's desk", "scopes": []}
    assert await root.errors(REGISTER, by="bo", i=told) == []
    ours = (await root.hub.ask(bo, CLIENTS)).data["clients"]["nodes"]
    assert [(one["name"], one["membership"]["displayName"], one["revokedAt"]) for one in ours] == [
        ("an's desk", "安琪", None)
    ]
    for stranger in (kai, root.world.viewers["root"]):
        theirs = (await root.hub.ask(stranger, CLIENTS)).data["clients"]["nodes"]
        assert ours[0]["id"] not in {one["id"] for one in theirs}
    for stranger in ("kai", "root"):
        assert await root.errors(REVOKE, by=stranger, id=ours[0]["id"]) == [(NOT_YOURS, ["id"])]
    done = (await root.hub.ask(bo, REVOKE, {"id": ours[0]["id"]})).data["clientRevoke"]
    assert done["userErrors"] == []
    assert done["client"]["revokedAt"] is not None
    assert await root.errors(REVOKE, by="bo", id=ours[0]["id"]) == [("WRONG_STATE", ["id"])]


async def test_a_right_begins_today_or_later(root: Appointing) -> None:
    today = root.world.now.date()
    worker = {"role": "PARTNER_WORKER", "by": "bo"}
    yesterday = (today - timedelta(days=1)).isoformat()
    assert await root.grant("a", validFrom=yesterday, **worker) == [("OUT_OF_RANGE", ["input", "validFrom"])]
    assert await root.grant("a", validFrom="1800-01-01", **worker) == [
        ("OUT_OF_RANGE", ["input", "validFrom"])
    ]
    assert await root.grant("a", validFrom=today.isoformat(), **worker) == []
    assert await root.grant("b", validFrom=(today + timedelta(days=1)).isoformat(), **worker) == []
