"""Serves an ASGI application as `hub serve` does, and says when it answers."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import uvicorn
import uvloop

from hub.serving import COMMON, settle


def serve(app: Any, *, started: Callable[[], Awaitable[None]] | None = None) -> None:
    """Serve until SIGTERM. `started` runs when the application's lifespan has begun, before anybody is told."""
    uvloop.run(_serving(app, started))


async def _serving(app: Any, started: Callable[[], Awaitable[None]] | None) -> None:
    web = uvicorn.Server(uvicorn.Config(app, loop="none", **COMMON))
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        serving = asyncio.create_task(web.serve(sockets=[listener]))
        while not web.started and not serving.done():  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.005)
        if web.started:
            if started:
                await started()
            settle()
            sys.stdout.write(f"READY {listener.getsockname()[1]}\n")
            sys.stdout.flush()
        await serving
