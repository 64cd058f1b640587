"""The second wall: the database holds exactly what the policy says, and holds against whoever passes Python by.

Hostile statements come from the real logins. Most have a control: the same statement goes through once the one thing
that should have stopped it is taken away.
"""

from __future__ import annotations

from pathlib import Path

import asyncpg
import pytest

from auth.roles import READ_ROLES
from hub.base.db import Server
from hub.tables import metadata
from migrations import roles
from schema.build import registry
from schema.planner.describe import Derived, Struct
from schema.planner.registry import Registry
from schema.system_rights import SYSTEM_RIGHTS
from schema.walls import wall_sql
from tests import harness
from tests.policy.fields import FIELDS, shown
from tests.policy.planted import Planted
from tests.policy.sessions import refused, session
from tests.policy.unchanged import fingerprint
from tests.schema.gaps import GAPS

pytestmark = pytest.mark.anyio

POLICY = max((Path(__file__).parents[2] / "migrations" / "versions").glob("*_policy.sql"))
"""The newest revision's."""

SHARED = {"organizations", "qualifications", "service_types", "capacities", "users"}
"""Tables whose rows everybody may know, or that belong to no street: reference data, what partners can take on, and
users, of whom only commands may look any up."""

CATALOGUE = """
select format('policy %s on %s for %s to %s using %s check %s', policyname, tablename, cmd, roles, qual, with_check)
  from pg_policies where schemaname = 'public'
union all
select format('security of %s: %s %s', relname, relrowsecurity, relforcerowsecurity)
  from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
union all
select format('relation %s: %s', c.relname, a.acl) from pg_class c cross join unnest(c.relacl) as a (acl)
 where c.relnamespace = 'public'::regnamespace
union all
select format('column %s.%s: %s', c.relname, t.attname, a.acl)
  from pg_attribute t join pg_class c on c.oid = t.attrelid cross join unnest(t.attacl) as a (acl)
 where c.relnamespace = 'public'::regnamespace and not t.attisdropped
union all
select format('function %s: %s', p.oid::regprocedure, a.acl) from pg_proc p cross join unnest(p.proacl) as a (acl)
 where p.pronamespace = 'public'::regnamespace
   and p.proowner = (select c.relowner from pg_class c where c.relname = 'persons')
"""


POLICIES = "select policyname, tablename from pg_policies where schemaname = 'public'"
OURS = """
select p.oid::regprocedure::text as name from pg_proc p
 where p.pronamespace = 'public'::regnamespace and p.proowner = current_user::regrole
"""
"""The owner's functions; those of extensions are the administrator's."""


async def catalogue(server: Server) -> set[str]:
    """Every policy and privilege, one line each; but for what the owner has of its own."""
    owns = f": {server.role('owner')}="
    return {row[0] for row in await harness.run_sql(server, CATALOGUE) if owns not in row[0]}


# ------------------------------------------------------------------------------------------------------- the catalogue


def test_the_revision_holds_what_the_policy_generates() -> None:
    same = POLICY.read_text(encoding="utf-8") == wall_sql()
    assert same, (
        f"policy or columns have changed since {POLICY.name}: a new revision after its pattern holds what is written by"
        " python -m schema.walls > migrations/versions/NNNN_policy.sql"
    )


async def test_the_migrated_catalogue_is_that_of_the_policy_applied_afresh(database: Server) -> None:
    migrated = await catalogue(database)
    assert len(migrated) > 300
    async with harness.connect_as(database, "owner") as connection:
        for row in await connection.fetch(
            "select policyname, tablename from pg_policies where schemaname = 'public'"
        ):
            await connection.execute(f"drop policy {row['policyname']} on {row['tablename']}")
        for name in roles.login_names():
            role = database.role(name)
            await connection.execute(f"revoke all on all tables in schema public from {role}")
            await connection.execute(f"revoke all on all sequences in schema public from {role}")
            for row in await connection.fetch(OURS):
                await connection.execute(f"revoke all on function {row['name']} from {role}")
        for table in metadata.tables:
            await connection.execute(f"alter table {table} disable row level security")
        bare = await catalogue(database)
        assert not [line for line in bare if "policy" in line or database.role("writer") in line]
        await connection.execute(wall_sql().replace("{prefix}", database.prefix))
    assert await catalogue(database) == migrated


