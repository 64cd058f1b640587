"""The auditor verifies a street's chain: whole, tampered with, from a head that she kept. Nobody else does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, get_args, get_type_hints

import pytest

from hub.base.audit import Problem
from hub.base.db import Server
from hub.notices.tables import AUDIT_FAULTS
from hub.settings import Settings
from tests import harness
from tests.schema.asking import Hub, gid, running
from tests.world import World

pytestmark = pytest.mark.anyio

VERIFY = (
    "mutation($street: ID!, $after: Int, $head: String) {"
    " auditChainVerify(street: $street, after: $after, head: $head) {"
    " auditChain { whole position head more faults { kind position event } } userErrors { code path } } }"
)


@pytest.fixture
async def hub(world_database: Server, world: World, settings: Settings) -> AsyncIterator[Hub]:
    async with running(world_database, settings, world.now) as hub:
        yield hub


async def verify(hub: Hub, world: World, **given: Any) -> Any:
    street = {"street": gid("street", world.organizations["street"])}
    answer = await hub.ask(world.viewers["shen"], VERIFY, {"after": 0, **street, **given})
    return answer.data["auditChainVerify"]


async def length(server: Server, world: World) -> int:
    query = "select max(position) from audit_chain where chain_id = $1"
    return (await harness.run_sql(server, query, world.organizations["street"]))[0][0]


def test_every_kind_of_problem_has_its_word() -> None:
    kinds = get_args(get_type_hints(Problem)["kind"])
    assert tuple(kind.upper() for kind in kinds) == AUDIT_FAULTS


async def test_a_whole_chain_and_what_is_added_to_it(hub: Hub, world: World, world_database: Server) -> None:
    whole = (await verify(hub, world))["auditChain"]
    assert whole.pop("position") == await length(world_database, world)
    head = whole.pop("head")
    assert whole == {"whole": True, "more": False, "faults": []}
    kept = {"after": await length(world_database, world), "head": head}
    await hub.worker().tick()  # links that she has looked
    added = (await verify(hub, world, **kept))["auditChain"]
    assert (added["whole"], added["position"]) == (True, kept["after"] + 1)
    query = "select actor_role, facts::text from audit_events where action = 'audit_chain_verify' order by id"
    looked = [tuple(row) for row in await harness.run_sql(world_database, query)]
    assert [role for role, _ in looked] == ["AUDITOR", "AUDITOR"]
    assert f'"after": {kept["after"]}' in looked[1][1]


async def test_a_changed_event_is_named(hub: Hub, world: World, world_database: Server) -> None:
    street = world.organizations["street"]
    async with harness.connect_as(world_database, "admin") as admin:
        victim = "select event_id from audit_chain where chain_id = $1 and position = 7"
        event: Any = await admin.fetchval(victim, street)
        await admin.execute("alter table audit_events disable trigger user")
        await admin.execute("update audit_events set actor_name = 'x' where id = $1", event)
    found = (await verify(hub, world))["auditChain"]
    assert found["faults"] == [{"kind": "HASH", "position": 7, "event": gid("audit_event", event)}]
    assert not found["whole"]


async def test_a_head_that_the_chain_no_longer_has(hub: Hub, world: World, world_database: Server) -> None:
    last = await length(world_database, world)
    head = (await verify(hub, world))["auditChain"]["head"]
    for given in ({"after": last, "head": "0" * 64}, {"after": last + 1, "head": head}):
        refused = await verify(hub, world, **given)
        assert refused == {"auditChain": None, "userErrors": [{"code": "CONFLICT", "path": ["head"]}]}
    for given in ({"after": last}, {"head": head}, {"after": -1, "head": head}):
        refused = await verify(hub, world, **given)
        assert refused == {"auditChain": None, "userErrors": [{"code": "INVALID", "path": ["head"]}]}


async def test_another_districts_street_is_not_there_and_nobody_else_verifies(
    hub: Hub, world: World, world_database: Server
) -> None:
    other = "select id from organizations where kind = 'STREET' and district_id <> $1 limit 1"
    ((foreign,),) = await harness.run_sql(world_database, other, world.organizations["district"])
    for street in (foreign, world.organizations["七里沟"]):
        refused = await verify(hub, world, street=gid("street", street))
        assert refused == {"auditChain": None, "userErrors": [{"code": "NOT_FOUND", "path": ["street"]}]}
    street = {"street": gid("street", world.organizations["street"])}
    for name in ("root", "zhao", "mei", "bo"):
        denied = await hub.ask(world.viewers[name], VERIFY, street)
        assert denied.codes == [("FORBIDDEN", ["auditChainVerify"])]
