"""Row scopes of agreements and what hangs on them: communities are served by lines, which name them in an array."""

from __future__ import annotations

from auth.gate import bind

SERVED = "{community} = any({t}.community_ids)"

for table in ("agreements", "agreement_versions", "agreement_lines", "criteria", "milestones"):
    bind(table, served_here=SERVED)
