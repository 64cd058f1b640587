"""A hub on a copy of the test world, with a data folder of its own, so that every file in it is the test's."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hub.base.db import Server
from hub.settings import Settings
from tests.documents.desk import Desk
from tests.schema.asking import running
from tests.world import World


@pytest.fixture
def own_settings(settings: Settings, tmp_path: Path) -> Settings:
    """The run's settings, the data folder apart."""
    assert settings.secret  # read from the run's folder, and taken along
    return settings.model_copy(update={"data": tmp_path})


@pytest.fixture
async def desk(world_database: Server, world: World, own_settings: Settings) -> AsyncIterator[Desk]:
    async with running(world_database, own_settings, world.now) as hub:
        yield Desk(hub, world, own_settings.data)
