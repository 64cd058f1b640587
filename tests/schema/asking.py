"""A running hub over ASGI, and how a test asks it: as somebody of the cast, in the words of GraphQL."""

from __future__ import annotations

import contextlib
import dataclasses
import json
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import httpx2

from auth.roles import Role, Viewer
from hub.app import Application, create_app
from hub.base.clock import FixedClock
from hub.base.db import Server
from hub.base.ids import Ids
from hub.base.seal import Vault
from hub.settings import Settings
from hub.worker import Worker
from tests import keeping

TOKEN_SECONDS = 600

AWKWARD = (
    "quote \" backslash \\ slash / tab \t newline \n bell \x07 del \x7f ]]> </script> \u2028 𠮷 😀 '; -- $1"
)
"""What no column may choke on; planted past the commands, which refuse control characters."""


def gid(tag: str, row_id: UUID) -> str:
    """The global id of a row."""
    return f"{tag}_{row_id}"


@dataclasses.dataclass(frozen=True)
class Answer:
    """The reply to one request; `text` is the body as it came."""

    status: int
    text: str

    @property
    def body(self) -> dict[str, Any]:
        """The whole reply."""
        return json.loads(self.text)

    @property
    def data(self) -> Any:
        """`data`, which must have come without any error."""
        body = self.body
        assert "errors" not in body, body["errors"]
        return body["data"]

    @property
    def codes(self) -> list[tuple[str, list[str] | None]]:
        """Code and path of each error."""
        return [(each["extensions"]["code"], each.get("path")) for each in self.body.get("errors", [])]


class Statements:
    """The read pools of a hub, which remember what was sent through them."""

    def __init__(self, pools: Any) -> None:
        self._pools = pools
        self.sent: list[tuple[Role, str, list[Any]]] = []

    async def fetchval(self, role: Role, query: str, values: list[Any]) -> Any:
        """As `hub.connections.Readers`."""
        self.sent.append((role, query, values))
        return await self._pools.fetchval(role, query, values)


class Hub:
    """A running hub and a client of it."""

    def __init__(self, app: Application, client: httpx2.AsyncClient, clock: FixedClock) -> None:
        self.app = app
        self.client = client
        self.clock = clock
        self.statements = Statements(app.readers)
        self._kept: dict[Viewer, str] = {}
        app.engine._readers = self.statements

    def token(self, viewer: Viewer) -> str:
        """An access token of that user, one for all tests of the hub."""
        if viewer not in self._kept:
            assert viewer.user_id
            self._kept[viewer] = self.app._tokens.issue(viewer.user_id, lifetime_seconds=TOKEN_SECONDS)
        return self._kept[viewer]

    async def ask(
        self,
        viewer: Viewer,
        query: str,
        variables: Mapping[str, Any] | None = None,
        *,
        language: str = "en",
        **extra: Any,
    ) -> Answer:
        """Send one request as that viewer."""
        body = {"query": query, "variables": variables or {}, **extra}
        headers = {
            "authorization": f"Bearer {self.token(viewer)}",
            "hub-membership": f"membership_{viewer.membership_id}",
            "accept-language": language,
        }
        reply = await self.client.post("/graphql", json=body, headers=headers)
        return Answer(reply.status_code, reply.text)

    def worker(self) -> Worker:
        """A worker with the hub's connections and clock."""
        vault = Vault(self.app.settings.secret)
        return Worker(self.app.writer, self.app.system, self.clock, Ids(), vault)

    async def do(self, viewer: Viewer, mutation: str, variables: Mapping[str, Any] | None = None) -> Any:
        """Send one mutation that must succeed; the payload of its one field."""
        data = (await self.ask(viewer, mutation, variables)).data
        (payload,) = data.values()
        assert payload["userErrors"] == [], payload["userErrors"]
        return payload


@contextlib.asynccontextmanager
async def running(server: Server, settings: Settings, instant: datetime) -> AsyncIterator[Hub]:
    """A hub on this database whose clock stands at `instant`."""
    clock = FixedClock(instant)
    app = create_app(settings, server, clock)
    async with app.running(keeping.LENT.get(server.database)):
        front: Any = app
        transport = httpx2.ASGITransport(app=front, raise_app_exceptions=False)
        async with httpx2.AsyncClient(transport=transport, base_url="http://hub.example") as client:
            yield Hub(app, client, clock)
