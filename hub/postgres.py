"""The embedded PostgreSQL: started, found again, stopped; and the way to another one through DATABASE_URL.

One hub owns a data folder at a time: it holds `<data>/lock` (flock, so it is gone with the process however
that ends). A postmaster that is alive while nobody holds the lock was left behind by a killed hub; it is
stopped and started anew. The server listens on a unix socket only, in a short 0700 folder (socket paths end
at 107 bytes) whose path is recorded in `<data>/pg-socket`, where the commands beside a running hub find it
(`attach`). Every login needs a password.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import fcntl
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
from collections.abc import Coroutine
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, BinaryIO

import asyncpg

from hub import data_folder
from hub.base.db import Server
from hub.postgres_cluster import (
    PORT,
    InUse,
    check_version,
    clear_left_behind,
    initialise,
    make_socket_folder,
)
from hub.postgres_engine import Engine, PostgresError, engine

if TYPE_CHECKING:
    from hub.settings import Settings

ADMIN = "postgres"
DATABASE = "hub"
START_SECONDS = 300  # a crash recovery may have much to replay
STOP_SECONDS = 60
LINGER_SECONDS = 10  # children of a killed postmaster end on their own within moments
LOG_BYTES_MAX = 10_000_000

# Ordinary use. Errors are logged tersely: DETAIL lines quote the values of rows, and those are personal.
ORDINARY = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "random_page_cost": "1.1",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    "log_error_verbosity": "terse",
    "log_line_prefix": "%m [%p] %q%u@%d ",
}
# Tests: a crash of the machine may lose everything, and that is fine.
FAST = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "shared_buffers": "128MB",
    "io_method": "sync",
    "autovacuum": "off",  # it would clean up after every database that is made and dropped
    "scram_iterations": "1",  # thousands of connections, each of which would derive its key anew
}

# Waits until our end of the pipe closes, that is until this process is gone; then stops the server and tidies up.
WATCH = """
import os, signal, sys
postmaster, folder = int(sys.argv[1]), sys.argv[2]
sys.stdin.read()
os.kill(postmaster, signal.SIGINT)
import shutil, time
for _ in range(600):
    try:
        os.kill(postmaster, 0)
    except ProcessLookupError:
        break
    time.sleep(0.1)
shutil.rmtree(folder, ignore_errors=True)
"""


class NotRunning(PostgresError):
    """Nothing runs on the data folder."""


class _EndedEarly(Exception):
    """The postmaster ended before it answered; holds the last lines of its log."""


class Embedded:
    """The PostgreSQL of one data folder, started and stopped by this process. Also a context manager.

    `fast` trades the safety of the data for speed: tests only.
    """

    def __init__(
        self, data: Path, *, prefix: str = "hub", database: str = DATABASE, fast: bool = False
    ) -> None:
        self.data = data_folder.chosen(data)
        self.cluster = self.data / "pg"
        self.log = self.data / "log" / "postgresql.log"
        self._prefix = prefix
        self._database = database
        self._fast = fast
        self._lock: int | None = None
        self._socket_folder: Path | None = None
        self._postmaster: subprocess.Popen[Any] | None = None
        self._watcher: subprocess.Popen[bytes] | None = None

    def start(self) -> Server:
        """Start it, making cluster and database when missing. Raises PostgresError or DataFolderError."""
        data_folder.prepare(self.data)
        self._lock = _hold(self.data)
        try:
            return self._start()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop it: running transactions are rolled back, the rest is on disk. Does nothing when stopped."""
        self._end()
        if self._socket_folder is not None:
            shutil.rmtree(self._socket_folder, ignore_errors=True)
            (self.data / "pg-socket").unlink(missing_ok=True)
            self._socket_folder = None
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def ended(self) -> int | None:
        """The exit code of a server that ended on its own (negative: the signal), else None."""
        return self._postmaster.poll() if self._postmaster else None

    def __enter__(self) -> Server:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _start(self) -> Server:
        programs = engine(self.cluster)
        if programs.account and not programs.can_enter(self.data):
            raise PostgresError(
                f"PostgreSQL runs as user {programs.account.pw_name} here, who cannot reach {self.data}: a "
                "folder above it is closed to others. Choose another one with --data, such as below /var/lib."
            )
        password = data_folder.private_file(self.data / "pg-password", secrets.token_urlsafe)
        if not self.cluster.exists():
            initialise(programs, self.cluster, ADMIN, password, fast=self._fast)
        check_version(self.cluster)
        clear_left_behind(self.data / "pg-socket", self.cluster, programs.uid)
        self._socket_folder = make_socket_folder(programs)
        (self.data / "pg-socket").write_text(f"{self._socket_folder}\n")
        self._launch(programs)
        return Server(
            host=str(self._socket_folder),
            port=PORT,
            database=self._database,
            admin_user=ADMIN,
            admin_password=password,
            prefix=self._prefix,
            secret=data_folder.secret(self.data),
        )

    def _launch(self, programs: Engine) -> None:
        """Start the postmaster, wait until it answers; again while children of a killed one still linger."""
        deadline = time.monotonic() + LINGER_SECONDS
        while True:
            log_start = self._spawn(programs)
            try:
                _run(self._ensure_database())
                return
            except _EndedEarly:
                self._end()
                said = self._log_since(log_start)
                if "shared memory block" not in said or time.monotonic() > deadline:
                    raise PostgresError(
                        f"PostgreSQL did not start; its last words (all of them in {self.log}):\n{said}"
                    ) from None
                time.sleep(0.1)

    def _spawn(self, programs: Engine) -> int:
        """Start the postmaster, in its own session so that Ctrl-C reaches only us. Returns the log's end."""
        settings = {
            **ORDINARY,
            **(FAST if self._fast else {}),
            "unix_socket_directories": str(self._socket_folder),
        }
        command = [programs.program("postgres"), "-D", str(self.cluster), "-p", str(PORT)]
        command += [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with _open_log(self.log) as log:
            log_start = log.tell()
            self._postmaster = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **programs.identity(),
            )
        watch = [sys.executable, "-ISc", WATCH, str(self._postmaster.pid), str(self._socket_folder)]
        self._watcher = subprocess.Popen(watch, stdin=subprocess.PIPE, start_new_session=True)
        return log_start

    def _end(self) -> None:
        """End postmaster and watcher: fast, or at once when that takes too long (the next start recovers)."""
        if self._watcher is not None:
            self._watcher.kill()  # before the pipe closes, or it would signal an id that is free by then
            self._watcher.communicate()
            self._watcher = None
        if self._postmaster is not None:
            for number, seconds in (
                (signal.SIGINT, STOP_SECONDS),
                (signal.SIGQUIT, 10),
                (signal.SIGKILL, 10),
            ):
                self._postmaster.send_signal(number)
                try:
                    self._postmaster.wait(seconds)
                    break
                except subprocess.TimeoutExpired:
                    continue
            self._postmaster = None

    async def _ensure_database(self) -> None:
        """Wait for the first connection that succeeds, and make the hub's database when there is none."""
        password = (self.data / "pg-password").read_text()
        arguments = {"host": str(self._socket_folder), "port": PORT, "user": ADMIN, "password": password}
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                connection = await asyncpg.connect(**arguments, database="postgres", timeout=10)
                break
            except (OSError, TimeoutError, asyncpg.CannotConnectNowError):
                if self.ended() is not None:
                    raise _EndedEarly from None
                if time.monotonic() > deadline:
                    raise PostgresError(
                        f"PostgreSQL has not answered for {START_SECONDS} s; see {self.log}"
                    ) from None
                await asyncio.sleep(0.01)
            except asyncpg.InvalidPasswordError:
                raise PostgresError(
                    f"{self.data / 'pg-password'} does not fit the cluster beside it. Put the right one back."
                ) from None
        try:
            if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", self._database):
                await connection.execute(f'CREATE DATABASE "{self._database}"')
        finally:
            await connection.close()

    def _log_since(self, start: int) -> str:
        with self.log.open(errors="replace") as log:
            log.seek(start)
            return "\n".join(log.read().strip().splitlines()[-6:])


