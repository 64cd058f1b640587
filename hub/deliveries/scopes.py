"""Row scopes peculiar to deliveries and group work: the worker's own."""

from __future__ import annotations

from auth.gate import bind

OWN_WORK = "{t}.worker_id = {membership}"

bind("deliveries", assigned=OWN_WORK)
bind("group_sessions", assigned=OWN_WORK)
