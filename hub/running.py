"""Which hub a command works on: its database and its address.

A command beside a running hub finds that one's server and address in the data folder; without one, it starts the
embedded PostgreSQL for as long as it works. DATABASE_URL takes the place of both.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from hub.base.db import Server
from hub.postgres import Embedded, NotRunning, attach, server_from_url
from hub.settings import Settings

ADDRESS = "address"  # in the data folder, while a hub serves: the URL that `hub token` asks


def found(settings: Settings) -> Server:
    """The database of the hub that runs now. Raises NotRunning when it is embedded and nothing runs."""
    if settings.database_url:
        return server_from_url(settings.database_url, settings)
    return attach(settings.data, prefix=settings.role_prefix)


@contextlib.contextmanager
def opened(settings: Settings) -> Iterator[Server]:
    """The database: of the running hub when there is one, else an embedded server until the block ends."""
    try:
        server = found(settings)
    except NotRunning:
        with Embedded(settings.data, prefix=settings.role_prefix) as server:
            yield server
        return
    yield server


@contextlib.contextmanager
def recorded_address(data: Path, url: str) -> Iterator[None]:
    """Tell the commands beside this hub where it listens, for as long as the block lasts."""
    record = data / ADDRESS
    record.write_text(f"{url}\n")
    try:
        yield
    finally:
        record.unlink(missing_ok=True)
