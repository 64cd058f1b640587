"""The web application: the GraphQL endpoint in front, beside it the documents' bytes, sign-in and health behind them.

The composition root.
"""

from __future__ import annotations

import contextlib
import functools
import hmac
from collections.abc import AsyncIterator, Mapping
from typing import Any

import asyncpg  # pyright: ignore[reportMissingTypeStubs]
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from auth import server as sign_in
from auth.exchange import fresh_secret
from auth.middleware import Authenticator
from auth.roles import READ_ROLES, Role
from auth.tokens import Tokens, fresh_signing_key
from hub.base.clock import Clock
from hub.base.clock_follow import follow_demo_clock
from hub.base.db import Server
from hub.base.engine import LOST
from hub.base.errors import Unavailable
from hub.base.ids import Ids
from hub.base.logs import set_up_logs
from hub.base.metrics import exposed
from hub.base.seal import Vault
from hub.connections import Connections, connected
from hub.data_folder import private_file
from hub.documents.archive import Archive
from hub.documents.links import PREFIX as DOCUMENTS
from hub.documents.papers import Papers
from hub.documents.transfer import DocumentEndpoint
from hub.observing import Observed
from hub.settings import Settings
from schema.build import built, registry
from schema.commanding import Commands
from schema.documents import Documents
from schema.engine import Engine
from schema.http import GraphQLEndpoint
from schema.negotiation import preferred_language
from schema.walls import settings_of

MEASURED = """
select count(*) as hub_outbox_waiting,
       coalesce(extract(epoch from $1 - min(available_at)), 0)::float8 as hub_outbox_oldest_seconds,
       count(*) filter (where attempts > 0) as hub_outbox_failing,
       (select count(*) from audit_unlinked) as hub_audit_unlinked
  from outbox where done_at is null and available_at <= $1
"""


@functools.cache
def _documents() -> Documents:
    """A process has one schema, and prepares a document once."""
    return Documents(registry().schema)


class Application:
    """Everything a server holds, and the ASGI callable: `/graphql` and `/documents/` go straight to their endpoints."""

    def __init__(self, settings: Settings, server: Server, clock: Clock | None = None) -> None:
        self.settings = settings
        self.server = server
        self.clock = clock or Clock(settings.time_zone)
        self._follows = clock is None and settings.demo
        self._tokens = Tokens(
            private_file(settings.data / "signing-key.json", fresh_signing_key), settings.issuer
        )
        self._password = (
            private_file(settings.data / "demo-password", fresh_secret) if settings.demo else None
        )
        self._web: Starlette = Starlette(
            routes=[
                Route("/health", self._health),
                Route("/ready", self._ready),
                Route("/metrics", self._metrics),
                Route("/", _front),
            ],
            lifespan=self._lifespan,
        )

        self._observed = Observed(self._routed)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self._observed(scope, receive, send)

    async def _routed(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and scope["path"] == "/graphql":
            await self.endpoint(scope, receive, send)
        elif scope["type"] == "http" and scope["path"].startswith(DOCUMENTS):
            await self.documents(scope, receive, send)
        else:
            await self._web(scope, receive, send)

    @contextlib.asynccontextmanager
    async def running(self, lent: Connections | None = None) -> AsyncIterator[Application]:
        """Open what a server needs, and close it again. Connections that are `lent` stay open."""
        async with contextlib.nullcontext(lent) if lent else connected(self.server) as connections:
            self._compose(connections)
            following = (
                follow_demo_clock(self.clock, self._connect) if self._follows else contextlib.nullcontext()
            )
            async with following:
                yield self

    def _compose(self, connections: Connections) -> None:
        self.readers, self.writer = connections.readers, connections.writer
        self.system = connections.system
        ids, vault = Ids(), Vault(self.settings.secret)
        archive, papers = Archive(self.settings.documents, vault), Archive(self.settings.papers, vault)
        archive.prepare()
        papers.prepare()
        commands = Commands(built(), self.writer, self.clock, ids, vault, Papers(archive, papers))
        settings: Mapping[Role, tuple[str, ...]] = {role: settings_of(role) for role in READ_ROLES}
        self.engine = Engine(registry(), self.readers, commands, self.clock, settings)
        self.authenticator = Authenticator(self.system, self._tokens, self.clock)
        self.endpoint = GraphQLEndpoint(_documents(), self.engine, self.authenticator)
        self.documents = DocumentEndpoint(
            self.system, self.writer, archive, papers, vault, self.clock, ids, preferred_language
        )
        self._web.router.routes.extend(
            sign_in.routes(self.system, self._tokens, self.clock, demo_password=self._password)
        )

    @contextlib.asynccontextmanager
    async def _lifespan(self, _: Starlette) -> AsyncIterator[None]:
        async with self.running():
            yield

    async def _connect(self) -> Any:
        return await asyncpg.connect(**self.server.connect_kwargs("system"))

    async def _health(self, _: Request) -> Response:
        """The process answers."""
        return JSONResponse({"status": "ok"})

    async def _ready(self, _: Request) -> Response:
        """The database answers too."""
        try:
            await self.system.fetchval("select 1")
        except (*LOST, Unavailable):
            return JSONResponse({"status": "database unavailable"}, status_code=503)
        return JSONResponse({"status": "ready"})

    async def _metrics(self, request: Request) -> Response:
        """What the hub counts, for whoever holds HUB_METRICS_TOKEN; without that setting there is nothing here."""
        token = self.settings.metrics_token
        given = request.headers.get("authorization", "")
        if token is None or not hmac.compare_digest(
            given.encode(), f"Bearer {token.get_secret_value()}".encode()
        ):
            return PlainTextResponse("Not Found", status_code=404)
        try:
            measured = dict(await self.system.fetchrow(MEASURED, self.clock.now()))
        except (*LOST, Unavailable):
            measured = {}  # that the database is away shows elsewhere; what this process counted still counts
        return Response(exposed(measured), media_type="text/plain; version=0.0.4; charset=utf-8")


async def _front(_: Request) -> Response:
    return PlainTextResponse(
        "Service hub. GraphQL: POST /graphql (sign in first: /oauth/token). See README.md.\n"
    )


def create_app(settings: Settings, server: Server, clock: Clock | None = None) -> Application:
    """The ASGI application of one hub."""
    set_up_logs(settings.log_format)
    return Application(settings, server, clock)
