"""What `hub_system` may do, table by table: sign-in, the outbox, notices, the audit chain, finding due work."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True)
class SystemRight:
    """Privileges on one table, over all rows."""

    table: str
    privileges: str


def _reads(*tables: str) -> tuple[SystemRight, ...]:
    return tuple(SystemRight(table, "select") for table in tables)


SYSTEM_RIGHTS: tuple[SystemRight, ...] = (
    # Signing in and resolving viewers; whom a notice goes to.
    *_reads("users", "memberships", "clients", "organizations"),
    # What is due, and what a notice is about: states, references and times, nothing personal.
    SystemRight("service_types", "select (id, name_zh, name_en)"),
    SystemRight(
        "referrals",
        "select (id, reference, status, urgency, district_id, street_id, community_id, submitted_by_id,"
        " service_type_id, completed_at)",
    ),
    SystemRight(
        "offers",
        "select (id, referral_id, partner_id, district_id, street_id, status, expires_at, offered_at)",
    ),
    SystemRight(
        "agreements",
        "select (id, reference, status, district_id, street_id, partner_id, fund_id, current_version_id,"
        " payable_fen)",
    ),
    SystemRight(
        "agreement_versions", "select (id, effective_from_on, ends_on, prepared_by_id, approved_by_id)"
    ),
    *(
        SystemRight(table, "select (id, reference, street_id, partner_id)")
        for table in ("deductions", "appeals", "payment_requests", "payments", "bank_accounts")
    ),
    SystemRight("submissions", "select (id, reference, street_id, partner_id, community_ids)"),
    SystemRight("invoices", "select (id, number, street_id, partner_id)"),
    SystemRight("milestones", "select (id, agreement_id, status)"),
    SystemRight(
        "cases",
        "select (id, reference, status, person_id, referral_id, offer_id, partner_id, partner_ids,"
        " lead_organization_id, lead_worker_id, opened_at)",
    ),
    SystemRight("case_members", "select (id, case_id, organization_id, membership_id, until_on)"),
    SystemRight(
        "visits",
        "select (id, reference, status, street_id, community_id, case_id, service_type_id, organization_id,"
        " worker_id, promised_from_at, promised_to_at, kept_at)",
    ),
    SystemRight(
        "deliveries",
        "select (id, reference, status, district_id, street_id, community_id, partner_id, service_type_id, case_id,"
        " worker_id, flags, evidence_complete, recorded_at, dispute_reason_code)",
    ),
    SystemRight("callbacks", "select (id, delivery_id, status, attempt_count)"),
    SystemRight("activity_series", "select (id, service_type_id)"),
    SystemRight(
        "group_sessions",
        "select (id, reference, street_id, community_id, partner_id, series_id, worker_id, planned_from_at,"
        " planned_to_at)",
    ),
    SystemRight(
        "substitutions",
        "select (id, status, district_id, street_id, organization_id, partner_id, worker_id, substitute_id, from_on,"
        " until_on, arranged_by_id)",
    ),
    SystemRight(
        "consents",
        "select (id, person_id, grantee_id, district_id, street_id, community_id, status, from_on, to_on,"
        " paper_due_on, created_at)",
    ),
    SystemRight("persons", "select (id, reference, access_until)"),
    # What a signed link leads to; nothing that says what a file is called.
    SystemRight(
        "documents",
        "select (id, reference, status, district_id, street_id, uploaded_by_id, client_id, media_type, size_bytes,"
        " sha256, upload_until_at)",
    ),
    SystemRight(
        "papers",
        "select (id, street_id, made_by_id, client_id, name, media_type, size_bytes, sha256)",
    ),
    SystemRight("demo_clock", "select"),
    # Keys that nobody will send again are thrown away.
    SystemRight("idempotency_keys", "select (principal_id, key, created_at), delete"),
    # The outbox, the inboxes and the audit chain.
    SystemRight("outbox", "select, update (available_at, done_at, attempts, last_error)"),
    SystemRight("notices", "insert, select (recipient_id, event_id, kind)"),
    SystemRight("audit_events", "select"),
    SystemRight("audit_unlinked", "select, delete"),
    SystemRight("audit_chain", "select, insert"),
)
