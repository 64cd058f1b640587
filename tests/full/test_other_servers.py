"""The hub on Debian's PostgreSQL, behind its PgBouncer, and as the processes of docker-compose.yml."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import yaml

from tests.full import debian

pytestmark = [pytest.mark.full, pytest.mark.anyio]

ROOT = Path(__file__).parents[2]
START_SECONDS = 120
SUITE = (
    "tests/journeys",
    "tests/payments",
    "tests/base",
    "tests/migrations",
    "tests/policy/test_agreement.py",
)
"""What asks most of a database: over a socket, money under concurrency, guards, revisions, the walls."""

THROUGH_POOLER = ("tests/journeys", "tests/policy/test_agreement.py")
"""Those whose hubs can be told to go through a pooler: they compare what comes back with what each role may see."""


@pytest.fixture(scope="module")
def folder() -> Iterator[str]:
    with debian.postgres() as found:
        yield found


def url(folder: str, database: str = "postgres") -> str:
    return f"postgresql://postgres:{debian.PASSWORD}@/{database}?host={folder}"


def passes(*arguments: str) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-n2", "--dist=loadfile", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 0, done.stdout[-6000:]


def test_the_suite_passes_on_debians_postgresql(folder: str) -> None:
    passes(f"--dsn={url(folder)}", *SUITE)


def test_it_passes_behind_a_pooler_in_transaction_mode(folder: str) -> None:
    with debian.pgbouncer(folder) as pooler:
        passes(f"--dsn={url(folder)}", f"--pooler={pooler}", *THROUGH_POOLER)


async def test_a_scope_that_outlived_its_statement_would_leak_through_a_pooler(folder: str) -> None:
    """The control. Set for the session, a scope is found by whoever gets the server next; ours are gone with the
    statement."""
    with debian.pgbouncer(folder) as pooler:
        one, other = [await through(pooler) for _ in range(2)]
        for lasting, seen in ((True, "street-a"), (False, "")):
            await one.execute(
                f"select set_config('hub.street', 'street-a', {'false' if lasting else 'true'})"
            )
            found = {
                await other.fetchval("select current_setting('hub.street', true)") or "" for _ in range(20)
            }
            assert found == {seen}
            await one.execute("reset all")
        await one.close()
        await other.close()


async def through(pooler: str) -> Any:
    return await asyncpg.connect(
        host=pooler, user="postgres", password=debian.PASSWORD, database="postgres", statement_cache_size=0
    )


# ---- the processes of docker-compose.yml, without a container engine ----


def compose_environment(service: str, given: Mapping[str, str]) -> dict[str, str]:
    """The service's environment as compose would set it, with `given` for its variables."""
    described = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"][service]["environment"]

    def value(match: re.Match[str]) -> str:
        name, default = match[1], match[2]
        assert name in given or default is not None, f"{name} has no default"
        return given.get(name, default or "")

    return {
        name: re.sub(r"\$\{(\w+)(?::-([^}]*)|:\?[^}]*)?\}", value, text) for name, text in described.items()
    }


