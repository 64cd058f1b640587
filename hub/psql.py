"""`hub psql`: the connection string, or psql itself.

psql gets the connection in its environment: arguments can be read by every user of the machine.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import urllib.parse
from collections.abc import Sequence

from hub.base.db import Server
from hub.data_folder import OperatorError
from hub.postgres_engine import PostgresError, bundled_program


def dsn(server: Server) -> str:
    """The connection string of the administrator. A socket folder goes into the query, as libpq wants it."""
    user = urllib.parse.quote(server.admin_user, safe="")
    password = urllib.parse.quote(server.admin_password, safe="")
    database = urllib.parse.quote(server.database, safe="")
    if server.host.startswith("/"):
        return f"postgresql://{user}:{password}@/{database}?host={urllib.parse.quote(server.host)}"
    return f"postgresql://{user}:{password}@{server.host}:{server.port}/{database}"


def run(server: Server, arguments: Sequence[str]) -> int:
    """Run psql until it ends; Ctrl-C is its own there. Returns its exit code. Raises OperatorError without any psql."""
    environment = {
        **os.environ,
        "PGHOST": server.host,
        "PGPORT": str(server.port),
        "PGDATABASE": server.database,
        "PGUSER": server.admin_user,
        "PGPASSWORD": server.admin_password,
    }
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        return subprocess.run([_program(), *arguments], env=environment, check=False).returncode
    finally:
        signal.signal(signal.SIGINT, before)


def _program() -> str:
    """The psql on PATH, which has line editing; else the one that comes with the embedded server, which has none."""
    try:
        return shutil.which("psql") or bundled_program("psql")
    except PostgresError as error:
        raise OperatorError(
            "There is no psql here. Use any client with: python3 -m hub psql --dsn"
        ) from error
