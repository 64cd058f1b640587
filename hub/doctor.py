"""`hub doctor`: what is wrong with this installation, and how to mend it. It looks and changes nothing.

Each check is a function that yields findings: what it saw, and for anything but OK the way out in the operator's words.
"""

from __future__ import annotations

import dataclasses
import enum
import ipaddress
import os
import resource
import shutil
import stat
import sys
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import asyncpg

from hub.base.db import Server
from hub.data_folder import SECRET_BYTES, OperatorError
from hub.running import found
from hub.settings import Settings
from hub.up import UNREACHABLE
from migrations.drift import check_drift
from migrations.roles import login_names, roles_ready
from migrations.run import connect, current, head

MIN_PYTHON = (3, 11)
MIN_POSTGRES = 15
MIN_FREE_BYTES = 1_000_000_000
MIN_FILES = 1024
MAX_CLOCK_SECONDS = 2.0
MAX_OUTBOX_SECONDS = 120.0
"""A worker looks every 15 seconds; what has waited longer than this tells that none runs."""


class Level(enum.Enum):
    """How bad a finding is: WRONG makes the command fail."""

    OK = "ok"
    DOUBTFUL = "look"
    WRONG = "WRONG"


@dataclasses.dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    level: Level
    what: str
    way_out: str = ""


def ok(what: str) -> Finding:
    """Nothing to do."""
    return Finding(Level.OK, what)


async def examine(settings: Settings) -> AsyncIterator[Finding]:
    """Every finding, in the order in which an operator would mend them."""
    for finding in (*machine(), *folder(settings.data), *settings_fit(settings)):
        yield finding
    try:
        server = found(settings)
    except OperatorError as error:
        yield Finding(Level.DOUBTFUL, f"the database was not looked at: {error}")
        return
    async for finding in database(settings, server):
        yield finding


def machine() -> Iterator[Finding]:
    """The interpreter and the limits of the process."""
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < MIN_PYTHON:
        yield Finding(Level.WRONG, f"Python {version}", "Start with Python 3.11 or newer.")
    else:
        yield ok(f"Python {version}")
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if files < MIN_FILES:
        yield Finding(Level.DOUBTFUL, f"{files} open files allowed", f"Allow more: ulimit -n {MIN_FILES * 4}")
    else:
        yield ok(f"{files} open files allowed")


def folder(data: Path) -> Iterator[Finding]:
    """The data folder: there, ours, closed to others, with room left."""
    if not data.is_dir():
        yield Finding(Level.DOUBTFUL, f"no data folder {data} yet", "The first start makes it.")
        return
    if not os.access(data, os.W_OK | os.X_OK):
        yield Finding(
            Level.WRONG, f"{data} is not writable", "Run as its owner, or choose another with --data."
        )
    for name in ("secret", "signing-key.json", "pg-password", "demo-password"):
        yield from _private(data / name)
    free = shutil.disk_usage(data).free
    if free < MIN_FREE_BYTES:
        yield Finding(
            Level.WRONG,
            f"{free // 1_000_000} MB left on the disk of {data}",
            "Make room, or move the data folder.",
        )
    else:
        yield ok(f"{free // 1_000_000_000} GB left on the disk of {data}")


def _private(path: Path) -> Iterator[Finding]:
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return
    if mode & 0o077:
        yield Finding(Level.WRONG, f"{path} can be read by others (mode {mode:o})", f"chmod 600 {path}")
    elif path.name == "secret" and path.stat().st_size < SECRET_BYTES:
        yield Finding(
            Level.WRONG, f"{path} is cut short", "Put the right one back: without it nothing can be opened."
        )
    else:
        yield ok(f"{path.name} is closed to others")


def settings_fit(settings: Settings) -> Iterator[Finding]:
    """Settings that each are valid, and together are not."""
    outward = not _is_loopback(settings.host)
    if outward and settings.demo:
        yield Finding(
            Level.WRONG,
            "demo sign-in is open on an outward address",
            "Unset HUB_DEMO, or HUB_HOST=127.0.0.1.",
        )
    if outward and _names_loopback(settings.issuer):
        yield Finding(
            Level.WRONG,
            f"HUB_ISSUER is {settings.issuer}, which only this machine reaches",
            "Set it to the address that clients use, such as https://hub.example.org.",
        )
    if settings.issuer.startswith("http://") and not _names_loopback(settings.issuer):
        yield Finding(
            Level.WRONG, f"HUB_ISSUER is {settings.issuer}: tokens travel unencrypted", "Use https in front."
        )
    if settings.pooler == "transaction" and settings.database_url is None:
        yield Finding(Level.WRONG, "HUB_POOLER without DATABASE_URL", "Unset HUB_POOLER, or name the pooler.")
    if settings.database_url is None and outward:
        yield Finding(
            Level.DOUBTFUL,
            "the embedded database serves other machines",
            "Back up the data folder; for a city use DATABASE_URL.",
        )
    if settings.database_url is not None and "HUB_SECRET" not in os.environ:
        yield Finding(
            Level.DOUBTFUL,
            "HUB_SECRET is not set: the secret lies in the data folder of this machine",
            "Every process and machine on one database needs the same one; keep it apart from the database's backup.",
        )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _names_loopback(url: str) -> bool:
    host = url.split("//", 1)[-1].rsplit(":", 1)[0].strip("[]/")
    return _is_loopback(host)


