"""Around the whole application: each request gets an id, a log line and its place in the metrics.

The id comes from the client's or the proxy's X-Request-Id when that is a plain one, and goes back in the answer. The
line tells the route, never the path or the query string, and of an operation its role, kind and the hash of its
document: names and variables are the client's words.
"""

from __future__ import annotations

import re
import secrets
import time
from typing import Any

import structlog

from hub.base.asgi import Receive, Scope, Send
from hub.base.logs import write_line
from hub.base.metrics import count_request

ROUTES = ("/graphql", "/documents/", "/oauth/", "/.well-known/", "/health", "/ready", "/metrics")
QUIET = ("/health", "/ready", "/metrics")
"""Asked every few seconds by machines: counted, not logged."""

GIVEN_ID = re.compile(rb"[A-Za-z0-9._-]{8,64}")


def route_of(path: str) -> str:
    """The route a path belongs to, from a fixed list."""
    return next((route for route in ROUTES if path.startswith(route)), "other")


def request_id(scope: Scope) -> str:
    """The id of the request: the given one when it is plain, else a new one."""
    for name, value in scope["headers"]:
        if name == b"x-request-id" and GIVEN_ID.fullmatch(value):
            return value.decode()
    return secrets.token_hex(8)


class Observed:
    """An ASGI application that is watched."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, given, status = time.perf_counter(), request_id(scope), 0
        facts: dict[str, Any] = scope.setdefault("state", {})

        async def answer(message: Any) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), (b"x-request-id", given.encode())]
            await send(message)

        token = structlog.contextvars.bind_contextvars(request=given)
        try:
            await self._app(scope, receive, answer)
        finally:
            seconds, route = time.perf_counter() - began, route_of(scope["path"])
            count_request(route, status, seconds)
            if route not in QUIET:
                seen = {name: facts[name] for name in ("role", "operation", "document") if name in facts}
                told = {"request": given, "route": route, "method": scope["method"], "status": status}
                write_line("request", {**told, "ms": round(seconds * 1000, 1), **seen})
            structlog.contextvars.reset_contextvars(**token)
