"""Row scopes peculiar to visits: whose they are."""

from __future__ import annotations

from auth.gate import bind

bind("visits", assigned="{t}.worker_id = {membership}")
bind("substitutions", own_organization="{t}.organization_id = {street}")
