"""What `hub_system` may do, table by table: sign-in, the outbox, notices, the audit chain, finding due work."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True)
class SystemRight:
    """Privileges on one table, over all rows."""

    table: str
    privileges: str


SYSTEM_RIGHTS: tuple[SystemRight, ...] = (
    SystemRight("users", "select"),
    SystemRight("memberships", "select"),
    SystemRight("clients", "select"),
    SystemRight("organizations", "select"),
    SystemRight("demo_clock", "select"),
)
