"""Cases: who is in charge and who does the work; members, the needs a case answers, and its goals."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Index, Integer, Table, UniqueConstraint
from sqlalchemy import text as sql

from hub.base.tables import (
    access_columns,
    at,
    count,
    flag,
    metadata,
    on,
    one_of,
    pk,
    ref,
    scope_columns,
    text,
    version,
)
from hub.cases.states import CASE, GOAL
from hub.catalogue.tables import CASE_KINDS
from hub.referrals.tables import REASON_CODES

CASE_OUTCOMES = ("COMPLETED", "PARTLY_COMPLETED", "HANDED_BACK", "CANCELLED", "NOT_COMPLETED")
MEMBER_ROLES = ("LEAD", "HELPER")

cases = Table(
    "cases",
    metadata,
    pk(),
    text("reference"),
    text("kind"),
    text("status", default="OPEN"),
    ref("person_id", "persons", index=True),
    *scope_columns(),
    *access_columns(),
    ref("partner_id", "organizations", null=True),
    ref("referral_id", "referrals", index=True),
    ref("offer_id", "offers", null=True, index=True),
    # What the offer named, repeated: which line pays, how much of it is this person's, and how much she has had.
    ref("agreement_id", "agreements", null=True, index=True),
    ref("line_id", "agreement_lines", null=True, index=True),
    Column("quantity", Integer, nullable=True),
    count("delivered_count"),
    ref("service_type_id", "service_types"),
    ref("lead_organization_id", "organizations"),
    ref("lead_worker_id", "memberships", null=True, index=True),
    ref("community_contact_id", "memberships", null=True),
    count("open_visit_count"),
    count("open_need_count"),
    count("open_goal_count"),
    # Until when the earliest promise still open stands; kept by trigger, like the counts.
    at("next_promise_at", null=True),
    at("opened_at"),
    at("closed_at", null=True),
    text("outcome", null=True),
    text("summary", null=True),
    ref("closure_proposed_by_id", "memberships", null=True),
    at("closure_proposed_at", null=True),
    ref("closure_proposed_user_id", "users", null=True),
    ref("closed_by_id", "memberships", null=True),
    ref("closed_user_id", "users", null=True),
    text("status_reason_code", null=True),
    text("status_reason", null=True),
    version(),
    one_of("kind", CASE_KINDS),
    one_of("status", CASE.states),
    one_of("outcome", CASE_OUTCOMES),
    one_of("status_reason_code", REASON_CODES),
    CheckConstraint("(status = 'CLOSED') = (closed_at is not null)", name="closed"),
    # A proposal already names the outcome, so that what is approved is what was proposed.
    CheckConstraint("status <> 'CLOSED' or outcome is not null", name="outcome_at_end"),
    CheckConstraint("outcome is null or status in ('CLOSING', 'CLOSED')", name="outcome_not_before"),
    # Four eyes are those of two people: two memberships of one user are one. `closed_user_id` is whoever approved the
    # closure; a case that ends otherwise (served, handed back, cancelled) has none, and the proposer may do that.
    CheckConstraint(
        "closed_user_id is null or closed_user_id <> closure_proposed_user_id",
        name="closure_by_another",
    ),
    UniqueConstraint("reference"),
    Index("uq_cases_live", "referral_id", unique=True, postgresql_where=sql("status <> 'CLOSED'")),
    Index("ix_cases_partner", "partner_id", "id"),
    Index("ix_cases_partner_promise", "partner_id", "next_promise_at", "id"),
    Index("ix_cases_community", "community_id", "id"),
    Index("ix_cases_street", "street_id", "id"),
    Index("ix_cases_street_status", "street_id", "status", "id"),
    Index("ix_cases_worker_ids", "worker_ids", postgresql_using="gin"),
    Index("ix_cases_partner_ids", "partner_ids", postgresql_using="gin"),
    info={
        "update": "status lead_worker_id closed_at outcome summary closure_proposed_by_id closure_proposed_at"
        " closure_proposed_user_id closed_by_id closed_user_id status_reason_code status_reason version"
    },
)

case_members = Table(
    "case_members",
    metadata,
    pk(),
    ref("case_id", "cases", index=True),
    ref("person_id", "persons"),
    *scope_columns(),
    *access_columns(),
    ref("organization_id", "organizations"),
    ref("membership_id", "memberships", null=True),
    text("role"),
    at("from_at"),
    on("until_on", null=True),
    version(),
    one_of("role", MEMBER_ROLES),
    Index(
        "uq_case_members_lead",
        "case_id",
        unique=True,
        postgresql_where=sql("role = 'LEAD' and membership_id is null and until_on is null"),
    ),
    info={"update": "until_on version"},
)

case_needs = Table(
    "case_needs",
    metadata,
    pk(),
    ref("case_id", "cases", index=True),
    ref("need_id", "needs", index=True),
    ref("person_id", "persons"),
    *scope_columns(),
    *access_columns(),
    UniqueConstraint("case_id", "need_id"),
)

goals = Table(
    "goals",
    metadata,
    pk(),
    ref("case_id", "cases", index=True),
    ref("person_id", "persons"),
    *scope_columns(),
    *access_columns(),
    text("title"),
    text("baseline", null=True),
    text("target"),
    on("due_on", null=True),
    flag("self_reliance"),
    text("status", default="OPEN"),
    text("outcome", null=True),
    at("created_at"),
    at("settled_at", null=True),
    version(),
    one_of("status", GOAL.states),
    info={"update": "status outcome settled_at version"},
)
