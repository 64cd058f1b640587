"""What a test did to a kept copy of the world is not there for the next one."""

from __future__ import annotations

from typing import Any

import pytest

from hub.base.db import Server
from tests import harness
from tests.keeping import Keeping

pytestmark = pytest.mark.anyio

DIGESTS = """
select coalesce(md5(string_agg(t::text, '|' order by t::text)), '') as digest from {} t
"""


async def _seen(server: Server) -> dict[str, Any]:
    async with harness.connect_as(server, "admin") as connection:
        names = await connection.fetch(
            "select tablename from pg_tables where schemaname = 'public' order by 1"
        )
        found = {name: await connection.fetchval(DIGESTS.format(name)) for (name,) in names}
        number = await connection.fetchval("select last_value from reference_numbers")
    return {**found, "reference_numbers": number}


async def _spoil(server: Server) -> None:
    """Change, delete and add rows, in history as well, and use up a number."""
    async with harness.connect_as(server, "admin") as connection, connection.transaction():
        await connection.execute("set local session_replication_role = replica")
        await connection.execute("update persons set name = name || '!'")
        await connection.execute("delete from notices")
        await connection.execute("delete from users where id = (select id from users limit 1)")
        await connection.execute(
            "insert into audit_events select (jsonb_populate_record(a, jsonb_build_object('id', gen_random_uuid()))).*"
            " from audit_events a limit 1"
        )
        await connection.execute("select nextval('reference_numbers')")


@pytest.fixture
async def own(world: Any, shared: harness.Shared) -> Any:
    """Not the process's own, so that this test decides what becomes of its copies."""
    keeping = Keeping(shared)
    yield keeping
    await keeping.close()


async def test_a_copy_is_given_back_as_it_was(own: Keeping, shared: harness.Shared) -> None:
    source = await harness.world_template(shared)
    for _ in range(2):  # what was put back is put back again
        async with own.borrowed(source) as server:
            before = await _seen(server)
            await _spoil(server)
            assert await _seen(server) != before
        async with own.borrowed(source) as again:
            assert again.database == server.database
            assert await _seen(again) == before
            with pytest.raises(Exception, match="audit_events"):  # its guard is back
                await harness.run_sql(again, "delete from audit_events")


async def test_a_copy_whose_schema_changed_is_thrown_away(own: Keeping, shared: harness.Shared) -> None:
    source = await harness.world_template(shared)
    async with own.borrowed(source) as server:
        await harness.run_sql(server, "alter table persons disable trigger all")
    async with own.borrowed(source) as other:
        assert other.database != server.database
