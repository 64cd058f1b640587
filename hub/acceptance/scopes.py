"""Row scopes of claims and decisions: communities are served by the milestone's lines, named in an array."""

from __future__ import annotations

from auth.gate import bind

SERVED = "{community} = any({t}.community_ids)"

for table in ("submissions", "claim_steps", "reviews"):
    bind(table, served_here=SERVED)
