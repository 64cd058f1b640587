"""The office on a copy of the test world, with a small agreement of partner 1 in force beside those of the world."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from hub.settings import Settings
from tests import harness
from tests.keeping import Keeping
from tests.referrals.offering import Desk, bought
from tests.world import World


@pytest.fixture
async def desk(
    world: World, settings: Settings, shared: harness.Shared, keeping: Keeping
) -> AsyncIterator[Desk]:
    async with bought(Desk, shared, keeping, world, settings) as desk:
        yield desk