async def test_every_table_has_its_wall_and_no_role_passes_it(database: Server) -> None:
    rows = await harness.run_sql(
        database,
        "select relname, relrowsecurity as on, relforcerowsecurity as forced, pg_get_userbyid(relowner) as owner"
        " from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' and relname <> 'alembic_version'",
    )
    assert {row["relname"] for row in rows} == set(metadata.tables)
    assert {(row["on"], row["forced"], row["owner"]) for row in rows} == {
        (True, False, database.role("owner"))
    }
    ours = [database.role(name) for name in roles.login_names()]
    found = await harness.run_sql(
        database,
        "select rolname, rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication as strong,"
        " exists (select from pg_auth_members m where m.member = r.oid) as joined"
        " from pg_roles r where rolname = any ($1)",
        ours,
    )
    assert {(row["rolname"], row["strong"], row["joined"]) for row in found} == {
        (name, False, False) for name in ours
    }


async def test_nobody_holds_more_than_the_kinds_of_privilege_of_his_role(database: Server) -> None:
    """Reads only select, by column; the writer deletes no history; SYSTEM writes no status; PUBLIC has nothing."""
    query = """
        select g.role, c.relname as table, p.privilege, has_table_privilege(g.role, c.oid, p.privilege) as whole,
               has_any_column_privilege(g.role, c.oid, p.privilege) as some
          from unnest($1::text[]) as g (role)
         cross join pg_class c cross join (values ('select'), ('insert'), ('update')) as p (privilege)
         where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'"""
    ours = {name: database.role(name) for name in roles.login_names()}
    held: dict[str, set[tuple[str, str, bool]]] = {name: set() for name in ours}
    for row in await harness.run_sql(database, query, list(ours.values())):
        if row["some"]:
            name = next(short for short, role in ours.items() if role == row["role"])
            held[name].add((row["privilege"], row["table"], row["whole"]))
    for role in READ_ROLES:
        assert {(what, whole) for what, _, whole in held[f"read_{role.lower()}"]} <= {("select", False)}
    writes = {(table, whole) for what, table, whole in held["writer"] if what == "update"}
    assert writes == {(name, False) for name, table in metadata.tables.items() if "update" in table.info}
    assert {table for what, table, _ in held["system"] if what == "update"} == {"outbox"}
    assert {table for _, table, _ in held["system"]} == {right.table for right in SYSTEM_RIGHTS}
    deletes = """
        select grantee, table_name from information_schema.role_table_grants
         where privilege_type in ('DELETE', 'TRUNCATE', 'TRIGGER', 'REFERENCES') and table_schema = 'public'
           and grantee = any ($1)"""
    found = {(row[0], row[1]) for row in await harness.run_sql(database, deletes, list(ours.values()))}
    # What a draft says is written over until it is approved; triggers keep it from then on.
    drafts = ("referral_needs", "agreement_lines", "criteria", "milestones")
    kept = ("audit_unlinked", "idempotency_keys")  # SYSTEM's own bookkeeping
    assert found == {
        *((ours["writer"], table) for table in drafts),
        *((ours["system"], table) for table in kept),
    }
    public = """
        select count(*) from information_schema.role_table_grants
         where grantee = 'PUBLIC' and table_schema = 'public'"""
    assert (await harness.run_sql(database, public))[0][0] == 0


def computing(known: Registry, server: Server) -> set[tuple[str, str]]:
    """(function, login) of every function behind a field, and of every role that may see the field."""
    waiting = [
        (source, str(role))
        for role in READ_ROLES
        for type_name, rights in FIELDS.items()
        if str(role) in rights
        for field, source in known.types[type_name].fields.items()
        if shown(type_name, str(role), field)
    ]
    found: set[tuple[str, str]] = set()
    while waiting:
        source, role = waiting.pop()
        if isinstance(source, Derived):
            found.add((source.name, server.role(f"read_{role.lower()}")))
        if isinstance(source, Derived | Struct):
            waiting += [(inside, role) for inside in known.types[source.target].fields.values()]
    return found


