"""`hub verify` recomputes the audit chains: whole in the test world, and a tampered event is named with its street."""

from __future__ import annotations

import pytest

from hub.base.db import Server
from hub.verify import chain_breaks
from tests import harness
from tests.world import World

pytestmark = pytest.mark.anyio


async def test_every_chain_of_the_world_is_whole(module_world: Server, world: World) -> None:
    chains, breaks = await chain_breaks(module_world)
    assert (chains, [str(each) for each in breaks]) == (2, [])  # the street's, and that of no street


async def test_a_changed_event_is_named_with_its_chain(world_database: Server, world: World) -> None:
    victim = "(select event_id from audit_chain where chain_id = $1 and position = 7)"
    async with harness.connect_as(world_database, "admin") as admin:
        event = await admin.fetchval(f"select {victim}", world.organizations["street"])
        await admin.execute("alter table audit_events disable trigger user")
        changed = "update audit_events set actor_name = 'somebody else' where id = $1"
        await admin.execute(changed, event)
    _, breaks = await chain_breaks(world_database)
    told = f"audit chain of 320311002 at 7: event {event}: it, or one before it, is not what was linked"
    assert [str(each) for each in breaks] == [told]


async def test_an_event_that_only_waits_for_the_worker_is_no_fault(
    world_database: Server, world: World
) -> None:
    async with harness.connect_as(world_database, "admin") as admin:
        copied = await admin.execute(
            "insert into audit_events (id, occurred_at, action, subject_type, subject_id, street_id, actor_role,"
            " actor_name, facts) select gen_random_uuid(), occurred_at, action, subject_type, subject_id, street_id,"
            " actor_role, actor_name, facts from audit_events where street_id = $1 limit 1",
            world.organizations["street"],
        )
    assert copied == "INSERT 0 1"
    assert (await chain_breaks(world_database))[1] == []
