"""The databases of the tests: one temporary server per run, migrated once, copied for whoever needs a database.

The controller of the run owns the server; workers are told its folder. Templates are made by whichever worker
needs them first (under a file lock), so a run of pure tests makes none. Copying a template takes a fraction
of what migrating does.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import dataclasses
import fcntl
import functools
import hashlib
import importlib
import importlib.util
import itertools
import json
import os
import pickle
import secrets
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from types import MappingProxyType
from typing import Any, TextIO

import asyncpg
from sqlalchemy import Engine, event
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.base.db import Server
from hub.data_folder import private_file
from hub.postgres import Embedded, server_from_url
from hub.settings import Settings, load
from migrations import roles, run

ROOT = Path(__file__).parent.parent
MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of our own with a random name is made in it
ROOM_BYTES = 2_000_000_000
"""A run with a world and a few clones stays well below; a container's default of 64 MB does not do."""

STALE_SECONDS = 30
"""A younger folder may belong to a run that is about to lock it."""

FOLDER_PREFIX = "hub-test-"

SECRET = base64.b64encode(b"only ever a test: 32 known bytes").decode()
"""The same in each run: pseudonyms and the call-back sample follow from it, and with them the ids of the world."""
_numbers = itertools.count(1)

POOLER: list[str] = []
"""The folder of a pooler's socket, when the hubs of this run are to reach their databases through it (`--pooler`)."""


@dataclasses.dataclass(frozen=True)
class Shared:
    """What all workers of one run share: a folder for files and a server to make databases on."""

    folder: Path
    server: Server
    settings: Settings

    def database(self, name: str) -> Server:
        """The database `name` of this run; names begin with the run's role prefix."""
        return self.server.on(f"{self.server.prefix}_{name}")


class Run:
    """Starts the server of one test run and removes everything at its end. Lives in the controller."""

    def __init__(self, dsn: str | None = None) -> None:
        self._dsn = dsn
        self._embedded: Embedded | None = None
        self._folder: Path | None = None
        self._lock: TextIO | None = None

    def start(self) -> Path:
        """The folder to tell the workers; the server is up when this returns."""
        if self._folder is None:
            _sweep(_parent())
            self._folder = Path(tempfile.mkdtemp(dir=_parent(), prefix=FOLDER_PREFIX))
            self._folder.chmod(0o711)  # as root, PostgreSQL runs as another user and has to pass through
            self._lock = (self._folder / "lock").open("w")
            fcntl.flock(
                self._lock, fcntl.LOCK_EX
            )  # says that we live: gone with this process however it ends
            private_file(self._folder / "data" / "secret", lambda: SECRET)
            server = self._foreign(self._dsn) if self._dsn else self._own()
            _write_private(self._folder / "server.json", _dumped(server, self._dsn))
        return self._folder

    def stop(self) -> None:
        """Stop the server and remove the folder; on a server not ours, drop our databases and roles."""
        if self._folder is None:
            return
        try:
            if self._embedded is not None:
                self._embedded.stop()
            elif (self._folder / "server.json").exists():
                asyncio.run(_drop_all(shared(self._folder).server))
        finally:
            shutil.rmtree(self._folder, ignore_errors=True)
            if self._lock is not None:
                self._lock.close()
            self._folder = self._embedded = self._lock = None

    def _own(self) -> Server:
        assert self._folder is not None
        self._embedded = Embedded(self._folder / "data", fast=True)
        return self._embedded.start()

    def _foreign(self, dsn: str) -> Server:
        assert self._folder is not None
        prefix = f"hubtest_{secrets.token_hex(4)}"
        return server_from_url(dsn, load(data=self._folder / "data", role_prefix=prefix, database_url=dsn))


def shared(folder: Path) -> Shared:
    """What the run that owns `folder` shares."""
    facts = json.loads((folder / "server.json").read_text())
    dsn = facts.pop("dsn")
    server = Server(**{**facts, "secret": bytes.fromhex(facts["secret"])})
    return Shared(folder, server, load(data=folder / "data", role_prefix=server.prefix, database_url=dsn))


def as_hubs_reach(server: Server) -> Server:
    """The same database on the way that the hubs under test take to it."""
    return dataclasses.replace(server, host=POOLER[0], pooled=True) if POOLER else server


async def template(shared: Shared) -> Server:
    """The migrated, empty database that clones are made from; made on first use."""
    name = f"template_{_hash()}"
    with _once(shared.folder / name) as missing:
        if missing:
            await _make(shared, name, None)
            await run.upgrade(shared.database(name), shared.settings)
            await _seal(shared, name)
    return shared.database(name)


async def world_template(shared: Shared) -> Server:
    """The database with the cast of `tests/world.py`; made on first use, its World beside it in a file."""
    name = f"world_{_hash()}"
    source = await template(shared)
    with _once(shared.folder / name) as missing:
        if missing:
            await _make(shared, name, source)
            world = await _build_world(shared.database(name), shared.settings)
            (shared.folder / "world.pickle").write_bytes(pickle.dumps(world))
            await run_sql(shared.database(name), "vacuum analyze")
            await _seal(shared, name)
    return shared.database(name)


async def prepared(
    shared: Shared, name: str, source: Server, build: Callable[[Server], Awaitable[Any]]
) -> tuple[Server, Any]:
    """A database for clones, made of `source` by `build` on first use; and what `build` returned."""
    made = shared.folder / f"{name}.pickle"
    with _once(shared.folder / name) as missing:
        if missing:
            await _make(shared, name, source)
            made.write_bytes(pickle.dumps(await build(shared.database(name))))
            await _seal(shared, name)
    return shared.database(name), pickle.loads(made.read_bytes())  # noqa: S301 - written above, by us


