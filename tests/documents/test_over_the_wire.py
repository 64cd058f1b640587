"""The same through a real HTTP server: what a client still sends does not drown its answer, and who is gone is gone."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx2
import pytest
import uvicorn

from hub.app import create_app
from hub.base.clock import FixedClock
from hub.base.db import Server
from hub.settings import Settings
from tests.documents.desk import Desk, sample, told
from tests.schema.asking import Hub
from tests.world import World

pytestmark = pytest.mark.anyio
DATA = sample("application/pdf", 8 * 1024**2)
"""More than the buffers between two sockets hold."""


class Web(uvicorn.Server):
    """uvicorn without its signal handlers: the tests are stopped, not the server."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextlib.asynccontextmanager
async def served(app: Any) -> AsyncIterator[int]:
    """The port on which the application answers, over the server that `hub serve` uses."""
    listener = socket.create_server(("127.0.0.1", 0))
    web = Web(uvicorn.Config(app, loop="none", http="httptools", ws="none", lifespan="off", log_config=None))
    serving = asyncio.create_task(web.serve(sockets=[listener]))
    while not web.started:
        await asyncio.sleep(0.01)
    try:
        yield listener.getsockname()[1]
    finally:
        web.should_exit = True
        await serving


async def until(desk: Desk, *, there: bool) -> None:
    """Wait until there is a file, or none."""
    async with asyncio.timeout(5):
        while bool(desk.files()) is not there:
            await asyncio.sleep(0.01)


async def test_answers_arrive_and_nothing_is_left(
    world_database: Server, world: World, own_settings: Settings
) -> None:
    clock = FixedClock(world.now)
    app = create_app(own_settings, world_database, clock)
    async with app.running(), served(app) as port:
        address = f"http://127.0.0.1:{port}"
        async with httpx2.AsyncClient(base_url=address) as client:
            desk = Desk(Hub(app, client, clock), world, own_settings.data)
            found = await desk.prepare("an", DATA, mediaType="application/pdf", kind="REPORT")
            url = found["upload"]["url"]
            await refusals(desk, url)
            await hung_up(desk, port, url)
            reply = await desk.put(url, DATA, content_type="application/pdf")
            assert (reply.status_code, reply.json()["status"]) == (200, "STORED")
            assert told(await desk.put(url, DATA + b"x", content_type="application/pdf")) == (409, "CONFLICT")
            link = await desk.open("wang", found["document"]["id"])
            assert (await desk.get(link)).content == DATA
            await half_read(port, link)
            assert (await desk.get(link)).content == DATA


async def refusals(desk: Desk, url: str) -> None:
    """Each is decided long before the client has sent everything."""

    async def pieces(data: bytes) -> AsyncIterator[bytes]:
        for start in range(0, len(data), 65_536):
            yield data[start : start + 65_536]

    page = b"<html>" + DATA[6:]
    for content in (DATA[:-1], DATA + b"x"):
        assert told(await desk.put(url, content, content_type="application/pdf")) == (422, "SIZE_MISMATCH")
    assert told(await desk.put(url, DATA)) == (422, "MEDIA_TYPE_MISMATCH")
    assert told(await desk.hub.client.put(url, content=pieces(page))) == (422, "MEDIA_TYPE_MISMATCH")
    assert told(await desk.hub.client.put(url, content=pieces(DATA * 2))) == (422, "SIZE_MISMATCH")
    assert told(await desk.hub.client.put(url + "x", content=pieces(DATA))) == (404, "NOT_FOUND")
    assert desk.files() == []


async def hung_up(desk: Desk, port: int, url: str) -> None:
    """A client that is gone in the middle leaves no draft."""
    head = f"PUT {url} HTTP/1.1\r\nhost: hub\r\ncontent-length: {len(DATA)}\r\n\r\n"
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(head.encode() + DATA[:1_000_000])
    await until(desk, there=True)
    writer.close()
    await until(desk, there=False)


async def half_read(port: int, link: str) -> None:
    """A client that fetches and goes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {link} HTTP/1.1\r\nhost: hub\r\n\r\n".encode())
    assert (await reader.readexactly(15)) == b"HTTP/1.1 200 OK"
    writer.close()
