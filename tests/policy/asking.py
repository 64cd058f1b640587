"""Asking the hub over ASGI as any viewer of the planted world; every byte of every reply is searched on the way."""

from __future__ import annotations

import contextlib
import re
from collections.abc import AsyncIterator, Collection, Mapping
from typing import Any

import httpx2

from hub.app import create_app
from hub.base.clock import FixedClock
from hub.base.db import Server
from hub.settings import Settings
from tests import harness, keeping
from tests.policy.planted import MARK, NOW, Planted

WITHOUT_PRICES = ("COMMUNITY_WORKER", "PARTNER_WORKER", "ADMIN")
PERSON = re.compile(r"person_([0-9a-f-]{36})")


class Asker:
    """One hub. `allowed` says, per viewer, which marks a reply may hold; without an entry any may."""

    def __init__(
        self, client: httpx2.AsyncClient, password: str, planted: Planted, clock: FixedClock
    ) -> None:
        self._client, self._password, self._planted = client, password, planted
        self._headers: dict[str, dict[str, str]] = {}
        self.clock = clock
        self.allowed: dict[str, Collection[str]] = {}
        self.seen: dict[str, set[str]] = {}

    async def post(
        self, name: str, query: str, variables: Mapping[str, Any] | None = None, *, plain: bool = False
    ) -> httpx2.Response:
        """The reply to one request. `plain` for the two mutations that may show personal values."""
        if name not in self._headers:
            self._headers[name] = await self._sign_in(name)
        body = {"query": query, "variables": variables or {}}
        reply = await self._client.post("/graphql", json=body, headers=self._headers[name])
        if not plain:
            self._comb(name, reply.text)
        return reply

    async def ask(self, name: str, query: str, **variables: Any) -> dict[str, Any]:
        """Data and errors of a request that is answered."""
        reply = await self.post(name, query, variables)
        assert reply.status_code == 200, reply.text
        return reply.json()

    def _comb(self, name: str, text: str) -> None:
        """Nothing that no list may show, and no mark from outside the viewer's scope."""
        leaked = [secret for secret in self._planted.secrets if secret in text]
        assert not leaked, (name, leaked)
        if name in self._planted.viewers and str(self._planted.viewers[name].role) in WITHOUT_PRICES:
            leaked = [price for price in self._planted.prices if price in text]
            assert not leaked, (name, leaked)
        marks = set(MARK.findall(text))
        self.seen.setdefault(name, set()).update(marks)
        if name in self.allowed:
            assert marks <= set(self.allowed[name]), (name, marks - set(self.allowed[name]), text[:2000])

    async def _sign_in(self, name: str) -> dict[str, str]:
        form = {"grant_type": "password", "username": name.partition("@")[0], "password": self._password}
        reply = await self._client.post("/oauth/token", data=form)
        assert reply.status_code == 200, reply.text
        headers = {"authorization": f"Bearer {reply.json()['access_token']}", "accept-language": "en"}
        if name.startswith("hua"):
            headers["hub-membership"] = f"membership_{self._planted.viewers[name].membership_id}"
        return headers

    async def as_client(self, client: tuple[Any, str]) -> str:
        """Sign in as a machine client; returns the name to ask under."""
        form = {"grant_type": "client_credentials", "client_id": str(client[0]), "client_secret": client[1]}
        reply = await self._client.post("/oauth/token", data=form)
        assert reply.status_code == 200, reply.text
        name = f"client {client[0]}"
        self._headers[name] = {"authorization": f"Bearer {reply.json()['access_token']}"}
        return name


@contextlib.asynccontextmanager
async def asking(server: Server, settings: Settings, planted: Planted) -> AsyncIterator[Asker]:
    """A hub in demo mode on a copy of the planted world, at NOW."""
    clock = FixedClock(NOW, settings.time_zone)
    demo = settings.model_copy(update={"demo": True})
    app = create_app(demo, harness.as_hubs_reach(server), clock)
    async with app.running(keeping.LENT.get(server.database)):
        password = (demo.data / "demo-password").read_text().strip()
        transport = httpx2.ASGITransport(app=app)  # pyright: ignore[reportArgumentType]
        async with httpx2.AsyncClient(transport=transport, base_url="http://hub") as client:
            yield Asker(client, password, planted, clock)
