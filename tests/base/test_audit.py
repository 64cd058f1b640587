"""The audit chain: in commit order, one chain per street, and every later change is found."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from hub.base.audit import GLOBAL_CHAIN, LINKER_LOCK, Problem, digest, heads, link_chain, verify_chain
from hub.base.db import Server
from tests import harness
from tests.base.rows import Rows, rows_of

pytestmark = pytest.mark.anyio


@pytest.fixture
async def rows(database: Server) -> AsyncIterator[Rows]:
    async with rows_of(database) as rows:
        yield rows


async def link_all(rows: Rows) -> int:
    """Link until nothing waits: transactions of tests beside this one hold the chain back, they are on one server."""
    linked = 0
    async with asyncio.timeout(20):
        while True:
            linked += await link_chain(rows.connection)
            if not await rows.value("select count(*) from audit_unlinked"):
                return linked
            await asyncio.sleep(0.05)


async def chain(rows: Rows, chain_id: UUID) -> list[UUID]:
    """The events of a chain in its order."""
    query = "select event_id from audit_chain where chain_id = $1 order by position"
    return [row[0] for row in await rows.connection.fetch(query, chain_id)]


async def test_events_are_linked_per_street_and_the_rest_globally(rows: Rows) -> None:
    mine = [await rows.event() for _ in range(2)]
    nobodys = [await rows.event(street_id=None)]
    mine.append(await rows.event())
    assert await link_all(rows) == 4
    assert await chain(rows, rows.street) == mine
    assert await chain(rows, GLOBAL_CHAIN) == nobodys
    assert await link_chain(rows.connection) == 0
    mine.append(await rows.event())
    assert await link_all(rows) == 1
    assert await chain(rows, rows.street) == mine
    assert await verify_chain(rows.connection, rows.street) == []
    assert await verify_chain(rows.connection, GLOBAL_CHAIN) == []
    assert await rows.value("select count(*) from audit_unlinked") == 0


async def test_nothing_is_linked_before_an_earlier_transaction_has_ended(
    rows: Rows, database: Server
) -> None:
    async with harness.connect_as(database, "admin") as other:
        slow = other.transaction()
        await slow.start()
        early = uuid4()
        copy = Rows(other)
        copy.street = rows.street
        await copy.event(id=early)
        late = await rows.event()  # begun after, committed before
        assert await link_chain(rows.connection) == 0
        await slow.commit()
    assert await link_all(rows) == 2
    assert await chain(rows, rows.street) == [early, late]
    assert await verify_chain(rows.connection, rows.street) == []


async def test_an_event_that_was_rolled_back_leaves_no_gap(rows: Rows) -> None:
    first = await rows.event()
    async with rows.connection.transaction():
        undone = rows.connection.transaction()
        await undone.start()
        await rows.event()
        await undone.rollback()
    last = await rows.event()
    await link_all(rows)
    assert await chain(rows, rows.street) == [first, last]


async def test_only_one_links_at_a_time(rows: Rows, database: Server) -> None:
    await rows.event()
    async with harness.connect_as(database, "admin") as other:
        await other.execute("select pg_advisory_lock($1)", LINKER_LOCK)
        assert await link_chain(rows.connection) == 0
    assert await link_all(rows) == 1


async def tamper(rows: Rows, statement: str, *args: object) -> None:
    """What only a superuser with bad intent can do."""
    for table in ("audit_events", "audit_chain"):
        await rows.connection.execute(f"alter table {table} disable trigger user")
    await rows.connection.execute(statement, *args)


async def test_a_changed_event_is_found(rows: Rows) -> None:
    events = [await rows.event() for _ in range(3)]
    await link_all(rows)
    await tamper(rows, """update audit_events set facts = '{"amount": 1}' where id = $1""", events[1])
    assert await verify_chain(rows.connection, rows.street) == [Problem("hash", events[1], 2)]


async def test_a_removed_link_and_an_event_outside_any_chain_are_found(rows: Rows) -> None:
    events = [await rows.event() for _ in range(3)]
    await link_all(rows)
    await tamper(rows, "delete from audit_chain where event_id = $1", events[1])
    assert await verify_chain(rows.connection, rows.street) == [
        Problem("gap", events[2], 3),
        Problem("hash", events[2], 3),
        Problem("unlinked", events[1]),
    ]


async def test_an_event_moved_to_another_street_is_found(rows: Rows) -> None:
    event = await rows.event()
    await link_all(rows)
    await tamper(rows, "update audit_events set street_id = null where id = $1", event)
    found = await verify_chain(rows.connection, rows.street)
    assert found == [Problem("street", event, 1), Problem("hash", event, 1)]
    assert await verify_chain(rows.connection, GLOBAL_CHAIN) == []


async def test_an_event_restored_from_another_cluster_is_linked_first(rows: Rows) -> None:
    ours = await rows.event()
    restored = await rows.event(xid=2**40)
    assert await link_all(rows) == 2
    assert await chain(rows, rows.street) == [restored, ours]


async def test_a_head_kept_elsewhere_names_the_newest_link(rows: Rows) -> None:
    for _ in range(2):
        await rows.event()
    await link_all(rows)
    (head,) = await heads(rows.connection, [rows.street, uuid4()])
    assert (head.chain_id, head.position, len(head.hash)) == (rows.street, 2, 32)


def test_the_digest_does_not_depend_on_columns_without_a_value() -> None:
    event = {
        "id": UUID(int=1),
        "occurred_at": datetime(2026, 11, 24, tzinfo=UTC),
        "facts": '{"b": 1, "a": "二"}',
    }
    same = {
        "facts": {"a": "二", "b": 1},
        **{name: event[name] for name in ("occurred_at", "id")},
        "later": None,
    }
    assert digest(bytes(32), event) == digest(bytes(32), same)
    assert digest(bytes(32), event).hex() == digest(bytes(32), event).hex()