class Plainly:
    """The services as plain processes: their commands and environments, other addresses and folders."""

    def __init__(self, folder: str, data: Path, database: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.given = {
            "HUB_SECRET": base64.b64encode(bytes(range(32))).decode(),
            "HUB_DB_PASSWORD": debian.PASSWORD,
            "HUB_METRICS_TOKEN": "scrape",
        }
        self.place = {
            "HUB_DATA": str(data), "HUB_HOST": "127.0.0.1", "HUB_PORT": str(self.port),
            "HUB_ROLE_PREFIX": "composed", "DATABASE_URL": url(folder, database),
        }  # fmt: skip

    def environment(self, service: str, **more: str) -> dict[str, str]:
        outside = {name: text for name, text in os.environ.items() if not name.startswith("HUB_")}
        return outside | compose_environment(service, self.given) | self.place | more

    def command(self, service: str, *instead: str) -> list[str]:
        described = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"][service]["command"]
        return [sys.executable, "-m", "hub", *(instead or described)]

    def run(self, service: str, *instead: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(service, *instead), env=self.environment(service, **more), cwd=ROOT,
            capture_output=True, text=True, timeout=START_SECONDS, check=False,
        )  # fmt: skip

    @contextlib.contextmanager
    def started(self, service: str, **more: str) -> Iterator[subprocess.Popen[str]]:
        process = subprocess.Popen(
            self.command(service), env=self.environment(service, **more), cwd=ROOT,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        try:
            yield process
        finally:
            process.terminate()
            process.communicate(timeout=START_SECONDS)
            assert process.returncode == 0, f"{service} did not stop in order"

    def get(self, path: str, **headers: str) -> tuple[int, str]:
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read().decode()
        except OSError:
            return 0, ""

    def until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while self.get("/ready")[0] != 200:
            assert time.monotonic() < deadline, "the hub does not become ready"
            time.sleep(0.1)

    def as_admin(self) -> str:
        """A token of the first administrator's client, made as README.md says."""
        init = ("admin", "init", "--street", "320311002", "--sign-in-name", "root", "--name", "Root")
        made = self.run("migrate", *init)
        assert made.returncode == 0, made.stderr
        credentials = dict(line.split("=", 1) for line in made.stdout.split())
        form = urllib.parse.urlencode({"grant_type": "client_credentials", **credentials}).encode()
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/oauth/token", form, timeout=10) as answer:
            return json.load(answer)["access_token"]

    def ask(self, token: str, query: str) -> Any:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/graphql",
            json.dumps({"query": query}).encode(),
            {"content-type": "application/json", "authorization": f"Bearer {token}"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)


@pytest.mark.parametrize("pooled", [False, True], ids=["direct", "pooler"])
def test_the_processes_of_compose_start_plainly(folder: str, tmp_path: Path, pooled: bool) -> None:
    database = f"composed_{'pooled' if pooled else 'direct'}"
    asyncio.run(made(folder, database))
    plain = Plainly(folder, tmp_path / "data", database)
    migrated = plain.run("migrate")
    assert migrated.returncode == 0, migrated.stderr
    with contextlib.ExitStack() as stack:
        more: dict[str, str] = {}
        if pooled:
            pooler = stack.enter_context(debian.pgbouncer(folder))
            more = {"HUB_POOLER": "transaction", "DATABASE_URL": url(pooler, database)}
        stack.enter_context(plain.started("hub", **more))
        stack.enter_context(plain.started("worker"))
        plain.until_ready()
        token = plain.as_admin()
        with ThreadPoolExecutor(8) as clients:  # more clients than the pooler has servers
            answers = list(clients.map(lambda _: plain.ask(token, WHO), range(80)))
        assert answers == [{"data": {"viewer": {"membership": {"role": "ADMIN"}}}}] * 80
        assert plain.get("/metrics")[0] == 404
        status, text = plain.get("/metrics", Authorization="Bearer scrape")
        assert status == 200
        assert 'hub_http_requests_total{route="/graphql",status="200"} 80.0' in text
        told = plain.run("hub", "doctor", **more)
        assert told.returncode == 0, told.stdout + told.stderr
    refused = plain.run("migrate", HUB_POOLER="transaction")
    assert refused.returncode == 1
    assert "not the pooler" in refused.stderr


WHO = "{ viewer { membership { role } } }"


async def made(folder: str, database: str) -> None:
    connection = await asyncpg.connect(url(folder))
    await connection.execute(f"create database {database}")
    await connection.close()


def test_a_serving_process_that_dies_is_replaced(folder: str, tmp_path: Path) -> None:
    asyncio.run(made(folder, "composed_killed"))
    plain = Plainly(folder, tmp_path / "data", "composed_killed")
    assert plain.run("migrate").returncode == 0
    with plain.started("hub") as supervisor:
        plain.until_ready()
        before = serving(supervisor.pid)
        os.kill(min(before), signal.SIGKILL)
        deadline = time.monotonic() + START_SECONDS
        while len(serving(supervisor.pid) - {min(before)}) < len(before):
            assert time.monotonic() < deadline, "nobody took its place"
            time.sleep(0.2)
        plain.until_ready()


def serving(supervisor: int) -> set[int]:
    """The serving processes of that supervisor."""
    found = set[int]()
    for child in Path(f"/proc/{supervisor}/task/{supervisor}/children").read_text().split():
        with contextlib.suppress(OSError):
            if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes():
                found.add(int(child))
    return found
