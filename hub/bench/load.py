"""The load generator: a fixed number of connections to loopback, each asking again as soon as it has its answer.

Written on the event loop's protocols, so that it costs little beside what it measures; bounded in time. Every answer
is checked: its status and its length, which for one question to one unchanged database is always the same.
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
import time
from collections.abc import Mapping
from typing import Any

STOP_SECONDS = 30.0
"""How long answers that are under way at the end of a slot may still take."""


class LoadError(Exception):
    """An answer was not what it should be; the message says what came."""


@dataclasses.dataclass(frozen=True)
class Load:
    """What came of a slot: seconds of every answer, how long it all took, and how many answers there were."""

    latencies: list[float]
    seconds: float
    count: int


def request(port: int, text: str, variables: Mapping[str, Any], token: str, membership: str) -> bytes:
    """The bytes of one request."""
    asked: dict[str, Any] = {"query": text, "variables": dict(variables)} if variables else {"query": text}
    body = json.dumps(asked).encode()
    head = (
        f"POST /graphql HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\n"
        f"Hub-Membership: {membership}\r\nContent-Type: application/json\r\nAccept: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class _Client(asyncio.Protocol):
    """One connection that asks and asks."""

    def __init__(self, sent: bytes, until: float, latencies: list[float], length: int | None) -> None:
        self._sent = sent
        self._until = until
        self._latencies = latencies
        self._length = length
        self._buffer = bytearray()
        self._end = 0
        self._began = 0.0
        self._transport: Any = None
        self.done: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._ask()

    def _ask(self) -> None:
        self._began = time.perf_counter()
        self._transport.write(self._sent)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._end:
            self._end = self._parsed()
        if self._end and len(self._buffer) >= self._end:
            self._answered()

    def _parsed(self) -> int:
        """Where the answer ends, or 0 while its head is not complete."""
        head = self._buffer.find(b"\r\n\r\n")
        if head < 0:
            return 0
        lines = bytes(self._buffer[:head]).lower().split(b"\r\n")
        length = next((line[15:] for line in lines if line.startswith(b"content-length:")), None)
        if not lines[0].startswith(b"http/1.1 200") or length is None:
            self._fail(f"{lines[0].decode('latin-1')}: {bytes(self._buffer[:400])!r}")
            return 0
        if self._length is not None and int(length) != self._length:
            self._fail(f"an answer of {int(length)} bytes, where {self._length} are right")
            return 0
        return head + 4 + int(length)

    def _answered(self) -> None:
        now = time.perf_counter()
        self._latencies.append(now - self._began)
        body = bytes(self._buffer[: self._end]).partition(b"\r\n\r\n")[2] if now >= self._until else b""
        del self._buffer[: self._end]
        self._end = 0
        if now < self._until:
            self._ask()
            return
        if not self.done.done():
            self.done.set_result(body)
        self._transport.close()

    def _fail(self, words: str) -> None:
        if not self.done.done():
            self.done.set_exception(LoadError(words))
        self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(LoadError("the connection was closed"))


async def once(port: int, sent: bytes) -> bytes:
    """One request on a connection of its own; the body of the answer."""
    _, client = await asyncio.get_running_loop().create_connection(
        lambda: _Client(sent, 0.0, [], None), "127.0.0.1", port
    )
    return await asyncio.wait_for(client.done, STOP_SECONDS)


async def drive(port: int, sent: bytes, *, clients: int, seconds: float, length: int | None = None) -> Load:
    """Ask for so many seconds over so many connections. Raises LoadError for a wrong answer."""
    loop, latencies = asyncio.get_running_loop(), list[float]()
    began = time.perf_counter()
    until = began + seconds
    made = [
        await loop.create_connection(lambda: _Client(sent, until, latencies, length), "127.0.0.1", port)
        for _ in range(clients)
    ]
    await asyncio.wait_for(asyncio.gather(*(client.done for _, client in made)), seconds + STOP_SECONDS)
    return Load(latencies, time.perf_counter() - began, len(latencies))