async def world(shared: Shared) -> Any:
    """The World: ids and names of the cast, the same in every clone. Shared by all tests, so its maps are read-only."""
    await world_template(shared)
    made = pickle.loads((shared.folder / "world.pickle").read_bytes())  # noqa: S301 - written above, by us
    maps = {name: value for name, value in vars(made).items() if isinstance(value, dict)}
    return dataclasses.replace(made, **{name: MappingProxyType(value) for name, value in maps.items()})


@contextlib.asynccontextmanager
async def clone(shared: Shared, source: Server) -> AsyncIterator[Server]:
    """A database of one's own, equal to `source`, dropped at the end with whatever still clings to it."""
    name = f"clone_{os.getpid()}_{next(_numbers)}"
    await _make(shared, name, source)
    try:
        yield shared.database(name)
    finally:
        await run_sql(shared.server, f"drop database if exists {shared.database(name).database} with (force)")


@contextlib.asynccontextmanager
async def empty(shared: Shared) -> AsyncIterator[Server]:
    """A database without a single revision."""
    name = f"empty_{os.getpid()}_{next(_numbers)}"
    await _make(shared, name, None)
    try:
        yield shared.database(name)
    finally:
        await run_sql(shared.server, f"drop database if exists {shared.database(name).database} with (force)")


@contextlib.asynccontextmanager
async def connect_as(server: Server, name: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection as `admin`, `owner` or a login role (`writer`, `system`, `read_auditor` …)."""
    arguments = server.admin_kwargs() if name in ("admin", "owner") else server.connect_kwargs(name)
    connection = await asyncpg.connect(**arguments)
    try:
        if name == "owner":
            await connection.execute(f"set role {server.role('owner')}")
        yield connection
    finally:
        await connection.close()


async def run_sql(server: Server, query: str, *args: object, name: str = "admin") -> list[asyncpg.Record]:
    """One statement on a connection of its own, as `name`; its rows."""
    async with connect_as(server, name) as connection:
        return await connection.fetch(query, *args)


@contextlib.contextmanager
def statements() -> Iterator[list[str]]:
    """What commands send to the database meanwhile, beside BEGIN and COMMIT."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(Engine, "before_cursor_execute", note)


async def _make(shared: Shared, name: str, source: Server | None) -> None:
    database = shared.database(name)
    copied = f" template {source.database} strategy file_copy" if source else " template template0"
    async with connect_as(shared.server, "admin") as connection:
        await connection.execute(f"create database {database.database}{copied}")
        if source:  # a copy does not take the privileges on the database itself along
            await connection.execute(roles.database_access_sql(database))


async def _seal(shared: Shared, name: str) -> None:
    """Nobody connects to a template: a single session on it would make every copy wait."""
    await run_sql(shared.server, f"alter database {shared.database(name).database} allow_connections false")


async def _build_world(server: Server, settings: Settings) -> Any:
    if importlib.util.find_spec("tests.world") is None:
        raise LookupError("tests/world.py does not exist yet: there is no world to copy")
    return await importlib.import_module("tests.world").build(server, settings)


@contextlib.contextmanager
def _once(mark: Path) -> Iterator[bool]:
    """Yields whether `mark` is still missing, alone among all processes; sets it when the block succeeds."""
    with mark.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        missing = not mark.exists()
        yield missing
        if missing:
            mark.touch()


@functools.cache
def _hash() -> str:
    """Of everything a migrated database depends on."""
    files = [*sorted((ROOT / "migrations").rglob("*.py")), *sorted((ROOT / "migrations").rglob("*.sql"))]
    digest = hashlib.sha256()
    for path in [*files, *sorted(ROOT.glob("hub/*/tables.py")), ROOT / "auth" / "tables.py"]:
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:10]


async def _drop_all(server: Server) -> None:
    async with connect_as(server, "admin") as connection:
        pattern = server.prefix.replace("_", r"\_") + r"\_%"
        for row in await connection.fetch("select datname from pg_database where datname like $1", pattern):
            await connection.execute(f"drop database {row['datname']} with (force)")
        for row in await connection.fetch("select rolname from pg_roles where rolname like $1", pattern):
            await connection.execute(f"drop role {row['rolname']}")


def _parent() -> Path:
    """Memory when there is room, since nothing of this has to last; else the ordinary temporary folder."""
    roomy = MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM_BYTES
    return MEMORY if roomy else Path(tempfile.gettempdir())


def _sweep(parent: Path) -> None:
    """Remove what killed runs left behind (their servers have ended by themselves)."""
    for folder in parent.glob(f"{FOLDER_PREFIX}*"):
        with contextlib.suppress(OSError), (folder / "lock").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if folder.stat().st_mtime < time.time() - STALE_SECONDS:
                with contextlib.suppress(OSError):
                    shutil.rmtree((folder / "data" / "pg-socket").read_text().strip())
                shutil.rmtree(folder, ignore_errors=True)


def _dumped(server: Server, dsn: str | None) -> str:
    return json.dumps({**dataclasses.asdict(server), "secret": server.secret.hex(), "dsn": dsn})


def _write_private(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text)


async def be_patient(server: Server, writer: AsyncEngine) -> None:
    """On a busy machine the writer's own time limits would answer in place of what a race tries."""
    for name in ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout"):
        login = server.role("writer")
        await run_sql(server, f"alter role {login} in database {server.database} set {name} = '30s'")
    await writer.dispose()
