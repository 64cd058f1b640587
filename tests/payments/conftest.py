"""The desk on a copy of the test world, with an agreement in force."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from hub.base.db import Server
from hub.settings import Settings
from tests.agreements.office import Office
from tests.payments.desk import Desk
from tests.schema.asking import running
from tests.world import World


@pytest.fixture
async def desk(world_database: Server, world: World, settings: Settings) -> AsyncIterator[Desk]:
    async with running(world_database, settings, world.now) as hub:
        office = Office(hub, world)
        await office.open_fund()
        desk = Desk(office, world_database, settings)
        await desk.open()
        yield desk
