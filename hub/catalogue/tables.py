"""The catalogue of services: shared by all streets, codes stable, names in both languages."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Index, Integer, Table, UniqueConstraint

from hub.base.tables import at, count, flag, metadata, one_of, pk, ref, scope_columns, text, version

STRANDS = ("VISIT", "CLASSIFIED_AID", "PURCHASED")
SERVICE_UNITS = ("VISIT", "HOUR", "SESSION", "SERIES", "CASE", "PERSON", "REPORT")
"""What is counted. SERIES is a group with its sessions, CASE one person's casework with its follow-ups."""

PERSONAL_UNITS = ("VISIT", "HOUR", "CASE", "PERSON")
"""Units that one person receives, so that an offer for her reserves them; the others are held for a group."""

EVIDENCE_POLICIES = ("NONE", "PHOTO", "SIGNATURE", "SIGN_IN_SHEET", "REPORT")
CASE_KINDS = ("SERVICE", "CASEWORK")
QUALIFICATION_REQUIRED = ("REGISTRATION", "SOCIAL_WORK", "ELDERLY_CARE", "REHABILITATION", "COUNSELLING")
OFFICIAL_CATEGORIES = (
    "VISITING",
    "CARE",
    "REHABILITATION",
    "ESCORT",
    "RETURN_HOME",
    "COUNSELLING",
    "INTEGRATION",
    "SKILLS",
    "RESOURCES",
    "SURVEY",
    "TRAINING",
    "POLICY_OUTREACH",
    "EVALUATION",
)
"""The official service list (provincial notice of 2022), in its order; the last four are transactional."""

service_types = Table(
    "service_types",
    metadata,
    pk(),
    text("code"),
    text("name_zh"),
    text("name_en"),
    text("strand"),
    text("official_category", null=True),
    text("unit"),
    text("evidence_policy"),
    text("case_kind"),
    text("qualification_type"),
    Column("min_age", Integer, nullable=True),
    Column("max_age", Integer, nullable=True),
    flag("active", default=True),
    version(),
    one_of("strand", STRANDS),
    one_of("official_category", OFFICIAL_CATEGORIES),
    one_of("unit", SERVICE_UNITS),
    one_of("evidence_policy", EVIDENCE_POLICIES),
    one_of("case_kind", CASE_KINDS),
    one_of("qualification_type", QUALIFICATION_REQUIRED),
    UniqueConstraint("code"),
    info={"rows": "true", "update": "name_zh name_en active version"},
)

capacities = Table(
    "capacities",
    metadata,
    pk(),
    ref("partner_id", "organizations"),
    ref("service_type_id", "service_types"),
    *scope_columns(),
    count("capacity_count"),
    count("vacancy_count"),
    text("note", null=True),
    ref("set_by_id", "memberships"),
    at("set_at"),
    version(),
    CheckConstraint("vacancy_count between 0 and capacity_count", name="vacancy"),
    UniqueConstraint("partner_id", "service_type_id", "community_id"),
    Index("ix_capacities_community", "community_id", "service_type_id"),
    info={"update": "capacity_count vacancy_count note set_by_id set_at version"},
)
"""How many people a partner can serve with one service in one community, and how many more it would take now."""
