"""The GraphQL endpoint on a small schema, with an engine and an authenticator that only remember what reached
them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import httpx2
from graphql import build_schema

from auth.roles import Role, Viewer
from hub.base.asgi import Headers
from schema.documents import Documents, Prepared
from schema.http import GraphQLEndpoint, Reply

SCHEMA = build_schema(
    """
    type Query { thing(id: ID, text: String): Thing  things(first: Int): [Thing!] }
    type Thing { id: ID!  name: String  parent: Thing  things(first: Int): [Thing!] }
    type Mutation { thingRename(name: String!): Thing }
    type Subscription { thingRenamed: Thing }
    """
)
TOKEN = "Bearer good"
VIEWER = Viewer(
    role=Role.STATION_WORKER, user_id=UUID(int=1), membership_id=UUID(int=2), organization_id=UUID(int=3)
)
DATA = b'{"data":{"thing":null}}'


class RecordingEngine:
    """Answers every operation alike, or raises `error`; `calls` holds what it was given."""

    def __init__(self) -> None:
        self.calls: list[tuple[Prepared, Mapping[str, object], Viewer]] = []
        self.error: Exception | None = None

    async def execute(self, prepared: Prepared, variables: Mapping[str, object], viewer: Viewer) -> Reply:
        self.calls.append((prepared, variables, viewer))
        if self.error is not None:
            raise self.error
        return Reply(DATA)


class OneToken:
    """Knows one token; `error` is raised instead of an answer, `forgotten` holds the viewers dropped."""

    def __init__(self) -> None:
        self.error: Exception | None = None
        self.forgotten: list[Viewer] = []

    async def __call__(self, headers: Headers) -> Viewer | None:
        if self.error is not None:
            raise self.error
        return VIEWER if headers.get(b"authorization") == TOKEN.encode() else None

    def forget(self, viewer: Viewer) -> None:
        self.forgotten.append(viewer)


class Front:
    """The endpoint under test and everything around it."""

    def __init__(self) -> None:
        self.engine = RecordingEngine()
        self.authenticate = OneToken()
        self.endpoint = GraphQLEndpoint(Documents(SCHEMA), self.engine, self.authenticate)
        self.client = httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=self.endpoint),
            base_url="http://hub.example",
            headers={"authorization": TOKEN},
        )

    async def send(self, body: bytes | str, **headers: str) -> httpx2.Response:
        """POST a body; header names are given with underscores."""
        sent = {
            "content-type": "application/json",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        return await self.client.post("/graphql", content=body, headers=sent)


def codes(reply: Any) -> list[str]:
    """The codes of a reply that has errors and nothing else."""
    body = reply.json()
    assert set(body) == {"errors"}, body
    return [error["extensions"]["code"] for error in body["errors"]]
