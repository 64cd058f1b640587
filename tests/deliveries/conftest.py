"""The desk on a copy of the test world; nothing is drawn for a call-back by chance unless a test wants it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from hub.base.db import Server
from hub.deliveries import evidence
from hub.settings import Settings
from tests.deliveries.desk import Desk
from tests.schema.asking import running
from tests.world import World


@pytest.fixture
async def desk(
    world_database: Server, world: World, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Desk]:
    monkeypatch.setattr(evidence, "CALLBACK_SAMPLE_BP", 0)
    async with running(world_database, settings, world.now) as hub:
        yield Desk(hub, world, world_database, settings)
