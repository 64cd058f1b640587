"""Where the database is, and under which role a connection is opened.

Owns: the address of the server, the names and passwords of its roles. Passwords are derived from the hub's secret, so
none is stored; names carry the prefix of the settings, since roles belong to the whole server.
"""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import hmac
from typing import Any

from hub.base.pooled import Pooled


@dataclasses.dataclass(frozen=True)
class Server:
    """One database on one PostgreSQL server, with what is needed to log in as any of the hub's roles."""

    host: str
    port: int
    database: str
    admin_user: str
    admin_password: str = dataclasses.field(repr=False)
    prefix: str
    secret: bytes = dataclasses.field(repr=False)
    pooled: bool = False  # a pooler in transaction mode stands in front (HUB_POOLER)

    def role(self, name: str) -> str:
        """The server-wide name of a hub role: `writer` → `hub_writer`."""
        return f"{self.prefix}_{name}"

    def password(self, name: str) -> str:
        """The login password of a hub role, derived from the hub's secret (never stored, never logged)."""
        digest = hmac.new(self.secret, f"database-role:{self.role(name)}".encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")

    def connect_kwargs(self, name: str) -> dict[str, Any]:
        """Arguments for `asyncpg.connect` as the hub role `name`."""
        return {
            "host": self.host,
            "port": self.port,
            "database": self.database,
            "user": self.role(name),
            "password": self.password(name),
            **self._through_pooler(),
        }

    def admin_kwargs(self) -> dict[str, Any]:
        """Arguments for `asyncpg.connect` as the administrator that migrates."""
        return {
            "host": self.host,
            "port": self.port,
            "database": self.database,
            "user": self.admin_user,
            "password": self.admin_password,
            **self._through_pooler(),
        }

    def _through_pooler(self) -> dict[str, Any]:
        return {"statement_cache_size": 0, "connection_class": Pooled} if self.pooled else {}

    def on(self, database: str) -> Server:
        """The same server, another database."""
        return dataclasses.replace(self, database=database)