async def test_functions_run_for_those_named_and_nobody_else(database: Server) -> None:
    query = """
        select p.proname, g.role from pg_proc p cross join unnest($1::text[]) as g (role)
         where p.pronamespace = 'public'::regnamespace and pg_get_userbyid(p.proowner) = $2
           and has_function_privilege(g.role, p.oid, 'execute')"""
    ours = [database.role(name) for name in roles.login_names()]
    found = {(row[0], row[1]) for row in await harness.run_sql(database, query, ours, database.role("owner"))}
    reading = [database.role(name) for name in roles.read_names()]
    live = {("hub_live", role) for role in ours} | {("memberships_over", role) for role in reading}
    assert found == live | computing(registry(), database) | {
        ("refresh_person_access", database.role("system")),
        ("audit_links", database.role("writer")),
        ("lock_fund_of_agreement", database.role("writer")),
        ("partner_serves", database.role("writer")),
        ("lock_line", database.role("writer")),
        ("line_usage", database.role("writer")),
        ("delivery_flags", database.role("writer")),
        ("lock_money", database.role("writer")),
        ("billable_units", database.role("writer")),
        ("criterion_value", database.role("writer")),
        ("milestone_limit", database.role("writer")),
        ("milestone_accepted", database.role("writer")),
        ("side_taken", database.role("writer")),
        ("payment_match", database.role("writer")),
        ("invoice_used_for", database.role("writer")),
        ("case_served", database.role("writer")),
        ("billed_by", database.role("writer")),
        ("stage_reversed", database.role("writer")),
        ("stage_unpaid", database.role("writer")),
        ("appeal_waiting", database.role("writer")),
        ("street_of_payment_request", database.role("writer")),
        ("delivery_proven_at", database.role("writer")),
        ("delivery_proven_at", database.role("system")),
    }
    behind = computing(GAPS, database)
    assert ("case_gaps", database.role("read_partner_worker")) in behind
    assert ("case_gap_units", database.role("read_partner_worker")) in behind
    assert {name for name, role in behind if role == database.role("read_admin")} == {"street_staffing_gaps"}
    loose = """select proname from pg_proc where pronamespace = 'public'::regnamespace and prosecdef
                  and coalesce(array_to_string(proconfig, ','), '') not like 'search_path=public, pg_temp%'"""
    assert await harness.run_sql(database, loose) == []


# ----------------------------------------------------------------------------------------------------- hostile sessions


@pytest.mark.parametrize("name", ["writer", *roles.read_names()])
async def test_without_settings_there_are_no_rows(planted_module: Server, name: str) -> None:
    async with session(planted_module, name) as connection:
        for table in sorted(set(metadata.tables) - SHARED):
            try:
                found = await connection.fetchval(f"select count(id) from {table}")
            except (asyncpg.InsufficientPrivilegeError, asyncpg.UndefinedColumnError):
                continue
            if table in ("audit_events", "outbox") and name == "writer":
                of_streets = f"select count(*) from {table} where street_id is not null"
                found = await connection.fetchval(of_streets)
            assert found == 0, table


@pytest.mark.parametrize("role", READ_ROLES)
async def test_read_logins_read_no_secret_and_write_nothing(planted_module: Server, role: str) -> None:
    before = await fingerprint(planted_module)
    async with session(planted_module, f"read_{role.lower()}") as connection:
        for column in (
            "id_number_sealed",
            "phone_sealed",
            "address_sealed",
            "door_notes_sealed",
            "id_number_index",
        ):
            await refused(connection, f"select {column} from persons")
        for table in ("users", "person_keys", "audit_chain", "audit_unlinked", "outbox", "idempotency_keys"):
            await refused(connection, f"select * from {table}")
            await refused(connection, f"select count(*) from {table}")
        await refused(connection, "select secret_hash from clients")
        for table in sorted(metadata.tables):
            await refused(connection, f"delete from {table}")
            await refused(connection, f"insert into {table} default values")
        await refused(connection, "update persons set version = 0")
        await refused(connection, "select refresh_person_access(gen_random_uuid())")
        await refused(connection, "select * from comparator_visits_90d")
    assert await fingerprint(planted_module) == before


@pytest.mark.parametrize("name", roles.login_names())
async def test_no_login_becomes_another_or_makes_anything(planted_module: Server, name: str) -> None:
    denied = (asyncpg.InsufficientPrivilegeError, asyncpg.InvalidParameterValueError)
    async with session(planted_module, name) as connection:
        for other in ("owner", *roles.login_names()):
            if other != name:
                await refused(connection, f"set role {planted_module.role(other)}", how=denied)
                await refused(
                    connection, f"set session authorization {planted_module.role(other)}", how=denied
                )
        await refused(connection, "create table mine (a int)")
        await refused(connection, "create temp table persons (a int)")
        await refused(connection, "create function mine() returns int language sql as 'select 1'")
        await refused(connection, "create schema mine")
        await refused(connection, "alter table persons disable row level security")
        await refused(connection, "drop policy write on persons", how=asyncpg.PostgresError)
        await refused(connection, f"alter role {planted_module.role(name)} bypassrls")
        await connection.execute("set row_security = off")
        table = "persons" if name != "read_finance_officer" and name != "read_admin" else "memberships"
        await refused(connection, f"select id from {table}")


async def test_a_read_login_sees_nothing_more_with_the_settings_of_another_role(
    planted_module: Server, planted: Planted
) -> None:
    partner = planted.viewers["bo"]
    async with session(planted_module, "read_community_worker", partner=partner.partner_id) as connection:
        assert await connection.fetchval("select count(id) from persons") == 0
    async with session(planted_module, "read_partner_worker", partner=partner.partner_id) as connection:
        assert await connection.fetchval("select count(id) from persons") == 0  # only by membership
