"""The payments desk with a data folder of its own: papers and evidence in it are the test's."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hub.settings import Settings
from tests import harness
from tests.agreements.office import Office
from tests.keeping import Keeping
from tests.papers.desk import Desk
from tests.payments.desk import begun
from tests.schema.asking import running
from tests.world import World


@pytest.fixture
def own_settings(settings: Settings, tmp_path: Path) -> Settings:
    """The run's settings, the data folder apart."""
    assert settings.secret  # read from the run's folder, and taken along
    return settings.model_copy(update={"data": tmp_path})


@pytest.fixture
async def desk(
    world: World, own_settings: Settings, shared: harness.Shared, keeping: Keeping
) -> AsyncIterator[Desk]:
    async with (
        begun(shared, keeping, world) as (server, found),
        running(server, own_settings, world.now) as hub,
    ):
        desk = Desk(Office(hub, world), server, own_settings)
        desk.find(found)
        yield desk
