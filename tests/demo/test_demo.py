"""The demo world: the same each time, complete, and nothing of it in the future."""

from __future__ import annotations

import json
import random
from datetime import date, timedelta
from typing import Any

import pytest
from graphql import build_schema, parse, validate

from hub.base.audit import GLOBAL_CHAIN, verify_chain
from hub.base.db import Server
from hub.cases.states import CASE, GOAL
from hub.data_folder import OperatorError
from hub.demo import cast
from hub.demo.load import load_bench, load_demo
from hub.demo.residents import Register
from hub.people.rules import check_estate, check_id_number, check_phone
from hub.people.states import CONSENT, NEED
from hub.referrals.states import OFFER, REFERRAL
from hub.settings import Settings
from hub.visits.states import VISIT
from schema.build import sdl
from tests import harness
from tests.world import SEED, TODAY, World, build

MACHINES = (REFERRAL, OFFER, CASE, GOAL, CONSENT, NEED, VISIT)
SNAPSHOTS = (*(machine.table for machine in MACHINES), "persons", "notices", "memberships", "organizations")


async def _snapshot(server: Server) -> dict[str, list[Any]]:
    """Ids in order, with the status where there is one: what two loads must agree on."""
    taken: dict[str, list[Any]] = {}
    for table in SNAPSHOTS:
        rows = await harness.run_sql(server, f"select to_jsonb(t) as row from {table} t order by id")
        told = [json.loads(row["row"]) for row in rows]
        taken[table] = [(row["id"], row.get("status"), row.get("reference")) for row in told]
    return taken


async def _statuses(server: Server, table: str) -> set[str]:
    rows = await harness.run_sql(server, f"select distinct status from {table}")
    return {row["status"] for row in rows}


async def test_same_seed_and_day_make_the_same_world(
    database: Server, module_world: Server, settings: Settings, world: World
) -> None:
    again = await build(database, settings)

    assert again == world
    assert await _snapshot(database) == await _snapshot(module_world)


async def test_small_world_is_drained_and_its_audit_chain_is_whole(
    module_world: Server, world: World
) -> None:
    pending = await harness.run_sql(
        module_world, "select topic, last_error from outbox where done_at is null"
    )
    notices = await harness.run_sql(
        module_world, "select count(*) as n from notices where created_at <= $1", world.now
    )
    async with harness.connect_as(module_world, "system") as connection:
        problems = [
            problem
            for chain in (GLOBAL_CHAIN, world.organizations["street"])
            for problem in await verify_chain(connection, chain)
        ]

    assert pending == []
    assert problems == []
    assert notices[0]["n"] > 50


async def test_nothing_of_the_world_happened_after_its_day_began(module_world: Server, world: World) -> None:
    midnight = world.clock().at(world.today, 0)
    later = "select action, occurred_at from audit_events where occurred_at > $1"

    assert await harness.run_sql(module_world, later, midnight) == []


async def test_cast_signs_in_with_its_roles(module_world: Server, world: World) -> None:
    rows = await harness.run_sql(
        module_world,
        "select u.sign_in_name, m.role, m.duty, m.display_name from memberships m join users u on u.id = m.user_id",
    )
    held = {(row["sign_in_name"], row["role"], row["duty"], row["display_name"]) for row in rows}

    assert {(post.sign_in_name, post.role, post.duty, post.name) for post in cast.CAST} <= held
    assert {post.key for post in cast.CAST} <= set(world.memberships)
    assert world.viewers["hua"].user_id == world.viewers["hua@kangle"].user_id


async def test_worker_an_has_somebody_to_visit_today(module_world: Server, world: World) -> None:
    promised = "select 1 from visits where worker_id = $1 and status = 'PLANNED' and promised_from_at between $2 and $3"
    clock = world.clock()
    day = (clock.at(world.today, 0), clock.at(world.today + timedelta(days=1), 0))

    assert await harness.run_sql(module_world, promised, world.memberships["an"], *day)


async def test_curl_lines_name_the_running_hub_and_huas_membership(
    module_world: Server, settings: Settings, world: World
) -> None:
    lines = dict(await cast.curl_lines(module_world, settings))

    assert len(lines) == len({post.sign_in_name for post in cast.CAST})
    assert all(f":{settings.port}/graphql" in line and "hub token --as" in line for line in lines.values())
    hua = next(line for label, line in lines.items() if label.startswith("hua"))
    assert f"Hub-Membership: membership_{world.memberships['hua']}" in hua


def test_queries_of_the_cast_fit_the_schema() -> None:
    schema = build_schema(sdl())
    wrong = {
        post.sign_in_name: errors
        for post in cast.CAST
        if (errors := validate(schema, parse(cast.query_of(post.sign_in_name))))
    }

    assert not wrong


async def test_unknown_scale_is_refused(database: Server, settings: Settings) -> None:
    with pytest.raises(OperatorError, match="demo, small, town, city, bench"):
        await load_demo(database, settings, TODAY, SEED, "huge")


def test_residents_are_well_formed_and_alike_for_one_seed() -> None:
    households = list(Register(random.Random(1), TODAY).households(1200))  # noqa: S311
    members = [member for household in households for member in household.members]

    assert households == list(Register(random.Random(1), TODAY).households(1200))  # noqa: S311
    assert len({member.id_number for member in members}) == len(members) >= 1200
    for household in households:
        check_estate(household.estate)
    for member in members:
        assert check_id_number(member.id_number, TODAY).birth_on == member.birth_on
        assert member.id_number[14:16] in ("98", "99")
        assert member.phone is None or check_phone(member.phone).startswith("1390000")


@pytest.mark.full
@pytest.mark.parametrize("today", [date(2026, 5, 4) + timedelta(days=day) for day in range(7)])
async def test_small_world_can_be_made_on_any_day_of_the_week(
    database: Server, settings: Settings, today: date
) -> None:
    await load_demo(database, settings, today, SEED, "small")

    assert "OFFERED" in await _statuses(database, "offers")


@pytest.mark.full
async def test_bench_world_holds_open_cases_with_visits(database: Server, settings: Settings) -> None:
    await load_bench(database, settings, 20, today=TODAY)

    cases = await harness.run_sql(
        database,
        "select c.id from cases c where c.kind = 'SERVICE' and c.status = 'ACTIVE' and cardinality(c.partner_ids) = 1"
        " and (select count(*) from visits v where v.case_id = c.id) >= 5",
    )
    assert len(cases) == 20
