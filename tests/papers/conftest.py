"""The payments desk with a data folder of its own: papers and evidence in it are the test's."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hub.base.db import Server
from hub.settings import Settings
from tests.agreements.office import Office
from tests.papers.desk import Desk
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
        office = Office(hub, world)
        await office.open_fund()
        desk = Desk(office, world_database, own_settings)
        await desk.open()
        yield desk
