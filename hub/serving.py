"""The web server's processes: the socket they share, one process on our own loop, or several under a supervisor.

Each process has its own pools and caches; they share the socket, the database and the data folder. The supervisor
starts them, replaces one that dies or hangs, and stops them in order: requests under way are finished.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import gc
import os
import shutil
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import uvicorn
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from hub.app import Application, create_app
from hub.base.db import Server
from hub.base.metrics import FOLDER
from hub.data_folder import OperatorError
from hub.running import found, recorded_address
from hub.settings import Settings, load

DRAIN_SECONDS = 5  # how long requests that are under way may still take when the hub stops
CLOSE_SECONDS = 10  # and how long the application may then take to put its connections away

COMMON: dict[str, Any] = {
    "http": "httptools",
    "ws": "none",
    "lifespan": "on",
    "access_log": False,  # the application logs its own requests, without query strings
    "log_config": None,
    "log_level": "warning",
    "server_header": False,
    "timeout_graceful_shutdown": DRAIN_SECONDS,
}


@contextlib.contextmanager
def bound(settings: Settings) -> Iterator[socket.socket]:
    """The socket to serve on, bound but not listening yet. Raises OperatorError when the address is not to be had."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((settings.host, settings.port))
        except OSError as error:
            raise OperatorError(_why_not_bound(settings, error)) from error
        yield listener


def _why_not_bound(settings: Settings, error: OSError) -> str:
    match error.errno:
        case errno.EADDRINUSE:
            return (
                f"Port {settings.port} of {settings.host} is taken by another program (another hub?). "
                f"Stop that one, or choose another port: --port {settings.port + 1}"
            )
        case errno.EACCES:
            return f"Port {settings.port} needs more rights than this user has. Choose one above 1023: --port 8000"
        case _:
            return f"The hub cannot listen on {settings.host}: {error.strerror}. Check HUB_HOST."


def with_port(settings: Settings, listener: socket.socket) -> Settings:
    """The settings with the port that was really taken (port 0 asks for any)."""
    port = listener.getsockname()[1]
    if port == settings.port:
        return settings
    issuer = settings.issuer.removesuffix(":0")
    return settings.model_copy(
        update={"port": port, "issuer": f"{issuer}:{port}" if issuer != settings.issuer else settings.issuer}
    )


class _Web(uvicorn.Server):
    """uvicorn without its signal handlers: what a signal stops is the whole hub, in order."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextlib.asynccontextmanager
async def web(
    settings: Settings, server: Server, listener: socket.socket
) -> AsyncIterator[asyncio.Task[None]]:
    """The web server, answering; its task, for whoever waits for its end. Requests under way are finished."""
    config = uvicorn.Config(
        create_app(settings, server), loop="none", **COMMON
    )  # we are inside a loop already
    web = _Web(config)
    task = asyncio.create_task(web.serve(sockets=[listener]))
    try:
        while not web.started and not task.done():  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.005)
        with recorded_address(settings.data, url_of(settings)):
            yield task
    finally:
        web.should_exit = True
        await asyncio.wait({task}, timeout=DRAIN_SECONDS + CLOSE_SECONDS)
        task.cancel()


def settle() -> None:
    """What lives now lives to the end: the collector need not look at it again (p99 32 → 5 ms)."""
    gc.collect()
    gc.freeze()
    gc.enable()


def application() -> Application:
    """The application of one process among several, from the environment that `serve_many` has set."""
    settings = load()
    app = create_app(settings, found(settings))
    settle()
    return app


def serve_many(settings: Settings, listener: socket.socket, workers: int) -> None:
    """Serve with several processes until SIGTERM or SIGINT; SIGHUP replaces them one by one.

    Raises OperatorError when a process cannot start.
    """
    os.environ.update(_environment(settings))
    counters = Path(os.environ[FOLDER])
    shutil.rmtree(counters, ignore_errors=True)  # those of an earlier run
    counters.mkdir(mode=0o700)
    config = uvicorn.Config(
        "hub.serving:application",
        factory=True,
        loop="uvloop",
        workers=workers,
        timeout_worker_healthcheck=30,
        **COMMON,
    )
    supervisor = Multiprocess(config, sockets=[listener])
    with recorded_address(settings.data, url_of(settings)):
        supervisor.run()
    if any(one.exitcode == STARTUP_FAILURE for one in supervisor.processes):
        raise OperatorError("A serving process could not start; its own lines above say why.")


def _environment(settings: Settings) -> dict[str, str]:
    """What the processes must know that options or the bound socket have changed."""
    return {
        "HUB_DATA": str(settings.data),
        "HUB_HOST": settings.host,
        "HUB_PORT": str(settings.port),
        "HUB_ISSUER": settings.issuer,
        FOLDER: str(settings.data / "metrics"),
    }


def url_of(settings: Settings) -> str:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{settings.port}"
