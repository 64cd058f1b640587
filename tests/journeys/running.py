"""A hub as its users meet it: a server on a loopback port, a client per sign-in name, a clock, and the worker.

The clock stands still until a test moves it, and the worker works when a test lets it (`day_goes_by`), so that every
step of a journey has its hour and its notices are there when they are looked for.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
from graphql import OperationDefinitionNode, parse, print_ast

from hub.app import create_app
from hub.base.clock import FixedClock
from hub.base.db import Server
from hub.settings import Settings
from hub.worker import Worker, ready
from tests import harness
from tests.full.serving import served

STREET_CODE = "320311002"
FRIDAY = 4


def _operations() -> dict[str, str]:
    texts = [path.read_text() for path in sorted(Path(__file__).parent.glob("*.graphql"))]
    definitions = [definition for text in texts for definition in parse(text).definitions]
    operations = [one for one in definitions if isinstance(one, OperationDefinitionNode)]
    return {one.name.value: print_ast(one) for one in operations if one.name}


OPERATIONS = _operations()
"""What the journeys ask and do: name in one of the `.graphql` files beside this one → document."""


class Hub:
    """What a journey does: ask and do things as somebody, look at what came back, let time go by."""

    def __init__(self, client: httpx2.AsyncClient, password: str, clock: FixedClock, worker: Worker) -> None:
        self._client = client
        self._password = password
        self._worker = worker
        self._tokens: dict[str, str] = {}
        self._memberships: dict[str, str] = {}
        self.clock = clock

    async def post(self, name: str, query: str, variables: Mapping[str, Any]) -> httpx2.Response:
        """One request as somebody, in English. `query` is a document, or the name of one of OPERATIONS."""
        if name not in self._tokens:
            await self._sign_in(name)
        headers = {"authorization": f"Bearer {self._tokens[name]}", "accept-language": "en"}
        if name in self._memberships:
            headers["hub-membership"] = self._memberships[name]
        return await self._client.post(
            "/graphql", json={"query": OPERATIONS.get(query, query), "variables": variables}, headers=headers
        )

    async def _sign_in(self, name: str) -> None:
        form = {"grant_type": "password", "username": name, "password": self._password}
        answer = await self._client.post("/oauth/token", data=form)
        assert answer.status_code == 200, answer.text
        self._tokens[name] = answer.json()["access_token"]

    def act_as(self, name: str, membership: str) -> None:
        """From now on the requests of somebody with several memberships name this one."""
        self._memberships[name] = membership

    async def ask(self, name: str, query: str, **variables: Any) -> Any:
        """The data of a query, which must have no error."""
        answer = await self.post(name, query, variables)
        body = answer.json()
        assert answer.status_code == 200, answer.text
        assert "errors" not in body, body["errors"]
        return body["data"]

    async def do(self, name: str, mutation: str, **variables: Any) -> Any:
        """The payload of a mutation of one field, which must have been done."""
        payload = await self._payload(name, mutation, variables)
        assert payload["userErrors"] == [], payload["userErrors"]
        return next(value for key, value in payload.items() if key != "userErrors")

    async def refused(self, name: str, mutation: str, **variables: Any) -> list[str]:
        """The codes of the reasons why a mutation was not done. Each has a sentence; the payload shows nothing else."""
        payload = await self._payload(name, mutation, variables)
        errors = payload.pop("userErrors")
        assert set(payload.values()) == {None}
        assert all(error["message"] for error in errors)
        return [error["code"] for error in errors]

    async def _payload(self, name: str, mutation: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        answer = await self.post(name, mutation, variables)
        body = answer.json()
        assert "errors" not in body, body["errors"]
        (payload,) = body["data"].values()
        return payload

    async def put(self, url: str, data: bytes, media_type: str) -> httpx2.Response:
        """Bring the bytes of a file to a signed link; without any token."""
        return await self._client.put(url, content=data, headers={"content-type": media_type})

    async def get(self, url: str) -> httpx2.Response:
        """What a signed link leads to; without any token."""
        return await self._client.get(url)

    async def day_goes_by(self) -> None:
        """The worker does what is due. It must have nothing left to try again."""
        done = await self._worker.tick()
        assert done.put_off == 0

    def move_to(self, day: datetime, hour: int, minute: int = 0) -> str:
        """Set the clock to a time of day, forward only. Returns it as the API writes it."""
        instant = day.replace(hour=hour, minute=minute)
        assert instant >= self.clock.instant, "time only goes forward"
        self.clock.instant = instant.astimezone(UTC)
        return said(instant)

    def friday(self) -> datetime:
        """The next Friday that is at least three days ahead, at midnight in the hub's zone."""
        day = self.clock.instant.astimezone(self.clock.zone).replace(
            hour=0, minute=0, second=0, microsecond=0
        )
        return day + timedelta(days=(FRIDAY - day.weekday() - 3) % 7 + 3)


def said(instant: datetime) -> str:
    """An instant as the API writes it."""
    return instant.isoformat(timespec="milliseconds")


@contextlib.asynccontextmanager
async def running(settings: Settings, database: Server) -> AsyncIterator[Hub]:
    """A hub in demo mode on a copy of the world, the morning after the last thing that happened in it."""
    settings = settings.model_copy(update={"demo": True})
    clock = FixedClock(await _morning_after(database, settings), settings.time_zone)
    reached = harness.as_hubs_reach(database)
    app = create_app(settings, reached, clock)
    password = (settings.data / "demo-password").read_text().strip()
    async with ready(settings, reached, clock) as worker:
        with served(app) as url:
            async with httpx2.AsyncClient(base_url=url, trust_env=False, timeout=30) as client:
                hub = Hub(client, password, clock, worker)
                await hub.day_goes_by()
                yield hub


async def _morning_after(database: Server, settings: Settings) -> datetime:
    rows = await harness.run_sql(database, "select max(occurred_at) as last from audit_events")
    clock = FixedClock(rows[0]["last"], settings.time_zone)
    return clock.at(clock.today() + timedelta(days=1), 9)


def id_number(division: str, born: str, serial: str) -> str:
    """A valid id number of nobody: division code, birth date YYYYMMDD, three digits, check character (GB 11643)."""
    body = division + born + serial
    weights = [2 ** (17 - place) % 11 for place in range(17)]
    total = sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True))
    return body + "10X98765432"[total % 11]


def text_of(answer: Any) -> str:
    """Every character of an answer, for searching it."""
    return answer.text if isinstance(answer, httpx2.Response) else json.dumps(answer, ensure_ascii=False)
