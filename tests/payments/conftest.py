"""The desk on a copy of the test world, with an agreement in force."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from hub.settings import Settings
from tests import harness
from tests.agreements.office import Office
from tests.keeping import Keeping
from tests.payments.desk import Desk, begun
from tests.schema.asking import running
from tests.world import World


@pytest.fixture
async def desk(
    world: World, settings: Settings, shared: harness.Shared, keeping: Keeping
) -> AsyncIterator[Desk]:
    async with begun(shared, keeping, world) as (server, found), running(server, settings, world.now) as hub:
        desk = Desk(Office(hub, world), server, settings)
        desk.find(found)
        yield desk
