"""The limit of one-row reads: uvicorn and asyncpg, and nothing that makes an API of them.

No sign-in, no GraphQL, no check of anything: the id is taken out of the variables, one prepared statement is run, its
text is sent. It knows the read `case_one` only.
"""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import asyncpg  # pyright: ignore[reportMissingTypeStubs]

from hub.base.engine import READERS
from hub.bench.contestants import by_hand_sql
from hub.bench.contestants.place import admin_of, here
from hub.bench.contestants.serving import serve

HEADERS = [(b"content-type", b"application/json")]


class Bare:
    """An ASGI application that answers one row."""

    def __init__(self) -> None:
        self._place = here()
        self._today = by_hand_sql.day(self._place.today)
        self._pool: Any = None
        self._partners = {token: viewer.row["partner_id"] for token, viewer in self._place.viewers.items()}

    async def open(self) -> None:
        """Connect."""
        self._pool = await asyncpg.create_pool(
            **admin_of(self._place),
            min_size=READERS,
            max_size=READERS,
            server_settings=by_hand_sql.SETTINGS,
            reset=by_hand_sql.leave,
        )

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await _lifespan(receive, send)
            return
        body = (await receive())["body"]
        token = next(value for name, value in scope["headers"] if name == b"authorization")[7:].decode()
        case_id = UUID(json.loads(body)["variables"]["id"][5:])
        values = (UUID(self._partners[token]), self._today, case_id)
        data = b'{"data":' + await self._pool.fetchval(by_hand_sql.STATEMENTS["CaseOne"], *values) + b"}"
        headers = [*HEADERS, (b"content-length", str(len(data)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": data})


async def _lifespan(receive: Any, send: Any) -> None:
    while True:
        event = (await receive())["type"]
        await send({"type": f"{event}.complete"})
        if event == "lifespan.shutdown":
            return


if __name__ == "__main__":
    app = Bare()
    serve(app, started=app.open)
