"""The server: Strawberry's own ASGI view on starlette, under uvicorn as everybody else."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import strawberry
from sqlalchemy import URL
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from starlette.applications import Starlette
from strawberry.asgi import GraphQL
from strawberry.extensions import ParserCache, ValidationCache

from hub.base.engine import READERS
from hub.bench.contestants.orm.loaders import Loaders
from hub.bench.contestants.orm.types import Query
from hub.bench.contestants.place import Place, here
from hub.bench.contestants.serving import serve

KEPT_DOCUMENTS = 1_000


class View(GraphQL[dict[str, Any], None]):
    """Strawberry's view with the viewer of the request and her loaders."""

    def __init__(self, place: Place) -> None:
        extensions = [
            lambda: ParserCache(maxsize=KEPT_DOCUMENTS),
            lambda: ValidationCache(maxsize=KEPT_DOCUMENTS),
        ]
        super().__init__(strawberry.Schema(Query, extensions=extensions), graphql_ide=None)
        url = URL.create(
            "postgresql+asyncpg", place.user, place.password, place.host, place.port, place.database
        )
        engine = create_async_engine(
            url, pool_size=2 * READERS, max_overflow=0, isolation_level="AUTOCOMMIT", pool_timeout=60
        )
        self._sessions = async_sessionmaker(engine, expire_on_commit=False)
        self._today = date.fromisoformat(place.today)
        self._rows = {f"Bearer {token}": viewer.row for token, viewer in place.viewers.items()}

    async def get_context(self, request: Any, response: Any) -> dict[str, Any]:
        """The loaders of one request."""
        row = self._rows[request.headers["authorization"]]
        partner, street = (
            None if row[name] is None else UUID(row[name]) for name in ("partner_id", "street_id")
        )
        return {"loaders": Loaders(self._sessions, self._today, partner, street)}


def main() -> None:
    """Serve."""
    app = Starlette()
    app.add_route("/graphql", View(here()))
    serve(app)


if __name__ == "__main__":
    main()
