"""A hub on the world of the tests: one to read from for a module, one to write to for a test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from hub.base.db import Server
from hub.settings import Settings
from tests import harness
from tests.schema.asking import AWKWARD, Hub, running
from tests.world import World


@pytest.fixture(scope="module")
async def reading(module_world: Server, world: World, settings: Settings) -> AsyncIterator[Hub]:
    """A hub for tests that only read. One case's texts are awkward, one visit has no promise."""
    async with harness.connect_as(module_world, "admin") as connection:
        person, case = world.persons["today"], world.cases["today"]
        await connection.execute("update needs set statement = $1 where person_id = $2", AWKWARD, person)
        await connection.execute("update persons set estate = $1 where id = $2", AWKWARD, person)
        await connection.execute("update cases set summary = $1 where id = $2", AWKWARD, case)
        await connection.execute("update offers set note = $1 where partner_id is not null", AWKWARD)
        await connection.execute("update notices set text_en = $1", AWKWARD)
        await connection.execute(
            "update visits set promised_from_at = null, promised_to_at = null"
            " where id = (select min(id::text)::uuid from visits where kind = 'PATROL')"
        )
    async with running(module_world, settings, world.now) as hub:
        yield hub


@pytest.fixture
async def writing(world_database: Server, world: World, settings: Settings) -> AsyncIterator[Hub]:
    """A hub for a test that writes."""
    async with running(world_database, settings, world.now) as hub:
        yield hub


@pytest.fixture
async def unconnected(shared: harness.Shared, world: World, settings: Settings) -> AsyncIterator[Hub]:
    """A hub that has yet to connect: what a test sets for a login counts from the next connection on."""
    async with (
        harness.clone(shared, await harness.world_template(shared)) as server,
        running(server, settings, world.now) as hub,
    ):
        yield hub
