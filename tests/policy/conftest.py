"""The planted world of `tests/policy`: made once per run, copied for whoever needs a database.

`planted`           what there is in it, the same in every copy
`truth`             what everybody may see of it, by the oracle
`planted_module`    one copy for a module whose tests only read
`planted_database`  a copy of one test alone, to write to
"""

from __future__ import annotations

import pickle
from collections.abc import AsyncIterator

import pytest

from hub.base.db import Server
from schema.build import registry
from tests import harness
from tests.keeping import Keeping
from tests.policy.expected import Oracle, oracle
from tests.policy.planted import Planted
from tests.policy.stories import build

PICKLE = "planted.pickle"


@pytest.fixture(scope="session")
async def planted_template(anyio_backend: str, shared: harness.Shared) -> Server:
    """The database that copies are made of; made by whichever worker of the run comes first."""
    name = "planted"
    source = await harness.template(shared)
    with harness._once(shared.folder / name) as missing:
        if missing:
            await harness._make(shared, name, source)
            world = await build(shared.database(name), shared.settings)
            (shared.folder / PICKLE).write_bytes(pickle.dumps(world))
            await harness._seal(shared, name)
    return shared.database(name)


@pytest.fixture(scope="session")
def planted(planted_template: Server, shared: harness.Shared) -> Planted:
    """Who there is, and ids by name."""
    return pickle.loads((shared.folder / PICKLE).read_bytes())  # noqa: S301 - written above, by us


@pytest.fixture(scope="session")
async def truth(planted_template: Server, planted: Planted, keeping: Keeping) -> Oracle:
    """The oracle over all rows, which are the same in every copy; nobody changes what it has read."""
    async with keeping.borrowed(planted_template) as server:
        return await oracle(server, planted, registry().schema)


@pytest.fixture(scope="module")
async def planted_module(planted_template: Server, keeping: Keeping) -> AsyncIterator[Server]:
    """One copy for a module whose tests only read."""
    async with keeping.borrowed(planted_template) as server:
        yield server


@pytest.fixture
async def planted_database(planted_template: Server, keeping: Keeping) -> AsyncIterator[Server]:
    """A copy to write to."""
    async with keeping.borrowed(planted_template) as server:
        yield server
