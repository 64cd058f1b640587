"""`hub verify` recomputes the audit chains: whole in the test world, and a tampered event is named with its street."""

from __future__ import annotations

import pytest

from hub.base.db import Server
from hub.verify import CHECKS, chain_breaks, chain_heads, verified
from tests import harness
from tests.world import World

pytestmark = pytest.mark.anyio


async def test_every_chain_of_the_world_is_whole(module_world: Server) -> None:
    # The street's, and that of no street.
    whole = f"{len(CHECKS)} checks, no row disagrees; 2 audit chains, all whole"
    assert await verified(module_world) == ([whole], True)
    assert await verified(module_world, with_heads=True) == ([*await chain_heads(module_world), whole], True)


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
    assert await verified(world_database) == ([told], False)


async def test_a_head_kept_elsewhere_shows_that_the_end_was_cut_off(
    world_database: Server, world: World
) -> None:
    """The chain alone is whole again without its newest link and event: the auditor's note of the head is not."""
    street = world.organizations["street"]
    kept = await chain_heads(world_database)
    (length,) = await harness.run_sql(
        world_database, "select max(position) from audit_chain where chain_id = $1", street
    )
    assert [head.split(": ")[0] for head in kept] == ["no street", "320311002"]
    assert kept[1].split()[1] == str(length[0])
    async with harness.connect_as(world_database, "admin") as admin:
        for table in ("audit_events", "audit_chain", "outbox", "notices"):
            await admin.execute(f"alter table {table} disable trigger all")
        last = "select event_id from audit_chain where chain_id = $1 order by position desc limit 1"
        event = await admin.fetchval(last, street)
        await admin.execute("delete from audit_chain where event_id = $1", event)
        await admin.execute("delete from audit_events where id = $1", event)
    assert (await chain_breaks(world_database))[1] == []
    assert (await chain_heads(world_database))[1] != kept[1]


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
