"""Organizations (districts, streets, communities, partners, charities), qualifications, conflict declarations."""

from __future__ import annotations

from sqlalchemy import Index, Table, UniqueConstraint

from hub.base.tables import at, metadata, on, one_of, pk, ref, text, version

ORGANIZATION_KINDS = ("DISTRICT", "STREET", "COMMUNITY", "PARTNER", "CHARITY")
ORGANIZATION_STATUSES = ("ACTIVE", "CLOSED")
PARTNER_TYPES = ("SOCIAL_GROUP", "SERVICE_INSTITUTION", "FOUNDATION")
PARTNER_RATINGS = ("R1A", "R2A", "R3A", "R4A", "R5A", "UNRATED")
QUALIFICATION_TYPES = (
    "REGISTRATION",
    "SOCIAL_WORK",
    "ELDERLY_CARE",
    "REHABILITATION",
    "COUNSELLING",
    "CHARITY_STATUS",
)
ORGANIZATION_ROWS = "{street} is not null or {partner} is not null or {district} is not null"

organizations = Table(
    "organizations",
    metadata,
    pk(),
    text("kind"),
    text("name"),
    text("code"),
    ref("parent_id", "organizations", null=True, index=True),
    ref("district_id", "organizations", null=True),
    ref("street_id", "organizations", null=True, index=True),
    text("status", default="ACTIVE"),
    text("partner_type", null=True),
    text("partner_rating", null=True),
    at("created_at"),
    version(),
    one_of("kind", ORGANIZATION_KINDS),
    one_of("status", ORGANIZATION_STATUSES),
    one_of("partner_type", PARTNER_TYPES),
    one_of("partner_rating", PARTNER_RATINGS),
    UniqueConstraint("code"),
    Index("ix_organizations_kind_name", "kind", "name"),
    # Reference data of all streets: which of them a command may touch is decided by `claim`, not by a street.
    info={"rows": "true", "update": "version"},
)

qualifications = Table(
    "qualifications",
    metadata,
    pk(),
    ref("partner_id", "organizations", index=True),
    text("type"),
    text("number"),
    on("valid_from_on"),
    on("valid_to_on", null=True),
    at("created_at"),
    version(),
    one_of("type", QUALIFICATION_TYPES),
    UniqueConstraint("partner_id", "type", "number"),
    info={"rows": ORGANIZATION_ROWS, "update": "valid_from_on valid_to_on version"},
)

conflict_declarations = Table(
    "conflict_declarations",
    metadata,
    pk(),
    ref("user_id", "users", index=True),
    ref("partner_id", "organizations", index=True),
    ref("membership_id", "memberships"),
    ref("district_id", "organizations", null=True),
    ref("street_id", "organizations", null=True, index=True),
    text("reason"),
    at("declared_at"),
    version(),
    UniqueConstraint("user_id", "partner_id"),
    info={
        # A partner's manager is told of a tie to her partner when she admits somebody.
        "rows": "user_id = {user} or street_id = {street} or partner_id = {partner}",
        "check": "user_id = {user} or street_id = {street}",
    },
)