async def database(settings: Settings, server: Server) -> AsyncIterator[Finding]:
    """Reached, new enough, migrated, walled, and worked on."""
    try:
        connection = await connect(server)
    except UNREACHABLE as error:
        yield Finding(
            Level.WRONG,
            f"the database on {server.host}:{server.port} does not let {server.admin_user} in ({type(error).__name__})",
            "Check DATABASE_URL, and that PostgreSQL runs.",
        )
        return
    try:
        async for finding in _server_of(settings, server, connection):
            yield finding
        if await current(server) != head():
            yield Finding(
                Level.WRONG,
                f"the database is at {await current(server)}, the hub at {head()}",
                "python3 -m hub migrate",
            )
            return
        yield ok(f"migrated to {head()}")
        for finding in (*await _walls(server, connection), await _outbox(connection)):
            yield finding
    finally:
        await connection.close()
    if not server.pooled:
        for line in await check_drift(server):
            yield Finding(
                Level.WRONG, f"tables were changed by hand: {line}", "Undo it, or restore a backup."
            )


async def _server_of(
    settings: Settings, server: Server, connection: asyncpg.Connection
) -> AsyncIterator[Finding]:
    major = connection.get_server_version().major
    if major < MIN_POSTGRES:
        yield Finding(Level.WRONG, f"PostgreSQL {major}", f"Use PostgreSQL {MIN_POSTGRES} or newer.")
    else:
        yield ok(f"PostgreSQL {major}")
    there: datetime = await connection.fetchval("select now()")  # pyright: ignore[reportAssignmentType]
    apart = abs((there - datetime.now(UTC)).total_seconds())
    if apart > MAX_CLOCK_SECONDS:
        yield Finding(
            Level.WRONG, f"the clocks of hub and database are {apart:.0f} s apart", "Run NTP on both."
        )
    if not await roles_ready(connection, server, settings.time_zone):
        yield Finding(
            Level.WRONG,
            "the database roles are missing or differ (another secret, prefix or time zone?)",
            "python3 -m hub migrate, with the HUB_SECRET of the first start",
        )
    wanted = 4 * len(login_names()) + 20
    most: int = await connection.fetchval(  # pyright: ignore[reportAssignmentType]
        "select setting::int from pg_settings where name = 'max_connections'"
    )
    if most < wanted:
        yield Finding(
            Level.DOUBTFUL,
            f"max_connections is {most}; one process of the hub may want {wanted}",
            "Raise it, or put a pooler in front and set HUB_POOLER=transaction.",
        )


async def _walls(server: Server, connection: asyncpg.Connection) -> list[Finding]:
    """Row-level security is on everywhere it belongs, and nowhere forced: forced, the guards would see no rows."""
    rows = await connection.fetch(
        """select relname, relrowsecurity, relforcerowsecurity from pg_class
            where relnamespace = 'public'::regnamespace and relkind = 'r'
              and relname in (select tablename from pg_policies where schemaname = 'public')
              and (not relrowsecurity or relforcerowsecurity) order by relname"""
    )
    findings = [
        Finding(
            Level.WRONG,
            f"row-level security of {row['relname']} is {'forced' if row['relforcerowsecurity'] else 'off'}",
            f"alter table {row['relname']} {'no force' if row['relforcerowsecurity'] else 'enable'} row level security",
        )
        for row in rows
    ]
    able = await connection.fetch(
        "select rolname from pg_roles where rolname like $1 and (rolsuper or rolbypassrls)",
        f"{server.prefix}\\_%",
    )
    findings += [
        Finding(
            Level.WRONG,
            f"{row['rolname']} passes every wall",
            f"alter role {row['rolname']} nosuperuser nobypassrls",
        )
        for row in able
    ]
    return findings or [ok("row-level security stands")]


async def _outbox(connection: asyncpg.Connection) -> Finding:
    seconds = await connection.fetchval(
        """select extract(epoch from now() + make_interval(secs => coalesce(
                      (select max(offset_seconds) from public.demo_clock), 0)) - min(available_at))::float8
             from public.outbox where done_at is null"""
    )
    if seconds is not None and seconds > MAX_OUTBOX_SECONDS:
        return Finding(
            Level.WRONG,
            f"notices wait for {seconds / 60:.0f} minutes: no worker runs",
            "python3 -m hub worker",
        )
    return ok("the worker keeps up")
