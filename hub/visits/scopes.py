"""Row scopes peculiar to visits: whose they are."""

from __future__ import annotations

from auth.gate import bind

bind("visits", assigned="{t}.worker_id = {membership}")
