"""From nothing to the newest revision and back; what the tables say is what the database has."""

from __future__ import annotations

import ast
import asyncio
import pickle
import subprocess
import sys
from collections.abc import AsyncIterator

import asyncpg
import pytest

from hub.base.db import Server
from hub.settings import Settings
from hub.tables import metadata
from migrations import run
from migrations.drift import check_drift
from tests import harness
from tests.harness import Shared, connect_as, run_sql

pytestmark = pytest.mark.anyio

RELATIONS = """
select relname, relkind::text, relowner::regrole::text as owner from pg_class
 where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm', 'S') order by 1
"""

# Privileges nobody ever touched are stored as null and mean the same as the default spelt out.
WALLS = """
select 'policy ' || p::text as line from pg_policies p where schemaname = 'public'
union all
select 'row security ' || relname || ' ' || relrowsecurity || ' ' || relforcerowsecurity from pg_class
 where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
union all
select 'relation ' || relname || ' ' || a::text
  from pg_class,
       unnest(coalesce(relacl, acldefault(case relkind when 'S' then 's' else 'r' end::"char", relowner))) a
 where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm', 'S')
union all
select 'column ' || a.attrelid::regclass || '.' || a.attname || ' ' || x::text from pg_attribute a, unnest(a.attacl) x
 where a.attrelid in (select oid from pg_class where relnamespace = 'public'::regnamespace)
union all
select 'function ' || p.oid::regprocedure || ' ' || a::text
  from pg_proc p, unnest(coalesce(p.proacl, acldefault('f', p.proowner))) a
 where p.pronamespace = 'public'::regnamespace
"""

# What a revision made, function bodies and triggers included; extensions are the administrator's.
CODE = """
select p.oid::regprocedure::text || pg_get_functiondef(p.oid) as line from pg_proc p
 where p.pronamespace = 'public'::regnamespace and p.proowner = $1::regrole
union all
select tgrelid::regclass::text || pg_get_triggerdef(oid) from pg_trigger where not tgisinternal
order by 1
"""


@pytest.fixture
async def empty(anyio_backend: str, shared: Shared) -> AsyncIterator[Server]:
    """A database without a single revision."""
    async with harness.empty(shared) as server:
        yield server


async def walls(server: Server) -> list[str]:
    """Policies and privileges, as text; the order in which they were granted does not matter."""
    return sorted({row["line"] for row in await run_sql(server, WALLS)})


async def code(server: Server) -> list[str]:
    """Functions and triggers of the owner, as text."""
    return [row["line"] for row in await run_sql(server, CODE, server.role("owner"))]


async def test_from_nothing_every_table_is_made_and_owned_by_the_owner(database: Server) -> None:
    relations = await run_sql(database, RELATIONS)
    tables = {row["relname"] for row in relations if row["relkind"] in ("r", "p")}
    assert tables == {*metadata.tables, "alembic_version"}
    assert {row["owner"] for row in relations} == {database.role("owner")}
    assert await run.current(database) == run.head()


async def test_the_database_is_what_the_tables_say(database: Server) -> None:
    drift = await check_drift(database)
    assert drift == [], "a new revision in migrations/versions makes up for:\n" + "\n".join(drift)


async def test_drift_is_told_to_the_letter(database: Server) -> None:
    async with connect_as(database, "owner") as connection:
        await connection.execute(
            "alter table users add column shoe_size integer default 41;"
            "alter table users drop constraint ck_users_language;"
            "alter table users add constraint ck_users_language check (language in ('zh-CN', 'en', 'fr'));"
            "alter table users alter column active drop default"
        )
    was, now = "ARRAY['zh-CN'::text, 'en'::text]", "ARRAY['zh-CN'::text, 'en'::text, 'fr'::text]"
    assert await check_drift(database) == [
        "database lacks: users has ck_users_language CHECK ((language = ANY (" + was + ")))",
        "database lacks: users.active is boolean not null default true",
        "tables lack: users has ck_users_language CHECK ((language = ANY (" + now + ")))",
        "tables lack: users.active is boolean not null",
        "tables lack: users.shoe_size is integer default 41",
    ]


