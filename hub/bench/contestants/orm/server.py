"""The server: Strawberry's own ASGI view on starlette, under uvicorn as everybody else."""

from __future__ import annotations

import sys
from datetime import date
from typing import Any
from uuid import UUID

import strawberry
from sqlalchemy import URL
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from starlette.applications import Starlette
from strawberry.asgi import GraphQL
from strawberry.extensions import ParserCache, ValidationCache

from hub.base.clock import Clock
from hub.base.engine import READERS, WRITERS
from hub.base.ids import Ids
from hub.base.seal import Vault
from hub.bench.contestants.orm.loaders import Loaders
from hub.bench.contestants.orm.mutations import Mutation
from hub.bench.contestants.orm.types import Query
from hub.bench.contestants.place import Place, here, hub_here
from hub.bench.contestants.serving import serve
from hub.bench.contestants.stepping import SteppingClock

KEPT_DOCUMENTS = 1_000


class View(GraphQL[dict[str, Any], None]):
    """Strawberry's view with the viewer of the request and her loaders."""

    def __init__(self, place: Place, clock: Clock, vault: Vault) -> None:
        extensions = [
            lambda: ParserCache(maxsize=KEPT_DOCUMENTS),
            lambda: ValidationCache(maxsize=KEPT_DOCUMENTS),
        ]
        super().__init__(strawberry.Schema(Query, Mutation, extensions=extensions), graphql_ide=None)
        url = URL.create(
            "postgresql+asyncpg", place.user, place.password, place.host, place.port, place.database
        )
        engine = create_async_engine(
            url, pool_size=2 * READERS, max_overflow=0, isolation_level="AUTOCOMMIT", pool_timeout=60
        )
        self._sessions = async_sessionmaker(engine, expire_on_commit=False)
        zone = {"server_settings": {"TimeZone": str(clock.zone)}}
        writing = create_async_engine(
            url, pool_size=WRITERS, max_overflow=WRITERS, pool_timeout=60, connect_args=zone
        )
        self._written = {
            "writing": async_sessionmaker(writing, expire_on_commit=False),
            "clock": clock,
            "ids": Ids(),
            "vault": vault,
        }
        self._today = date.fromisoformat(place.today)
        self._rows = {f"Bearer {token}": viewer.row for token, viewer in place.viewers.items()}

    async def get_context(self, request: Any, response: Any) -> dict[str, Any]:
        """The loaders of one request."""
        row = self._rows[request.headers["authorization"]]
        partner, street = (
            None if row[name] is None else UUID(row[name]) for name in ("partner_id", "street_id")
        )
        loaders = Loaders(self._sessions, self._today, partner, street)
        return {"loaders": loaders, "member": row, **self._written}


def main(*, stepping: bool) -> None:
    """Serve. `stepping`: by a clock for measuring writes."""
    settings, _ = hub_here()
    clock = SteppingClock(settings.time_zone) if stepping else Clock(settings.time_zone)
    app = Starlette()
    view: Any = View(here(), clock, Vault(settings.secret))
    app.add_route("/graphql", view)
    serve(app)


if __name__ == "__main__":
    main(stepping="--stepping" in sys.argv)
