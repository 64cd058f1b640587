"""Servers of the distribution for as long as a block lasts: PostgreSQL as Debian packs it, PgBouncer in front.

As root they run as `postgres`, which the package has made; both refuse to run as root.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

START_SECONDS = 60
PASSWORD = "only-ever-a-test"
PORT = 5432


def _binaries() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    assert found, "the full tests need the distribution's PostgreSQL; .ci/run installs it"
    return found[0].parent


def _as_postgres(*command: str | Path) -> list[str]:
    plain = [str(part) for part in command]
    return (
        ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", *plain]
        if os.geteuid() == 0
        else plain
    )


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="hub-debian-", dir="/tmp"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _running(command: list[str], address: Path | int, log: Path) -> Iterator[None]:
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, cwd="/")
    try:
        _wait(process, address, log)
        yield
    finally:
        process.terminate()
        process.wait(timeout=START_SECONDS)


def _wait(process: subprocess.Popen[bytes], address: Path | int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    family, target = (
        (socket.AF_UNIX, str(address))
        if isinstance(address, Path)
        else (socket.AF_INET, ("127.0.0.1", address))
    )
    while True:
        with socket.socket(family) as probe:
            if probe.connect_ex(target) == 0:  # pyright: ignore[reportArgumentType]
                return
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.05)


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """The folder of the socket of a fresh cluster whose superuser `postgres` has PASSWORD."""
    with _folder() as folder:
        secret = folder / "password"
        secret.write_text(PASSWORD)
        if os.geteuid() == 0:
            shutil.chown(secret, "postgres", "postgres")
        made = _as_postgres(
            _binaries() / "initdb", "--auth=scram-sha-256", "--username=postgres", f"--pwfile={secret}",
            "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", folder / "data",
        )  # fmt: skip
        subprocess.run(made, check=True, capture_output=True, cwd="/")
        bounds = (
            "fsync=off",
            "listen_addresses=",
            f"unix_socket_directories={folder}",
            "max_connections=300",
        )
        options = [part for bound in bounds for part in ("-c", bound)]
        command = _as_postgres(_binaries() / "postgres", "-D", folder / "data", *options)
        with _running(command, folder / f".s.PGSQL.{PORT}", folder.with_suffix(".log")):
            yield str(folder)
        folder.with_suffix(".log").unlink(missing_ok=True)


@contextlib.contextmanager
def pgbouncer(behind: str) -> Iterator[str]:
    """The folder of the socket of a PgBouncer in transaction mode; with few servers, so that clients do share them."""
    with _folder() as folder:
        users, configuration = folder / "users", folder / "ini"
        users.write_text(f'"postgres" "{PASSWORD}"\n')
        configuration.write_text(
            f"""[databases]
* = host={behind} port={PORT} auth_user=postgres
[pgbouncer]
listen_addr =
listen_port = {PORT}
unix_socket_dir = {folder}
pool_mode = transaction
auth_type = scram-sha-256
auth_file = {users}
default_pool_size = 2
max_client_conn = 200
"""
        )
        if os.geteuid() == 0:
            for path in (users, configuration):
                shutil.chown(path, "postgres", "postgres")
        program = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
        assert program, "the full tests need PgBouncer; .ci/run installs it"
        command = _as_postgres(program, configuration)
        with _running(command, folder / f".s.PGSQL.{PORT}", folder.with_suffix(".log")):
            yield str(folder)
        folder.with_suffix(".log").unlink(missing_ok=True)
