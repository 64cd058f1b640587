"""The rota on a copy of the test world."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from hub.base.db import Server
from hub.settings import Settings
from tests.schema.asking import running
from tests.visits.rota import Rota
from tests.world import World


@pytest.fixture
async def rota(world_database: Server, world: World, settings: Settings) -> AsyncIterator[Rota]:
    async with running(world_database, settings, world.now) as hub:
        yield Rota(hub, world, world_database, settings)