def attach(data: Path, *, prefix: str = "hub", database: str = DATABASE) -> Server:
    """The server that another hub process runs on this data folder. Raises NotRunning."""
    data = data_folder.chosen(data)
    try:
        folder = (data / "pg-socket").read_text().strip()
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(5)
            probe.connect(f"{folder}/.s.PGSQL.{PORT}")
        password = (data / "pg-password").read_text()
    except PermissionError as error:
        raise PostgresError(
            f"{data} belongs to another user. Run as the user who started the hub."
        ) from error
    except OSError as error:
        raise NotRunning(f"No hub runs on {data}. Start one: python3 -m hub up --data {data}") from error
    return Server(
        host=folder,
        port=PORT,
        database=database,
        admin_user=ADMIN,
        admin_password=password,
        prefix=prefix,
        secret=data_folder.secret(data),
    )


def server_from_url(url: str, settings: Settings) -> Server:
    """The server of `postgresql://user:password@host:port/database` (`?host=/folder` for a unix socket).

    Of libpq's parameters only `host` is taken; PGSSLMODE asks for TLS, as asyncpg reads it for every role.
    """
    parts = urllib.parse.urlsplit(url)
    query = urllib.parse.parse_qs(parts.query)
    if parts.scheme not in {"postgres", "postgresql"} or not parts.path.strip("/"):
        raise PostgresError("DATABASE_URL must look like postgresql://user:password@host:5432/database")
    if unknown := sorted(set(query) - {"host"}):
        raise PostgresError(
            f"DATABASE_URL: {', '.join(unknown)} is not understood there. For TLS set PGSSLMODE=require."
        )
    try:
        port = parts.port or PORT
    except ValueError as error:
        raise PostgresError("DATABASE_URL: the port is not a number between 0 and 65535.") from error
    return Server(
        host=query.get("host", [parts.hostname or "localhost"])[0],
        port=port,
        database=urllib.parse.unquote(parts.path.strip("/")),
        admin_user=urllib.parse.unquote(parts.username or ADMIN),
        admin_password=urllib.parse.unquote(parts.password or os.environ.get("PGPASSWORD", "")),
        prefix=settings.role_prefix,
        secret=settings.secret,
        pooled=settings.pooler == "transaction",
    )


def _hold(data: Path) -> int:
    """Lock the data folder for this process; the handle keeps it. Raises InUse, naming the holder."""
    try:
        handle = os.open(data / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except PermissionError as error:
        raise PostgresError(
            f"{data} belongs to another user. Choose another data folder with --data."
        ) from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.read(handle, 20).decode().strip()
        os.close(handle)
        raise InUse(
            f"The data folder {data} is in use by another hub (process {holder}). "
            "Stop that one, or choose another folder with --data."
        ) from None
    os.truncate(handle, 0)
    os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
    return handle


def _open_log(path: Path) -> BinaryIO:
    """The log, opened to append; a long one is set aside at the start, so that there are two at most."""
    path.parent.mkdir(mode=0o700, exist_ok=True)
    if path.exists() and path.stat().st_size > LOG_BYTES_MAX:
        path.replace(path.with_suffix(".log.1"))
    log = path.open("ab")
    path.chmod(0o600)
    return log


def _run(work: Coroutine[Any, Any, None]) -> None:
    """Run to the end in a thread of its own, so that `start` works inside a running event loop too."""
    with concurrent.futures.ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result()
