"""The database roles: an owner nobody logs in as, logins for writes and the system, one per hub role for reads.

Roles belong to the whole server, not to one database, so they are made outside the revisions, idempotently,
under an advisory lock. The administrator needs CREATEROLE and the ownership of the database, not superuser
rights. An operator who grants neither runs the text of `roles_sql` by hand (`hub migrate --print-roles`).

A comment on the owner role carries a fingerprint of what was made, keyed with the hub's secret: one query
tells an up-to-date server from one that has to be touched, without reading password hashes.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets

import asyncpg

from auth.roles import READ_ROLES
from hub.base.db import Server

DEFAULT_TIME_ZONE = "Asia/Shanghai"
EXTENSIONS = ("btree_gist", "pg_trgm")
LOCK = 0x68756201
"""Key of the advisory lock around making roles; `migrations.run` uses the next one."""

SETTINGS = {
    "statement_timeout": "5s",
    "lock_timeout": "2s",
    "idle_in_transaction_session_timeout": "10s",
    "search_path": "public",
    "datestyle": "ISO, YMD",  # days are cast to text in replies and cursors; an operator's server may say otherwise
}
"""Set on the roles themselves, since what a session sets is lost or leaks behind a transaction pooler."""

READ_SETTINGS = {"plan_cache_mode": "force_generic_plan", "jit": "off"}
"""The planner's statements are few and long-lived: planning each anew costs more than a custom plan gains."""

SCRAM_ITERATIONS = 4096
PREFIX = re.compile(r"[a-z][a-z0-9_]{0,30}")


class RolesNotReady(Exception):
    """The administrator may not make what is missing; the message says so and names the way out."""


def read_names() -> tuple[str, ...]:
    """Short names of the read roles: `read_community_worker`, …"""
    return tuple(f"read_{role.value.lower()}" for role in READ_ROLES)


def login_names() -> tuple[str, ...]:
    """Short names of all roles that can log in."""
    return ("writer", "system", *read_names())


