"""`hub bench`: the partner's page of 50 cases against the same statement written by hand on the same ASGI front.

Both contestants are server processes of their own on loopback, on one bench world made by the hub's own commands. The
floor sends one fixed statement as a role that row-level security does not bind; ours plans, filters twice and asks
whether the session is live. Replies are checked equal first; runs are interleaved A B B A; the median ratio counts.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
import multiprocessing
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg  # pyright: ignore[reportMissingTypeStubs]
import uvicorn
from rich.console import Console
from rich.table import Table

from auth.roles import Viewer
from auth.tokens import Tokens, fresh_signing_key
from hub.app import create_app
from hub.base.clock import Clock
from hub.base.db import Server
from hub.data_folder import private_file
from hub.demo.load import load_bench
from hub.postgres import Embedded
from hub.settings import Settings
from migrations.run import upgrade
from schema.build import registry
from schema.documents import Documents, Prepared
from schema.http import GraphQLEndpoint, Reply

CASES = 500
SECONDS = 2.0
CONCURRENCY = 8
STARTED_SECONDS = 30.0

PAGE = """
query Page { cases(first: 50) { nodes { id reference kind status openedAt person { id name ageGroup }
  community { name } visits(first: 5) { nodes { id status promisedFrom promisedTo keptAt kept } } } } }
"""

INSTANT = """'"' || to_char({x}, 'YYYY-MM-DD"T"HH24:MI:SS.MSTZH:TZM') || '"'"""


def by_hand() -> str:
    """The page as a careful engineer would write it: limit first, join what is shown, concatenate the reply."""
    groups = ((7, "AGE_0_6"), (18, "AGE_7_17"), (60, "AGE_18_59"), (70, "AGE_60_69"), (80, "AGE_70_79"))
    cases = " ".join(
        f"WHEN p.birth_on > $2::date - interval '{years} years' THEN '{name}'" for years, name in groups
    )

    def instant(column: str) -> str:
        return f"coalesce({INSTANT.format(x=column)}, 'null')"

    return f"""
SELECT convert_to('{{"cases":{{"nodes":[' || coalesce(string_agg(
  '{{"id":"case_' || c.id || '","reference":"' || c.reference || '","kind":"' || c.kind || '","status":"' || c.status
  || '","openedAt":' || {instant("c.opened_at")}
  || ',"person":' || CASE WHEN p.id IS NULL THEN 'null' ELSE '{{"id":"person_' || p.id || '","name":' || to_json(p.name)
  || ',"ageGroup":"' || CASE {cases} ELSE 'AGE_80_PLUS' END || '"}}' END
  || ',"community":' || CASE WHEN o.id IS NULL THEN 'null' ELSE '{{"name":' || to_json(o.name) || '}}' END
  || ',"visits":{{"nodes":[' || coalesce(v.rows, '') || ']}}}}', ',' ORDER BY c.id DESC), '') || ']}}}}', 'UTF8')
FROM (SELECT id, reference, kind, status, opened_at, person_id, community_id FROM cases
      WHERE partner_id = $1 AND $1 = any(partner_ids) AND access_until >= $2 ORDER BY id DESC LIMIT 50) c
LEFT JOIN persons p ON p.id = c.person_id AND $1 = any(p.partner_ids) AND p.access_until >= $2
LEFT JOIN organizations o ON o.id = c.community_id AND o.kind = 'COMMUNITY'
LEFT JOIN LATERAL (
  SELECT string_agg('{{"id":"visit_' || w.id || '","status":"' || w.status
    || '","promisedFrom":' || {instant("w.promised_from_at")} || ',"promisedTo":' || {instant("w.promised_to_at")}
    || ',"keptAt":' || {instant("w.kept_at")}
    || ',"kept":' || coalesce((w.kept_at is not null and w.kept_at <= w.promised_to_at)::text, 'null') || '}}',
    ',' ORDER BY w.id DESC) AS rows
  FROM (SELECT id, status, promised_from_at, promised_to_at, kept_at FROM visits
        WHERE case_id = c.id AND partner_id = $1 ORDER BY id DESC LIMIT 5) w) v ON true
