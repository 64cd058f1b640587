"""Fixtures for tests that need a database. Which one:

`database`        a migrated, empty database of this test alone
`module_database` the same for a module whose tests change nothing that lasts
`world_database`  a copy of the test world of this test alone, to write to
`module_world`    one copy of the test world for a module whose tests only read
`world`           the named cast and its ids (tests/world.py), the same in every copy
`settings`        the hub's settings for this run: temporary data folder, fixed secret

All of them are put back as they were afterwards, and lent to the next one (tests/keeping.py).

The environment's HUB_… and DATABASE_URL are ignored: a run never touches a real hub. `--dsn` names another
server, whose administrator must be allowed to create databases and roles (two tests of roles want a superuser).
"""

from __future__ import annotations

import gc
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from hub.base.db import Server
from hub.settings import Settings
from tests import harness
from tests.keeping import Keeping

RUN = pytest.StashKey[harness.Run]()

LONG = ("policy", "journeys", "payments", "papers", "deliveries", "migrations", "demo")
"""Folders whose tests take longest, the longest first; else a worker has one of them alone at the end."""

FIRST = "test_drawn_worlds.py"
"""Needs nothing that another file of its folder waits for, and takes as long as making that."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--dsn`: the one way to another server than the temporary one."""
    parser.addoption(
        "--dsn", default=None, help="run on this PostgreSQL (postgresql://…) instead of a temporary one"
    )
    parser.addoption(
        "--pooler", default=None, help="with --dsn: the socket folder of a pooler in front of it"
    )
    parser.addoption(
        "--update-golden", action="store_true", help="write tests/golden anew instead of comparing"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Forget the environment's hub; the controller (or the only process) owns the run."""
    for name in [name for name in os.environ if name == "DATABASE_URL" or name.startswith("HUB_")]:
        del os.environ[name]
    pooler = config.getoption("--pooler")
    harness.POOLER[:] = [pooler] if pooler else []
    if not hasattr(config, "workerinput"):
        config.stash[RUN] = harness.Run(config.getoption("--dsn"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes long; files and folders stay together (xdist hands out whole files, in this order)."""
    last = len(LONG)
    places = {name: place for place, name in enumerate(LONG)}
    items.sort(key=lambda item: (item.path.name != FIRST, places.get(item.path.parent.name, last)))


def pytest_collection_finish() -> None:
    """What is there now stays until the end, and is a lot: the collector need not walk it again and again."""
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of xdist where the run's server is, starting it before the first one."""
    node.workerinput["hub_test_folder"] = str(node.config.stash[RUN].start())


def pytest_unconfigure(config: pytest.Config) -> None:
    """Also reached after Ctrl-C. After a kill the server ends by itself and a later run sweeps its folder."""
    if RUN in config.stash:
        config.stash[RUN].stop()


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """One event loop for the whole session, so that module-wide databases can be shared."""
    return "asyncio"


@pytest.fixture(scope="session")
def shared(request: pytest.FixtureRequest) -> harness.Shared:
    """The run's server; without xdist it starts here, when the first test needs it."""
    told = getattr(request.config, "workerinput", {}).get("hub_test_folder")
    return harness.shared(Path(told) if told else request.config.stash[RUN].start())


@pytest.fixture(scope="session")
def settings(shared: harness.Shared) -> Settings:
    """Settings of a hub on the run's server."""
    return shared.settings


@pytest.fixture
async def database(shared: harness.Shared, keeping: Keeping) -> AsyncIterator[Server]:
    """A migrated, empty database."""
    async with keeping.borrowed(await harness.template(shared)) as server:
        yield server


@pytest.fixture(scope="module")
async def module_database(shared: harness.Shared, keeping: Keeping) -> AsyncIterator[Server]:
    """A migrated, empty database for a module whose tests change nothing that lasts."""
    async with keeping.borrowed(await harness.template(shared)) as server:
        yield server


@pytest.fixture(scope="session")
async def world(anyio_backend: str, shared: harness.Shared) -> Any:
    """The cast of tests/world.py."""
    return await harness.world(shared)


@pytest.fixture(scope="session")
async def keeping(anyio_backend: str, shared: harness.Shared) -> AsyncIterator[Keeping]:
    """The databases that this process puts back after each test."""
    keeping = Keeping(shared)
    yield keeping
    await keeping.close()


@pytest.fixture
async def world_database(world: Any, shared: harness.Shared, keeping: Keeping) -> AsyncIterator[Server]:
    """A copy of the world to write to."""
    async with keeping.borrowed(await harness.world_template(shared)) as server:
        yield server


@pytest.fixture(scope="module")
async def module_world(world: Any, shared: harness.Shared, keeping: Keeping) -> AsyncIterator[Server]:
    """A copy of the world that a module's tests only read."""
    async with keeping.borrowed(await harness.world_template(shared)) as server:
        yield server
