"""The floor: the same server and the same sign-in in front of fixed statements, as a login that sees everything.

What ours may cost on top of it is planning, filtering twice, and asking whether the session is live.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import asyncpg  # pyright: ignore[reportMissingTypeStubs]

from auth.roles import Viewer
from hub.app import Application, create_app
from hub.base.clock import Clock
from hub.base.engine import READERS
from hub.bench.contestants import by_hand_sql
from hub.bench.contestants.place import admin_of, here, hub_here
from hub.bench.contestants.serving import serve
from schema.build import registry
from schema.documents import Documents, Prepared
from schema.http import GraphQLEndpoint, Reply


class HandWritten:
    """An `Engine` that knows the everyday reads by the names of their operations."""

    def __init__(self, pool: Any, clock: Clock) -> None:
        self._pool = pool
        self._clock = clock

    async def execute(self, prepared: Prepared, variables: Mapping[str, object], viewer: Viewer) -> Reply:
        """See `schema.http.Engine`."""
        name = prepared.operation.name.value if prepared.operation.name else ""
        values = [viewer.partner_id or viewer.street_id, self._clock.today()]
        match name:
            case "CaseOne":
                values.append(UUID(str(variables["id"]).removeprefix("case_")))
            case "StationReport":
                values[1] = by_hand_sql.day(str(variables["to"]))
                values += [by_hand_sql.day(str(variables["from"])), self._clock.now()]
            case "MilestonesPage":
                values.pop()
            case _:
                pass
        data = await self._pool.fetchval(by_hand_sql.STATEMENTS[name], *values)
        return Reply(b'{"data":' + data + b"}")


def main() -> None:
    """Serve."""
    settings, server = hub_here()
    app: Application = create_app(settings, server)

    async def by_hand() -> None:
        pool = await asyncpg.create_pool(
            **admin_of(here()),
            min_size=READERS,
            max_size=READERS,
            server_settings=by_hand_sql.SETTINGS,
            reset=by_hand_sql.leave,
        )
        documents = Documents(registry().schema)
        app.endpoint = GraphQLEndpoint(documents, HandWritten(pool, app.clock), app.authenticator)

    serve(app, started=by_hand)


if __name__ == "__main__":
    main()
