"""The office on a copy of the test world, with a fund of two million yuan."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from hub.base.db import Server
from hub.settings import Settings
from tests import harness
from tests.agreements.office import Office, funded
from tests.keeping import Keeping
from tests.schema.asking import running
from tests.world import World


@pytest.fixture
async def world_database(world: World, shared: harness.Shared, keeping: Keeping) -> AsyncIterator[Server]:
    """A copy of the world to write to, with the fund in it."""
    source, _ = await funded(shared, world)
    async with keeping.borrowed(source) as server:
        yield server


@pytest.fixture
async def office(
    world_database: Server, world: World, settings: Settings, shared: harness.Shared
) -> AsyncIterator[Office]:
    async with running(world_database, settings, world.now) as hub:
        office = Office(hub, world)
        _, office.fund = await funded(shared, world)
        yield office
