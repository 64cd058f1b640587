"""The office on a copy of the test world, with a small agreement of partner 1 in force beside those of the world."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from hub.base.db import Server
from hub.settings import Settings
from tests.referrals.offering import Desk
from tests.schema.asking import running
from tests.world import World


@pytest.fixture
async def desk(world_database: Server, world: World, settings: Settings) -> AsyncIterator[Desk]:
    async with running(world_database, settings, world.now) as hub:
        desk = Desk(hub, world, world_database, settings)
        await desk.open_fund()
        await desk.buy()
        yield desk
