"""Sessions that pass Python by: the real logins of the database, with settings as no client could make them."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from hub.base.db import Server
from tests import harness
from tests.policy.planted import TODAY


@contextlib.asynccontextmanager
async def session(server: Server, name: str, **settings: object) -> AsyncIterator[asyncpg.Connection]:
    """A session of a login, with settings as no client could make them, and none by itself."""
    async with harness.connect_as(server, name) as connection:
        for key, value in {"today": TODAY, **settings}.items():
            await connection.execute("select set_config($1, $2, false)", f"hub.{key}", str(value or ""))
        yield connection


async def refused(connection: asyncpg.Connection, statement: str, *args: object, how: Any = None) -> str:
    """The statement is refused; the constraint's name, if it was one."""
    with pytest.raises(how or asyncpg.InsufficientPrivilegeError) as raised:
        await connection.execute(statement, *args)
    return getattr(raised.value, "constraint_name", "") or ""
