"""Ours: the hub's application as it is served.

`--without-rls`: the same application by logins that row-level security does not bind (`hub.bench.unbound`). The
planner's own row filters and the check that the session is live stay in the statement; what is gone is PostgreSQL's
second look at each row. `--stepping`: by a clock for measuring writes.
"""

from __future__ import annotations

import sys

from hub.app import create_app
from hub.bench.contestants.place import hub_here
from hub.bench.contestants.serving import serve
from hub.bench.contestants.stepping import SteppingClock
from hub.bench.unbound import unbound


def main(*, without_rls: bool, stepping: bool) -> None:
    """Serve."""
    settings, server = hub_here()
    clock = SteppingClock(settings.time_zone) if stepping else None
    serve(create_app(settings, unbound(server) if without_rls else server, clock))


if __name__ == "__main__":
    main(without_rls="--without-rls" in sys.argv, stepping="--stepping" in sys.argv)
