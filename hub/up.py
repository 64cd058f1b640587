"""Run the hub in one process, until told to stop: database, migration, demo world, web server, worker.

The worker is a task on the web server's loop rather than a process of its own: it waits on the database nearly
always, and a second interpreter would add its imports (a second on two cores) to every start of the hub. `hub serve`
and `hub worker` run the two apart where that is wanted.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
import socket
import sys
import time
from collections.abc import Coroutine, Sequence
from typing import Any

import asyncpg
import uvloop

from hub import worker
from hub.base.db import Server
from hub.data_folder import OperatorError, prepare
from hub.demo.cast import curl_lines
from hub.demo.load import load_demo
from hub.postgres import Embedded, server_from_url
from hub.running import opened
from hub.serving import bound, serve_many, settle, url_of, web, with_port
from hub.settings import Settings
from hub.world import World, make_demo, world_of
from migrations.roles import RolesNotReady
from migrations.run import current, head, upgrade

WATCH_SECONDS = 0.5

UNREACHABLE = (
    OSError,
    TimeoutError,
    asyncpg.CannotConnectNowError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.PostgresConnectionError,
    asyncpg.TooManyConnectionsError,
)


def up(settings: Settings, *, demo: bool | None, with_worker: bool) -> None:
    """`hub up`: everything. `demo` None: as HUB_DEMO says, else on the embedded database unless it holds real data."""
    began = time.monotonic()
    with bound(settings) as listener:  # first, so that a taken port is told before anything has started
        settings = with_port(settings, listener)
        prepare(settings.data)
        if settings.database_url:
            server = server_from_url(settings.database_url, settings)
            _run(_up(settings, server, None, listener, demo, with_worker, began))
            return
        embedded = Embedded(settings.data, prefix=settings.role_prefix)
        if not embedded.cluster.exists():
            say(f"making the database in {settings.data}")
        with embedded as server:
            _run(_up(settings, server, embedded, listener, demo, with_worker, began))


def serve(settings: Settings, workers: int = 1) -> None:
    """`hub serve`: the web server alone, in so many processes, on a database that `hub migrate` has prepared."""
    with bound(settings) as listener:
        settings = with_port(settings, listener)
        prepare(settings.data)
        with opened(settings) as server:
            if workers == 1:
                _run(_serve_prepared(settings, server, listener))
                return
            asyncio.run(_checked(settings, server))
            gc.enable()
            say(f"serving on {url_of(settings)} with {workers} processes")
            serve_many(settings, listener, workers)


def work(settings: Settings) -> None:
    """`hub worker`: the worker alone, on a database that `hub migrate` has prepared."""
    prepare(settings.data)
    with opened(settings) as server:
        _run(_work_prepared(settings, server))


async def _up(
    settings: Settings,
    server: Server,
    embedded: Embedded | None,
    listener: socket.socket,
    demo: bool | None,
    with_worker: bool,
    began: float,
) -> None:
    settings = await _prepare(settings, server, demo)
    # Before it answers: from then on nothing may wait for the database that `_watch` does not watch.
    lines = await curl_lines(server, settings) if settings.demo else []
    async with web(settings, server, listener) as answering:
        settle()
        _tell_ready(settings, time.monotonic() - began, lines)
        others = [worker.run(settings, server)] if with_worker else []
        others += [_watch(embedded)] if embedded else []
        await _until_one_ends(answering, *others, embedded=embedded)


async def _prepare(settings: Settings, server: Server, demo: bool | None) -> Settings:
    """Migrate, make the demo world where it is due, and settle whether this is demo mode."""
    await migrate(settings, server)
    world = await world_of(server)
    if demo is None and "demo" in settings.model_fields_set:
        demo = settings.demo
    if demo is None:
        demo = settings.database_url is None and world is not World.REAL
    if demo and world is not World.DEMO:
        gc.enable()  # thousands of commands do make garbage
        say("making the demo world (once, about a minute)")
        began = time.monotonic()
        await make_demo(server, settings, load_demo)
        say(f"the demo world is made ({time.monotonic() - began:.0f} s)")
    elif world is World.BEGUN:
        way_out = "Empty it, then start" if settings.database_url else "Start"
        raise OperatorError(
            f"The database holds half a demo world: making it was interrupted. {way_out} with --demo to make it anew."
        )
    return settings.model_copy(update={"demo": demo})


async def migrate(settings: Settings, server: Server) -> tuple[str, ...]:
    """Bring the database to this version of the hub. Raises OperatorError. Returns the revisions applied."""
    if server.pooled:
        raise OperatorError(
            "A migration locks and must reach the database itself, not the pooler. Give its address in DATABASE_URL, "
            "unset HUB_POOLER, and run: python3 -m hub migrate"
        )
    try:
        applied = await upgrade(server, settings)
    except RolesNotReady as error:
        raise OperatorError(str(error)) from error
    except UNREACHABLE as error:
        raise OperatorError(
            f"The database on {server.host}:{server.port} cannot be reached as {server.admin_user}: {error}. "
            "Check DATABASE_URL."
        ) from error
    if applied:
        say(f"migrated the database to {applied[-1]}")
    return applied


async def _serve_prepared(settings: Settings, server: Server, listener: socket.socket) -> None:
    settings = await _checked(settings, server)
    async with web(settings, server, listener) as answering:
        settle()
        say(f"serving on {url_of(settings)}")
        await _until_one_ends(answering)


async def _work_prepared(settings: Settings, server: Server) -> None:
    settings = await _checked(settings, server)
    gc.enable()
    say("working")
    await worker.run(settings, server)


async def _checked(settings: Settings, server: Server) -> Settings:
    """Refuse a database of another version, and demo mode on anything but the demo world."""
    if await current(server) != head():
        raise OperatorError(
            "The database is not at this version of the hub. Migrate it first: python3 -m hub migrate"
        )
    if settings.demo and server.pooled:
        raise OperatorError(
            "The demo clock is followed by notifications, which no pooler passes on. Unset HUB_POOLER."
        )
    if settings.demo and await world_of(server) is not World.DEMO:
        raise OperatorError("HUB_DEMO is set, but the database does not hold the demo world. Unset it.")
    return settings


async def _until_one_ends(
    web: asyncio.Task[None], *others: Coroutine[Any, Any, None], embedded: Embedded | None = None
) -> None:
    """Run the others beside the web server. None of them ends by itself, so the first that does ends the hub."""
    tasks = [asyncio.create_task(other) for other in others]
    try:
        done, _ = await asyncio.wait({web, *tasks}, return_when=asyncio.FIRST_COMPLETED)
        if embedded:
            await asyncio.sleep(WATCH_SECONDS)  # whoever lost the database may notice before we do
            _check_alive(embedded)
        for ended in done:
            ended.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _watch(embedded: Embedded) -> None:
    """Returns never; raises OperatorError when PostgreSQL ends before we told it to."""
    while True:
        _check_alive(embedded)
        await asyncio.sleep(WATCH_SECONDS)


def _check_alive(embedded: Embedded) -> None:
    code = embedded.ended()
    if code is not None:
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
        raise OperatorError(
            f"PostgreSQL ended on its own ({how}); its log is {embedded.log}. "
            "Nothing that was answered is lost: start the hub again, and it recovers."
        )


def _run(main: Coroutine[Any, Any, None]) -> None:
    """Run to the end, or until SIGINT or SIGTERM, which end it in order and are no error."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_until_told(main))


async def _until_told(main: Coroutine[Any, Any, None]) -> None:
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, told.set)
    work_task, told_task = asyncio.create_task(main), asyncio.create_task(told.wait())
    await asyncio.wait({work_task, told_task}, return_when=asyncio.FIRST_COMPLETED)
    if told.is_set():
        say("stopping")
        work_task.cancel()
    told_task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await work_task


def _tell_ready(settings: Settings, seconds: float, curl: Sequence[tuple[str, str]]) -> None:
    lines = [
        "",
        f"The hub answers on {url_of(settings)}/graphql (after {seconds:.1f} s). Ctrl-C stops it.",
        "",
    ]
    if curl:
        lines += ["Demo mode. As whom to ask, each line ready to be pasted into another terminal:", ""]
        for label, line in curl:
            lines += [f"# {label}", line, ""]
    print("\n".join(lines), flush=True)


def say(what: str) -> None:
    """Progress, on stderr."""
    print(f"hub: {what}", file=sys.stderr, flush=True)
