"""Row scopes of agreements and what hangs on them.

What the street has not decided is its own business: a partner learns of a version when it is approved, its workers and
the communities that lines name when it has come into force. Triggers keep the two flags (`0005_agreements.sql`).
"""

from __future__ import annotations

from auth.gate import bind

for table in ("agreements", "agreement_versions", "agreement_lines", "criteria", "milestones"):
    bind(
        table,
        offered_to_us="{t}.partner_id = {partner} and {t}.offered",
        in_force_with_us="{t}.partner_id = {partner} and {t}.was_in_force",
        served_here="{community} = any({t}.community_ids) and {t}.was_in_force",
    )

bind(
    "agreements",
    # What the director has approved, and perhaps the partner signed, only the director takes back.
    own_street_undecided="{t}.street_id = {street} and {t}.status not in ('APPROVED', 'PARTNER_ACCEPTED')",
)