async def test_looking_for_drift_leaves_nothing_behind(database: Server) -> None:
    before = [tuple(row) for row in await run_sql(database, "select nspname from pg_namespace order by 1")]
    await check_drift(database)
    assert [
        tuple(row) for row in await run_sql(database, "select nspname from pg_namespace order by 1")
    ] == before


async def test_the_newest_revision_goes_down_and_up(database: Server, settings: Settings) -> None:
    before = await walls(database), await code(database)
    await run.downgrade(database, run.revisions()[-2])
    assert await run.current(database) == run.revisions()[-2]
    assert await run.upgrade(database, settings) == (run.head(),)
    assert (await walls(database), await code(database)) == before


async def test_without_the_policy_no_role_may_do_anything(database: Server) -> None:
    await run.downgrade(database, "0001")
    granted = [line for line in await walls(database) if f"{database.prefix}_" in line.partition("=")[0]]
    assert [line for line in granted if f" {database.role('owner')}=" not in line] == []
    assert [line for line in await walls(database) if line.startswith("policy")] == []
    assert [
        line for line in await walls(database) if line.startswith("row security") and "true" in line
    ] == []


async def test_all_the_way_down_leaves_an_empty_schema_and_up_again_is_the_same(
    database: Server, settings: Settings
) -> None:
    before = await walls(database), await code(database)
    await run.downgrade(database, "base")
    assert [row["relname"] for row in await run_sql(database, RELATIONS)] == ["alembic_version"]
    assert await code(database) == []
    assert await run.upgrade(database, settings) == run.revisions()
    assert (await walls(database), await code(database)) == before
    assert await check_drift(database) == []


async def test_a_second_run_does_nothing_and_does_not_even_import_alembic(database: Server) -> None:
    program = (
        "import asyncio, sys, pickle\n"
        "from migrations import run\n"
        "server = pickle.load(sys.stdin.buffer)\n"
        "print(asyncio.run(run.upgrade(server)), 'alembic' in sys.modules)"
    )
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", program],
        input=pickle.dumps(database),
        capture_output=True,
        cwd=harness.ROOT,
        check=False,
    )
    assert (done.stdout, done.stderr) == (b"() False\n", b"")


async def test_of_two_that_start_together_one_migrates(empty: Server, settings: Settings) -> None:
    done = await asyncio.gather(run.upgrade(empty, settings), run.upgrade(empty, settings))
    assert sorted(done) == [(), run.revisions()]
    assert await check_drift(empty) == []


async def test_a_revision_that_fails_leaves_nothing(empty: Server, settings: Settings) -> None:
    await run.upgrade(empty, settings)
    await run.downgrade(empty, "base")
    last = "visits"  # made late in the first revision: no earlier one stays behind
    async with connect_as(empty, "owner") as connection:
        await connection.execute(f"create table {last} (in_the_way integer)")
    with pytest.raises(asyncpg.DuplicateTableError):
        await run.upgrade(empty, settings)
    assert {row["relname"] for row in await run_sql(empty, RELATIONS)} == {"alembic_version", last}
    assert await run.current(empty) is None


def test_revisions_are_numbered_without_a_gap_and_say_why() -> None:
    files = sorted(run.VERSIONS.glob("*.py"))
    numbers = [path.name.partition("_")[0] for path in files]
    assert numbers == [f"{number:04}" for number in range(1, len(files) + 1)]
    for path, number, previous in zip(files, numbers, [None, *numbers], strict=False):
        tree = ast.parse(path.read_text())
        facts = {
            node.targets[0].id: ast.literal_eval(node.value)
            for node in tree.body
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
        }
        assert (facts["revision"], facts["down_revision"]) == (number, previous)
        assert len(ast.get_docstring(tree) or "") > 60, (
            f"{path.name}: the docstring says why the revision exists"
        )


def test_a_revision_never_calls_todays_tables_or_policy() -> None:
    for path in run.VERSIONS.glob("*.py"):
        imported = {
            node.module if isinstance(node, ast.ImportFrom) else node.names[0].name
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.Import | ast.ImportFrom)
        }
        assert imported <= {"migrations.script", "alembic", "sqlalchemy"}, path.name
