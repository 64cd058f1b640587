"""Idempotency keys: sent twice, done once; also at the same moment."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.roles import Role, Viewer
from hub.base.clock import FixedClock
from hub.base.db import Server
from hub.base.engine import writer_engine
from hub.base.errors import Conflict, Invalid
from hub.base.idempotency import Replay, forget, once, store
from hub.base.ids import Ids
from hub.base.ledgers import idempotency_keys
from hub.base.limits import KEEP_IDEMPOTENCY_DAYS
from hub.base.seal import Vault
from hub.base.transaction import Transaction, transaction
from tests import harness
from tests.base.rows import NOW

pytestmark = pytest.mark.anyio
WHO = uuid4()
ASKED = {"id": uuid4(), "note": "阿"}
MADE = {"type": "Visit", "id": "v", "version": 2}


@pytest.fixture
async def engine(database: Server) -> AsyncIterator[AsyncEngine]:
    engine = writer_engine(database)
    yield engine
    await engine.dispose()


def begin(engine: AsyncEngine, who: UUID = WHO) -> Any:
    """A transaction of a member."""
    viewer = Viewer(Role.STATION_WORKER, user_id=None, membership_id=who, organization_id=None)
    return transaction(engine, viewer, FixedClock(NOW), Ids(), Vault(bytes(32)))


async def do(
    tx: Transaction, request: dict = ASKED, command: str = "visit_record", key: str = "k"
) -> Replay | None:
    """Take the key and, unless done before, store what was made."""
    replay = await once(tx, WHO, key, command, request)
    if replay is None:
        await store(tx, WHO, key, MADE)
    return replay


async def test_the_second_time_is_a_replay(engine: AsyncEngine) -> None:
    async with begin(engine) as tx:
        assert await do(tx) is None
    async with begin(engine) as tx:
        assert await do(tx) == Replay("visit_record", MADE)
    other = uuid4()
    async with begin(engine, other) as tx:  # the same key of another principal is another key
        assert await once(tx, other, "k", "visit_record", ASKED) is None


async def test_another_request_under_the_key_is_a_mismatch(engine: AsyncEngine) -> None:
    async with begin(engine) as tx:
        await do(tx)
    changed: tuple[dict[str, Any], ...] = (
        {"request": {**ASKED, "note": "other"}},
        {"command": "visit_cancel"},
    )
    for other in changed:
        with pytest.raises(Conflict) as caught:
            async with begin(engine) as tx:
                await do(tx, **other)
        assert (caught.value.code, caught.value.path) == ("IDEMPOTENCY_MISMATCH", ("idempotencyKey",))


async def test_a_failed_attempt_frees_the_key(engine: AsyncEngine) -> None:
    async def fail() -> None:
        async with begin(engine) as tx:
            await do(tx)
            raise Conflict("stale")

    with pytest.raises(Conflict):
        await fail()
    async with begin(engine) as tx:
        assert await do(tx, {"id": "another request"}) is None


@pytest.mark.parametrize("key", ["", "k" * 101, "a\nb"])
async def test_a_key_that_is_none_is_refused(engine: AsyncEngine, key: str) -> None:
    with pytest.raises(Invalid) as caught:
        async with begin(engine) as tx:
            await do(tx, key=key)
    assert caught.value.path == ("idempotencyKey",)


@pytest.mark.parametrize("succeeds", [True, False])
async def test_a_twin_waits_for_the_first(engine: AsyncEngine, succeeds: bool) -> None:
    async def twin() -> Replay | None:
        async with begin(engine) as tx:
            return await do(tx)

    async def first() -> asyncio.Task[Replay | None]:
        async with begin(engine) as tx:
            assert await do(tx) is None
            waiting = asyncio.create_task(twin())
            await asyncio.sleep(0.2)
            assert not waiting.done()
            if not succeeds:
                await tx.connection.rollback()
        return waiting

    result = await (await first())
    assert result == (Replay("visit_record", MADE) if succeeds else None)


async def test_the_request_itself_is_not_stored(engine: AsyncEngine) -> None:
    async with begin(engine) as tx:
        await do(tx, {"phone": "13812348000"})
    async with begin(engine) as tx:
        row = (await tx.connection.execute(select(idempotency_keys))).one()
    assert "13812348000" not in str(tuple(row))
    assert len(row.request_hash) == 32


async def test_an_old_key_is_forgotten_by_the_system_and_a_younger_one_is_not(
    engine: AsyncEngine, database: Server
) -> None:
    async with begin(engine) as tx:
        await do(tx)
    last_day = NOW + timedelta(days=KEEP_IDEMPOTENCY_DAYS)
    async with harness.connect_as(database, "system") as connection:
        assert await forget(connection, last_day) == 0
        assert await forget(connection, last_day + timedelta(seconds=1)) == 1
    async with begin(engine) as tx:
        assert await do(tx) is None  # it means something new again