"""


class HandWritten:
    """An `Engine` that knows one page: the floor. Same front, same sign-in, no planner, no row-level security."""

    def __init__(self, pool: Any, clock: Clock) -> None:
        self._pool = pool
        self._clock = clock
        self._sql = by_hand()

    async def execute(self, prepared: Prepared, variables: Mapping[str, object], viewer: Viewer) -> Reply:
        """See `schema.http.Engine`."""
        data = await self._pool.fetchval(self._sql, viewer.partner_id, self._clock.today())
        return Reply(b'{"data":' + data + b"}")


@dataclasses.dataclass(frozen=True)
class Measured:
    """One run of one contestant."""

    per_second: float
    p50_ms: float
    p99_ms: float


async def run(settings: Settings, *, runs: int = 5) -> None:
    """Make the bench world, check that both answer the same, measure, print a table and the ratio."""
    console = Console()
    with _world() as (own, server):
        console.print(f"making {CASES} cases of one partner by the hub's own commands …")
        await upgrade(server, own)
        await load_bench(server, own, cases=CASES)
        token = _tokens(own).issue(await _manager(server), lifetime_seconds=3600)
        async with _contestants(own, server) as ports:
            await _check_equal(ports, token)
            measured = await _interleaved(ports, token, runs)
    _report(console, measured)


@contextlib.contextmanager
def _world() -> Iterator[tuple[Settings, Server]]:
    """A database of its own, thrown away afterwards; durable like a real one, since reads do not care."""
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as folder:
        Path(folder).chmod(0o711)  # as root, PostgreSQL runs as another user
        own = Settings(data=Path(folder) / "data", demo=True)
        own.data.mkdir(parents=True)
        with Embedded(own.data, prefix=own.role_prefix, fast=True) as server:
            yield own, server


async def _manager(server: Server) -> UUID:
    """The user who manages the partner of all those cases."""
    connection = await asyncpg.connect(**server.admin_kwargs())
    try:
        return await connection.fetchval("select id from users where sign_in_name = 'bo'")
    finally:
        await connection.close()


def _tokens(settings: Settings) -> Tokens:
    return Tokens(private_file(settings.data / "signing-key.json", fresh_signing_key), settings.issuer)


@contextlib.asynccontextmanager
async def _contestants(settings: Settings, server: Server) -> AsyncIterator[dict[str, int]]:
    """Both servers, each a process of its own, until the block ends."""
    spawn = multiprocessing.get_context("spawn")
    ports: dict[str, int] = {}
    processes = []
    try:
        for name in ("ours", "by hand"):
            ours, theirs = spawn.Pipe()
            process = spawn.Process(target=_serve, args=(name, settings.data, server, theirs), daemon=True)
            process.start()
            processes.append(process)
            if not ours.poll(STARTED_SECONDS):
                raise RuntimeError(f"the contestant {name!r} did not start")
            ports[name] = ours.recv()
        yield ports
    finally:
        for process in processes:
            process.terminate()
            process.join()


def _serve(name: str, data: Path, server: Server, started: Any) -> None:
    asyncio.run(_serving(name, Settings(data=data, demo=True), server, started))


async def _serving(name: str, settings: Settings, server: Server, started: Any) -> None:
    app = create_app(settings, server)
    config = uvicorn.Config(app, port=0, log_level="warning", access_log=False)
    web = uvicorn.Server(config)
    listener = config.bind_socket()
    serving = asyncio.create_task(web.serve(sockets=[listener]))
    while not web.started:
        await asyncio.sleep(0.01)
    if name == "by hand":
        pool = await asyncpg.create_pool(
            **server.admin_kwargs(), min_size=1, max_size=4, init=_as_reads_are_set, reset=_leave
        )
        app.endpoint = GraphQLEndpoint(
            Documents(registry().schema), HandWritten(pool, app.clock), app.authenticator
        )
    started.send(listener.getsockname()[1])
    await serving


async def _leave(connection: Any) -> None:
    """Nothing to reset, as on our own read pools: a reset would cost the floor a round trip."""


async def _as_reads_are_set(connection: Any) -> None:
    await connection.execute(
        "set timezone = 'Asia/Shanghai'; set plan_cache_mode = force_generic_plan; set jit = off"
    )


# --------------------------------------------------------------------------------------------------------- measuring


def _request(token: str) -> bytes:
    body = json.dumps({"query": PAGE}).encode()
    head = (
        f"POST /graphql HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> bytes:
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    body = await reader.readexactly(int(length.split(b":")[1]))
    if not head.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(f"a contestant failed: {head.split(b' ')[1].decode()}")
    return body


async def _once(port: int, token: str) -> Any:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        return json.loads(await _ask(reader, writer, _request(token)))
    finally:
        writer.close()


async def _check_equal(ports: Mapping[str, int], token: str) -> None:
    replies = [await _once(port, token) for port in ports.values()]
    shown = replies[0]["data"]["cases"]["nodes"]
    if (
        replies[0] != replies[1]
        or len(shown) != 50
        or any(len(case["visits"]["nodes"]) < 5 for case in shown)
    ):
        raise RuntimeError("the contestants do not answer the same full page")


async def _measure(port: int, token: str, seconds: float) -> Measured:
    request, latencies = _request(token), []
    until = time.perf_counter() + seconds

    async def client() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while (began := time.perf_counter()) < until:
            await _ask(reader, writer, request)
            latencies.append(time.perf_counter() - began)
        writer.close()

    await asyncio.gather(*(client() for _ in range(CONCURRENCY)))
    latencies.sort()
    p50, p99 = (latencies[int(len(latencies) * part)] * 1000 for part in (0.5, 0.99))
    return Measured(len(latencies) / seconds, p50, p99)


async def _interleaved(ports: Mapping[str, int], token: str, runs: int) -> dict[str, list[Measured]]:
    names = list(ports)
    for name in names:
        await _measure(ports[name], token, SECONDS)  # warm-up, not counted
    measured: dict[str, list[Measured]] = {name: [] for name in names}
    for number in range(runs):
        for name in names if number % 2 == 0 else reversed(names):
            measured[name].append(await _measure(ports[name], token, SECONDS))
    return measured


def _report(console: Console, measured: Mapping[str, list[Measured]]) -> None:
    table = Table(title=f"page of 50 cases with person, community and 5 visits each, {CONCURRENCY} clients")
    for heading in ("contestant", "req/s (min–max)", "p50 ms", "p99 ms"):
        table.add_column(heading)
    for name, runs in measured.items():
        rates = [each.per_second for each in runs]
        table.add_row(
            name,
            f"{statistics.median(rates):.0f} ({min(rates):.0f}–{max(rates):.0f})",
            f"{statistics.median(each.p50_ms for each in runs):.1f}",
            f"{statistics.median(each.p99_ms for each in runs):.1f}",
        )
    console.print(table)
    pairs = zip(measured["ours"], measured["by hand"], strict=True)
    ratios = [ours.per_second / hand.per_second for ours, hand in pairs]
    console.print(
        f"ours / by hand, row-level security on: median {statistics.median(ratios):.2f}"
        f" (min {min(ratios):.2f}, max {max(ratios):.2f}, {len(ratios)} runs)"
    )
