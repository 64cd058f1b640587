"""The database roles: exactly these, with exactly these settings, made by administrators of every kind."""

from __future__ import annotations

import base64
import dataclasses
import secrets
from collections.abc import AsyncIterator

import asyncpg
import pytest

from hub.base.db import Server
from hub.settings import Settings
from migrations import roles, run
from tests import harness
from tests.harness import Shared, connect_as, run_sql

pytestmark = pytest.mark.anyio

ATTRIBUTES = """
select rolname, rolcanlogin, rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication as mighty
  from pg_roles where rolname like $1 order by 1
"""
COMMON = {
    "TimeZone": "Asia/Shanghai",
    "statement_timeout": "5s",
    "lock_timeout": "2s",
    "idle_in_transaction_session_timeout": "10s",
    "search_path": "public",
}


@pytest.fixture
async def fresh(anyio_backend: str, shared: Shared) -> AsyncIterator[Server]:
    """An empty database under a role prefix nobody else has, since roles belong to the whole server."""
    async with harness.empty(shared) as server:
        own = dataclasses.replace(
            server, prefix=f"{server.prefix}_r{secrets.token_hex(3)}", secret=secrets.token_bytes(32)
        )
        yield own
        await drop_roles(own)


async def drop_roles(server: Server) -> None:
    """Roles can go when the database that depends on them has gone."""
    async with connect_as(server.on("postgres"), "admin") as connection:
        await connection.execute(f"drop database if exists {server.database} with (force)")
        for row in await connection.fetch(
            "select rolname from pg_roles where rolname like $1", pattern(server)
        ):
            await connection.execute(f"drop role {row['rolname']}")


def pattern(server: Server) -> str:
    """LIKE pattern of the names of a server's roles."""
    return server.prefix.replace("_", r"\_") + r"\_%"


async def administrator(server: Server, rights: str, *, owns: bool) -> Server:
    """`server` as seen by a plain login with `rights`, which owns the database or does not."""
    name = server.role("operator")
    async with connect_as(server, "admin") as connection:
        await connection.execute(f"create role {name} login {rights} password 'plain'")
        await connection.execute(f"grant {name} to current_user")
        if owns:
            await connection.execute(f"alter database {server.database} owner to {name}")
    return dataclasses.replace(server, admin_user=name, admin_password="plain")


async def ensure(server: Server, time_zone: str = roles.DEFAULT_TIME_ZONE) -> bool:
    """One run of the step on a connection of its own."""
    async with connect_as(server, "admin") as connection:
        return await roles.ensure_roles(connection, server, time_zone)


async def test_one_owner_without_login_and_ten_logins_without_powers(fresh: Server) -> None:
    assert await ensure(fresh) is True
    rows = await run_sql(fresh, ATTRIBUTES, pattern(fresh))
    assert {row["rolname"]: row["rolcanlogin"] for row in rows} == {
        fresh.role("owner"): False,
        fresh.role("writer"): True,
        fresh.role("system"): True,
        fresh.role("read_community_worker"): True,
        fresh.role("read_station_worker"): True,
        fresh.role("read_street_director"): True,
        fresh.role("read_finance_officer"): True,
        fresh.role("read_partner_manager"): True,
        fresh.role("read_partner_worker"): True,
        fresh.role("read_auditor"): True,
        fresh.role("read_admin"): True,
    }
    assert [row["rolname"] for row in rows if row["mighty"]] == []


@pytest.mark.parametrize("name", roles.login_names())
async def test_settings_hold_from_login_on(database: Server, name: str) -> None:
    async with connect_as(database, name) as connection:
        seen = {row["name"]: row["setting"] for row in await connection.fetch("show all")}
    reads = name.startswith("read_")
    assert {key: seen[key] for key in COMMON} == COMMON
    assert seen["plan_cache_mode"] == ("force_generic_plan" if reads else "auto")
    assert seen["jit"] == "off" if reads else True


async def test_a_second_run_changes_nothing(fresh: Server) -> None:
    assert [await ensure(fresh), await ensure(fresh), await ensure(fresh)] == [True, False, False]


async def test_the_printed_text_may_run_again(fresh: Server) -> None:
    async with connect_as(fresh, "admin") as connection:
        await connection.execute(roles.roles_sql(fresh))
        await connection.execute(roles.roles_sql(fresh))
    assert await ensure(fresh) is False


async def test_another_time_zone_is_noticed(fresh: Server) -> None:
    await ensure(fresh)
    assert await ensure(fresh, "Asia/Urumqi") is True
    assert [row[0] for row in await run_sql(fresh, "show timezone", name="writer")] == ["Asia/Urumqi"]


async def test_another_secret_is_noticed_and_the_old_passwords_end(fresh: Server) -> None:
    await ensure(fresh)
    rotated = dataclasses.replace(fresh, secret=secrets.token_bytes(32))
    assert await ensure(rotated) is True
    assert [row[0] for row in await run_sql(rotated, "select 1", name="read_auditor")] == [1]
    with pytest.raises(asyncpg.InvalidPasswordError):
        await run_sql(fresh, "select 1", name="read_auditor")


