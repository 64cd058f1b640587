"""Moving the demo's clock forward, so that a journey can be lived on any day."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

from hub.base.clock_follow import CHANNEL, DEMO_CLOCK
from hub.base.db import Server
from hub.data_folder import OperatorError
from hub.world import as_owner


class ClockRefused(OperatorError):
    """The clock cannot be set so; the message says why."""


async def set_clock(server: Server, instant: datetime) -> datetime:
    """Move the clock of a running demo hub and its worker to `instant` (aware). Returns the instant it then shows.

    Only forward: what has happened would otherwise lie in the future. Raises ClockRefused, also when the database is
    not the demo's.
    """
    real = datetime.now(UTC)
    seconds = math.ceil((instant - real).total_seconds())
    async with as_owner(server) as connection, connection.transaction():
        present = await connection.fetchval(
            "select offset_seconds from public.demo_clock where id = $1 for update", DEMO_CLOCK
        )
        if present is None:
            raise ClockRefused("This database does not hold the demo world: its clock is the real one.")
        if seconds < present:
            shown = (real + timedelta(seconds=present)).astimezone(instant.tzinfo)
            raise ClockRefused(
                f"The demo's clock shows {shown:%Y-%m-%d %H:%M} already; it only moves forward."
            )
        await connection.execute(
            "update public.demo_clock set offset_seconds = $2 where id = $1", DEMO_CLOCK, seconds
        )
        await connection.execute(f"notify {CHANNEL}")
    return real + timedelta(seconds=seconds)
