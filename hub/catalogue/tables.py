"""The catalogue of services: shared by all streets, codes stable, names in both languages."""

from __future__ import annotations

from sqlalchemy import Column, Integer, Table, UniqueConstraint

from hub.base.tables import flag, metadata, one_of, pk, text, version

STRANDS = ("VISIT", "CLASSIFIED_AID", "PURCHASED")
SERVICE_UNITS = ("VISIT", "HOUR", "SESSION", "CASE", "PERSON", "REPORT")
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