def identifier(name: str) -> str:
    """`name` as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: str) -> str:
    """`value` as an SQL string literal (standard_conforming_strings)."""
    return "'" + value.replace("'", "''") + "'"


def scram_verifier(password: str, salt: bytes | None = None, iterations: int = SCRAM_ITERATIONS) -> str:
    """What PostgreSQL stores for an ASCII password (RFC 5803): the password itself never travels, nor is logged."""
    salt = secrets.token_bytes(16) if salt is None else salt
    salted = hashlib.pbkdf2_hmac("sha256", password.encode("ascii"), salt, iterations)
    stored_key = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server_key = hmac.digest(salted, b"Server Key", "sha256")
    parts = (base64.b64encode(part).decode() for part in (salt, stored_key, server_key))
    return "SCRAM-SHA-256${}:{}${}:{}".format(iterations, *parts)


def roles_sql(server: Server, time_zone: str = DEFAULT_TIME_ZONE) -> str:
    """The whole step as SQL for an operator: run it as an administrator connected to the hub's database.

    It is safe to run again. Passwords appear only as SCRAM verifiers.
    """
    return "\n".join(
        (
            f"-- Roles of the service hub; run this connected to the database {server.database}.",
            "begin;",
            _script(server, time_zone),
            "commit;\n",
        )
    )


async def ensure_roles(
    connection: asyncpg.Connection, server: Server, time_zone: str = DEFAULT_TIME_ZONE
) -> bool:
    """Make roles, extensions and grants where something is missing. Returns whether anything was done.

    `connection` is the administrator's, outside a transaction. Raises RolesNotReady when its rights do not
    suffice.
    """
    if await roles_ready(connection, server, time_zone):
        return False
    try:
        async with connection.transaction():
            await connection.execute(_script(server, time_zone))
    except asyncpg.InsufficientPrivilegeError as error:
        raise RolesNotReady(_way_out(server)) from error
    if not await roles_ready(connection, server, time_zone):  # REVOKE without the right to is only a warning
        raise RolesNotReady(_way_out(server))
    return True


async def roles_ready(
    connection: asyncpg.Connection, server: Server, time_zone: str = DEFAULT_TIME_ZONE
) -> bool:
    """Whether the server and this database carry exactly what `roles_sql` would make."""
    may_set = "SET" if connection.get_server_version().major >= 16 else "MEMBER"
    ready = await connection.fetchval(
        _READY,
        server.role("owner"),
        [server.role(name) for name in login_names()],
        _fingerprint(server, time_zone),
        list(EXTENSIONS),
        may_set,
    )
    return bool(ready)


def _way_out(server: Server) -> str:
    return (
        f"The database administrator {server.admin_user} may not make the hub's roles in {server.database}:"
        " it needs CREATEROLE and the ownership of the database. Grant it both, or let an administrator run"
        " the SQL that `hub migrate --print-roles` prints."
    )


def _script(server: Server, time_zone: str) -> str:
    if not PREFIX.fullmatch(server.prefix):
        raise ValueError(
            f"role prefix {server.prefix!r}: at most 31 of a-z, 0-9 and _, beginning with a letter"
        )
    parts = [f"select pg_advisory_xact_lock({LOCK});", _OWNER.replace("{owner}", server.role("owner"))]
    for name in login_names():
        parts += [_create(server.role(name)), _password(server, name), *_settings(server, name, time_zone)]
    parts += [_membership(server), _database(server)]
    parts += [f"comment on role {server.role('owner')} is {literal(_fingerprint(server, time_zone))};"]
    return "\n".join(parts)


def _create(role: str) -> str:
    return _IF_MISSING.replace("{role}", role).replace("{options}", "login")


def _password(server: Server, name: str) -> str:
    return f"alter role {server.role(name)} login password {literal(scram_verifier(server.password(name)))};"


def _settings(server: Server, name: str, time_zone: str) -> list[str]:
    settings = {"timezone": time_zone, **SETTINGS, **(READ_SETTINGS if name.startswith("read_") else {})}
    return [
        f"alter role {server.role(name)} set {key} = {literal(value)};" for key, value in settings.items()
    ]


def _membership(server: Server) -> str:
    return _MEMBERSHIP.replace("{owner}", server.role("owner")).replace("{admin}", literal(server.admin_user))


def _database(server: Server) -> str:
    owner, logins = server.role("owner"), _logins(server)
    return "\n".join(
        (
            *(f"create extension if not exists {name} schema public;" for name in EXTENSIONS),
            database_access_sql(server),
            "revoke all on schema public from public;",
            f"grant usage on schema public to {logins};",
            f"grant usage, create on schema public to {owner};",
            f"set local role {owner};",
            "alter default privileges revoke execute on functions from public;",
            "reset role;",
        )
    )


def database_access_sql(server: Server) -> str:
    """Who may connect. It is the part that a copy (CREATE DATABASE … TEMPLATE) does not take along."""
    database = identifier(server.database)
    # Without TEMPORARY nobody can put a table of his own in front of one of ours.
    return (
        f"revoke all on database {database} from public;\n"
        f"grant connect on database {database} to {_logins(server)}, {identifier(server.admin_user)};"
    )


def _logins(server: Server) -> str:
    return ", ".join(server.role(name) for name in login_names())


def _fingerprint(server: Server, time_zone: str) -> str:
    """Of everything server-wide: names, settings and, through the key, passwords."""
    settings = [line for name in login_names() for line in _settings(server, name, time_zone)]
    text = "\n".join((_OWNER, _IF_MISSING, _MEMBERSHIP, str(SCRAM_ITERATIONS), *settings))
    return "service hub roles " + hmac.digest(server.secret, text.encode(), "sha256").hex()[:32]


_IF_MISSING = """
do $$ begin
  if not exists (select from pg_roles where rolname = '{role}') then
    create role {role} {options};
  end if;
  if exists (select from pg_roles where rolname = '{role}' and (rolsuper or rolbypassrls)) then
    raise exception 'role {role} exists and passes row-level security: choose another role prefix';
  end if;
end $$;""".lstrip()

_OWNER = (
    _IF_MISSING.replace("{role}", "{owner}").replace("{options}", "nologin") + "\nalter role {owner} nologin;"
)

# From PostgreSQL 16 on the maker of a role may administer it but not become it, and the options have a syntax
# of their own. Whoever runs this needs SET too, for the default privileges below; without INHERIT nothing is
# owned by accident.
_MEMBERSHIP = """
do $$
declare
  modern constant boolean := current_setting('server_version_num')::int >= 160000;
  options constant text := case when modern then ' with inherit false, set true' else '' end;
  member text;
begin
  for member in select current_user::text union select {admin} loop
    execute format('grant {owner} to %I', member) || options;
  end loop;
end $$;""".lstrip()

_READY = """
select coalesce(shobj_description(o.oid, 'pg_authid') = $3, false)
   and pg_has_role(o.oid, $5)
   and has_schema_privilege(o.oid, 'public', 'CREATE')
   and not has_schema_privilege('public', 'public', 'USAGE')
   and not has_database_privilege('public', current_database(), 'CONNECT')
   and (select count(*) = cardinality($2::text[])
          and bool_and(has_database_privilege(r.oid, current_database(), 'CONNECT')
                       and has_schema_privilege(r.oid, 'public', 'USAGE'))
          from pg_roles r where r.rolname = any ($2) and r.rolcanlogin)
   and (select count(*) = cardinality($4::text[]) from pg_extension where extname = any ($4))
   and exists (select from pg_default_acl d
                where d.defaclrole = o.oid and d.defaclobjtype = 'f' and d.defaclnamespace = 0)
  from pg_roles o
 where o.rolname = $1 and not o.rolcanlogin
"""
