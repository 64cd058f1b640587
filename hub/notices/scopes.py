"""Row scopes of the inbox and of the audit trail (whose table lies below the scopes, in `hub.base`)."""

from __future__ import annotations

from auth.gate import bind

bind("notices", received="{t}.recipient_id = {membership}")

bind(
    "audit_events",
    own_actions="{t}.actor_membership_id = {membership}",
    own_actions_of_partner="{t}.actor_organization_id = {partner}",
    money_of_street=(
        "{t}.street_id = {street} and {t}.subject_type in ('Fund', 'Donation', 'Agreement', 'Submission', 'Deduction',"
        " 'Appeal', 'PaymentRequest', 'Invoice', 'BankAccount', 'Payment')"
    ),
)
