"""What a contestant process is told through its environment: the database, its logins, and who may ask.

The asking are known by their tokens, so that a contestant without a sign-in of its own has one look-up instead.
"""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hub.base.db import Server
from hub.bench.world import World
from hub.settings import Settings


@dataclasses.dataclass(frozen=True)
class Viewer:
    """Somebody who asks: the login that row-level security binds, its settings, and her membership's row."""

    login: str
    password: str
    settings: Mapping[str, str]
    row: Mapping[str, str | None]


@dataclasses.dataclass(frozen=True)
class Place:
    """The database, as administrator, and everybody who asks, by her bearer token."""

    host: str
    port: int
    database: str
    user: str
    password: str
    today: str
    viewers: Mapping[str, Viewer]


def environment(world: World) -> dict[str, str]:
    """The variables that a contestant is started with."""
    server = world.server
    viewers = {
        asking.token: {
            "login": asking.login,
            "password": server.password(f"read_{asking.row['role'].lower()}"),
            "settings": dict(asking.settings),
            "row": {key: None if value is None else str(value) for key, value in asking.row.items()},
        }
        for asking in world.facts.asking.values()
    }
    return {
        "BENCH_DATA": str(world.settings.data),
        "BENCH_HOST": server.host,
        "BENCH_PORT": str(server.port),
        "BENCH_DATABASE": server.database,
        "BENCH_USER": server.admin_user,
        "BENCH_PASSWORD": server.admin_password,
        "BENCH_TODAY": world.facts.today.isoformat(),
        "BENCH_VIEWERS": json.dumps(viewers),
    }


def here() -> Place:
    """What this process was told."""
    given = os.environ
    viewers = {token: Viewer(**viewer) for token, viewer in json.loads(given["BENCH_VIEWERS"]).items()}
    return Place(
        given["BENCH_HOST"],
        int(given["BENCH_PORT"]),
        given["BENCH_DATABASE"],
        given["BENCH_USER"],
        given["BENCH_PASSWORD"],
        given["BENCH_TODAY"],
        viewers,
    )


def hub_here() -> tuple[Settings, Server]:
    """The hub's own settings and server, for the contestants that are made of it."""
    settings, place = Settings(data=Path(os.environ["BENCH_DATA"]), demo=True), here()
    server = Server(
        host=place.host,
        port=place.port,
        database=place.database,
        admin_user=place.user,
        admin_password=place.password,
        prefix=settings.role_prefix,
        secret=settings.secret,
    )
    return settings, server


def admin_of(place: Place) -> dict[str, Any]:
    """Arguments for `asyncpg.connect` as the administrator, whom row-level security does not bind."""
    return {
        "host": place.host,
        "port": place.port,
        "database": place.database,
        "user": place.user,
        "password": place.password,
    }
