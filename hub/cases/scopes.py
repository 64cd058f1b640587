"""Row scopes peculiar to cases: who leads them.

A partner's lead is worth as much as its access: with the consent gone or the handover window shut the case is absent
for commands as well as for reads (I15). Street and community need no consent to run their own cases.
"""

from __future__ import annotations

from auth.gate import bind

bind(
    "cases",
    led_by_partner="{t}.partner_id = {partner} and {partner} = any({t}.partner_ids) and {t}.access_until >= {today}",
    led_by_street="{t}.lead_organization_id = {street}",
    led_by_community="{t}.lead_organization_id = {community}",
    # Whoever works on it, by the same columns as her reads.
    assigned="{membership} = any({t}.worker_ids) and {t}.access_until >= {today}",
    led_by_me="{t}.lead_worker_id = {membership} and ({t}.partner_id is null"
    " or ({membership} = any({t}.worker_ids) and {t}.access_until >= {today}))",
)
