"""A hub on a copy of the test world, in which each test plants its work in a January of its own."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator

import pytest

from hub.base.db import Server
from hub.settings import Settings
from tests import harness
from tests.agreements.office import Office, funded
from tests.keeping import Keeping
from tests.payments.desk import Desk
from tests.reports.planted_work import Work
from tests.schema.asking import Hub, running
from tests.world import World

YEARS = itertools.count(2025, -1)
"""Before anything in the world happened, so that a module's tests can share a database."""


@pytest.fixture(scope="module")
async def reading(module_world: Server, world: World, settings: Settings) -> AsyncIterator[Hub]:
    """A hub for a whole module."""
    async with running(module_world, settings, world.now) as hub:
        yield hub


@pytest.fixture
async def work(reading: Hub, module_world: Server, world: World) -> AsyncIterator[Work]:
    """People and what was done for them, past every trigger."""
    async with harness.connect_as(module_world, "admin") as connection:
        await connection.execute("set session_replication_role = replica")
        yield Work(reading, world, connection, next(YEARS))


@pytest.fixture
async def desk(
    world: World, settings: Settings, shared: harness.Shared, keeping: Keeping
) -> AsyncIterator[Desk]:
    """The offices with a fund of 2,000,000 yuan, and no agreement yet."""
    source, fund = await funded(shared, world)
    async with keeping.borrowed(source) as server, running(server, settings, world.now) as hub:
        office = Office(hub, world)
        office.fund = fund
        yield Desk(office, server, settings)