async def test_a_right_taken_away_by_hand_is_given_again(fresh: Server) -> None:
    await ensure(fresh)
    await run_sql(fresh, f"grant connect on database {fresh.database} to public")
    assert await ensure(fresh) is True
    await run_sql(fresh, f"revoke usage on schema public from {fresh.role('read_admin')}")
    assert [await ensure(fresh), await ensure(fresh)] == [True, False]


async def test_an_owner_of_the_database_with_createrole_suffices(fresh: Server, settings: Settings) -> None:
    plain = await administrator(fresh, "createrole", owns=True)
    assert await run.upgrade(plain, settings) == run.revisions()
    assert await run.upgrade(plain, settings) == ()
    assert [row[0] for row in await run_sql(plain, "select current_user::text", name="writer")] == [
        plain.role("writer")
    ]
    await run.downgrade(plain, "base")
    assert await run.current(plain) is None


@pytest.mark.parametrize(("rights", "owns"), [("nocreaterole", True), ("createrole", False)])
async def test_too_few_rights_are_told_with_the_way_out(
    fresh: Server, settings: Settings, rights: str, owns: bool
) -> None:
    plain = await administrator(fresh, rights, owns=owns)
    with pytest.raises(roles.RolesNotReady, match="hub migrate --print-roles"):
        await run.upgrade(plain, settings)
    names = [row["rolname"] for row in await run_sql(fresh, ATTRIBUTES, pattern(fresh))]
    assert names == [fresh.role("operator")]


async def test_after_the_printed_text_a_login_without_any_right_migrates(
    fresh: Server, settings: Settings
) -> None:
    plain = await administrator(fresh, "nocreaterole", owns=False)
    async with connect_as(fresh, "admin") as connection:
        await connection.execute(roles.roles_sql(plain))
    assert await run.upgrade(plain, settings) == run.revisions()
    assert await run.upgrade(plain, settings) == ()


def test_no_password_is_printed(shared: Shared) -> None:
    text = roles.roles_sql(shared.server)
    assert [name for name in roles.login_names() if shared.server.password(name) in text] == []
    assert text.count("SCRAM-SHA-256$4096:") == len(roles.login_names())


async def test_the_verifier_is_the_one_postgresql_computes(fresh: Server) -> None:
    name, password = fresh.role("verifier"), fresh.password("writer")
    await run_sql(fresh, f"create role {name} login password '{password}'")
    rows = await run_sql(fresh, "select rolpassword from pg_authid where rolname = $1", name)
    stored = rows[0]["rolpassword"]
    iterations, salt = stored.split("$")[1].split(":")
    assert roles.scram_verifier(password, base64.b64decode(salt), int(iterations)) == stored


def test_a_prefix_that_would_need_quoting_is_refused(shared: Shared) -> None:
    with pytest.raises(ValueError, match="role prefix"):
        roles.roles_sql(dataclasses.replace(shared.server, prefix="Hub; drop"))


async def test_a_role_that_passes_row_level_security_is_refused(fresh: Server) -> None:
    await run_sql(fresh, f"create role {fresh.role('writer')} login bypassrls")
    with pytest.raises(asyncpg.RaiseError, match="passes row-level security"):
        await ensure(fresh)


async def test_a_stranger_cannot_even_connect(database: Server) -> None:
    stranger = f"{database.prefix}_s{secrets.token_hex(3)}"
    await run_sql(database, f"create role {stranger} login password 'x'")
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await asyncpg.connect(**{**database.admin_kwargs(), "user": stranger, "password": "x"})
    finally:
        await run_sql(database, f"drop role {stranger}")


@pytest.mark.parametrize(
    "attempt",
    [
        "set role {owner}",
        "create table mine (id integer)",
        "create temporary table users (id integer)",
        "create schema mine",
        "create function mine() returns integer language sql as 'select 1'",
        "alter table users disable row level security",
        "grant {owner} to {self}",
    ],
)
async def test_no_login_role_can_step_over_the_wall(module_database: Server, attempt: str) -> None:
    server = module_database
    for name in roles.login_names():
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await run_sql(
                server, attempt.format(owner=server.role("owner"), self=server.role(name)), name=name
            )


async def test_a_new_function_of_the_owner_is_nobodys_to_call(database: Server) -> None:
    async with connect_as(database, "owner") as connection:
        await connection.execute(
            "create function secret_answer() returns integer language sql as 'select 42'"
        )
    for name in roles.login_names():
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await run_sql(database, "select secret_answer()", name=name)


async def test_connecting_is_as_narrow_in_a_copy(database: Server) -> None:
    async with connect_as(database, "admin") as connection:
        assert await roles.roles_ready(connection, database)
