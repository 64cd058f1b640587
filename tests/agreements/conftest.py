"""The office on a copy of the test world, with a fund of two million yuan."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from hub.base.db import Server
from hub.settings import Settings
from tests.agreements.office import Office
from tests.schema.asking import running
from tests.world import World


@pytest.fixture
async def office(world_database: Server, world: World, settings: Settings) -> AsyncIterator[Office]:
    async with running(world_database, settings, world.now) as hub:
        office = Office(hub, world)
        await office.open_fund()
        yield office
