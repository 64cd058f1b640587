"""Referrals and the offers made on them. Who may read a referral's words is decided by the case's access columns."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Index, Integer, Table, UniqueConstraint
from sqlalchemy import text as sql

from hub.base.tables import access_columns, at, count, metadata, one_of, pk, ref, scope_columns, text, version
from hub.people.tables import AGE_GROUPS, BRADSHAW_TYPES, NEED_DOMAINS
from hub.referrals.states import OFFER, REFERRAL

URGENCIES = ("ROUTINE", "SOON", "URGENT")
REASON_CODES = (
    "MISSING_DATA",
    "NOT_ELIGIBLE",
    "DUPLICATE",
    "OUT_OF_SCOPE",
    "NO_CAPACITY",
    "NOT_QUALIFIED",
    "TOO_FAR",
    "PERSON_REFUSED",
    "PERSON_MOVED",
    "STAFF_SHORTAGE",
    "CONSENT_WITHDRAWN",
    "ENTERED_IN_ERROR",
    "NO_LONGER_NEEDED",
    "OTHER",
)

referrals = Table(
    "referrals",
    metadata,
    pk(),
    text("reference"),
    text("status", default="DRAFT"),
    ref("person_id", "persons", index=True),
    *scope_columns(),
    *access_columns(),
    ref("service_type_id", "service_types"),
    text("urgency", default="ROUTINE"),
    text("reason"),
    ref("submitted_by_id", "memberships"),
    at("submitted_at", null=True),
    text("status_reason_code", null=True),
    text("status_reason", null=True),
    ref("handled_by_id", "memberships", null=True),
    text("triage_note", null=True),
    at("completed_at", null=True),
    at("closed_at", null=True),
    ref("acknowledged_by_id", "memberships", null=True),
    text("acknowledgement", null=True),
    at("created_at"),
    version(),
    one_of("status", REFERRAL.states),
    one_of("urgency", URGENCIES),
    one_of("status_reason_code", REASON_CODES),
    UniqueConstraint("reference"),
    Index("ix_referrals_community", "community_id", "id"),
    Index("ix_referrals_street", "street_id", "id"),
    Index("ix_referrals_street_status", "street_id", "status", "id"),
    info={
        "update": "status service_type_id urgency reason submitted_at submitted_by_id status_reason_code status_reason"
        " handled_by_id triage_note completed_at closed_at acknowledged_by_id acknowledgement version"
    },
)

referral_needs = Table(
    "referral_needs",
    metadata,
    pk(),
    ref("referral_id", "referrals", index=True),
    ref("need_id", "needs", index=True),
    ref("person_id", "persons"),
    *scope_columns(),
    *access_columns(),
    UniqueConstraint("referral_id", "need_id"),
    info={"delete": True},
)

offers = Table(
    "offers",
    metadata,
    pk(),
    ref("referral_id", "referrals", index=True),
    ref("partner_id", "organizations"),
    *scope_columns(),
    ref("service_type_id", "service_types"),
    text("status", default="OFFERED"),
    text("urgency"),
    text("age_group"),
    text("estate", null=True),
    at("expires_at"),
    text("note", null=True),
    # Offers made before there were agreements name no line.
    ref("agreement_id", "agreements", null=True),
    ref("line_id", "agreement_lines", null=True, index=True),
    Column("quantity", Integer, nullable=True),
    text("decline_reason_code", null=True),
    text("decline_reason", null=True),
    ref("offered_by_id", "memberships"),
    ref("decided_by_id", "memberships", null=True),
    at("offered_at"),
    at("decided_at", null=True),
    version(),
    one_of("status", OFFER.states),
    one_of("urgency", URGENCIES),
    one_of("age_group", AGE_GROUPS),
    one_of("decline_reason_code", REASON_CODES),
    CheckConstraint("status <> 'DECLINED' or decline_reason_code is not null", name="declined"),
    CheckConstraint("num_nonnulls(agreement_id, line_id, quantity) in (0, 3)", name="line_whole"),
    CheckConstraint("quantity > 0", name="quantity"),
    # Only OFFERED is live: an accepted offer stays accepted when the case is handed back, and the referral is offered
    # anew. That no second case is open meanwhile is `uq_cases_live`.
    Index("uq_offers_live", "referral_id", unique=True, postgresql_where=sql("status = 'OFFERED'")),
    Index("ix_offers_partner", "partner_id", "id"),
    Index("ix_offers_street", "street_id", "id"),
    info={"update": "status decline_reason_code decline_reason decided_by_id decided_at version"},
)

offer_needs = Table(
    "offer_needs",
    metadata,
    pk(),
    ref("offer_id", "offers", index=True),
    ref("partner_id", "organizations"),
    *scope_columns(),
    text("domain"),
    text("bradshaw_type"),
    count("severity", 3),
    one_of("domain", NEED_DOMAINS),
    one_of("bradshaw_type", BRADSHAW_TYPES),
)
