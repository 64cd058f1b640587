"""The few pieces of raw ASGI that the hub's own endpoints share: headers, a bounded body, one reply.

Not here: routing and everything else that Starlette does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from typing import Any

from hub.base.limits import MAX_BODY_SECONDS

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = Mapping[bytes, bytes]
"""Header values by lower-case name; see `headers_of` for names that occur twice."""


class BodyRefused(Exception):
    """The body cannot be taken. `status` is the HTTP status that says why: 400, 408 or 413."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class ClientGone(Exception):
    """The client has hung up before its request was complete: nobody is left to answer."""


def headers_of(raw: Iterable[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """The headers as a mapping; a repeated name is joined with a comma, as RFC 9110 §5.3 has it.

    That also makes a repeated single-valued header (two tokens, two memberships) one that is refused as
    malformed.
    """
    headers: dict[bytes, bytes] = {}
    for name, value in raw:
        known = headers.get(name)
        headers[name] = value if known is None else known + b", " + value
    return headers


async def read_body(receive: Receive, headers: Headers, limit: int) -> bytes:
    """The whole body, at most `limit` bytes. Raises BodyRefused or ClientGone."""
    declared = headers.get(b"content-length")
    if declared is not None:
        if not declared.isdigit():
            raise BodyRefused(400)
        # Compared by length first: turning thousands of digits into a number is what is to be avoided.
        if len(declared) > 12 or int(declared) > limit:
            raise BodyRefused(413)
    try:
        async with asyncio.timeout(MAX_BODY_SECONDS):
            return await _collect(receive, limit)
    except TimeoutError:
        raise BodyRefused(408) from None


async def _collect(receive: Receive, limit: int) -> bytes:
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        chunk: bytes = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            raise BodyRefused(413)
        if not message.get("more_body", False):
            return b"".join((*chunks, chunk)) if chunks else chunk
        chunks.append(chunk)


async def reply(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    """Send a complete reply. A client that has hung up meanwhile is no error."""
    sent = [*headers, (b"content-length", str(len(body)).encode())]
    try:
        await send({"type": "http.response.start", "status": status, "headers": sent})
        await send({"type": "http.response.body", "body": body})
    except OSError:
        return
