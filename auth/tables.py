"""Users, memberships and API clients. Organizations are known here by foreign-key name only.

Nobody reads `users` through GraphQL, nor the hash of a client's secret; the sign-in code does, as `hub_system`.
`memberships` repeats the display name, since a case shows who works it and a join to `users` would open more than that.
"""

from __future__ import annotations

from sqlalchemy import Column, Table, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Text

from auth.roles import Duty, Role
from hub.base.tables import at, flag, metadata, on, one_of, pk, ref, text, version

CLIENT_ROWS = "street_id = {street} or (street_id is null and partner_id = {partner})"
MEMBERSHIP_ROWS = "{street} is not null or {partner} is not null"
"""Read across streets, since a tie to a partner counts wherever it is; written in one's own street, or at a partner."""

users = Table(
    "users",
    metadata,
    pk(),
    text("sign_in_name"),
    text("name"),
    text("password_hash", null=True),
    text("language", default="zh-CN"),
    flag("active", default=True),
    at("created_at"),
    UniqueConstraint("sign_in_name"),
    one_of("language", ("zh-CN", "en")),
    # No command changes a user; granting a membership locks hers, which needs the right to change some column.
    info={"rows": "true", "update": "language"},
)

memberships = Table(
    "memberships",
    metadata,
    pk(),
    ref("user_id", "users", index=True),
    ref("organization_id", "organizations", index=True),
    text("role"),
    text("duty", null=True),
    text("display_name"),
    ref("district_id", "organizations", null=True),
    ref("street_id", "organizations", null=True, index=True),
    ref("community_id", "organizations", null=True),
    ref("partner_id", "organizations", null=True, index=True),
    on("valid_from_on"),
    on("valid_to_on", null=True),
    at("ended_at", null=True),
    text("end_reason", null=True),
    at("created_at"),
    version(),
    one_of("role", tuple(role for role in Role if role is not Role.SYSTEM)),
    one_of("duty", tuple(Duty)),
    info={
        "rows": MEMBERSHIP_ROWS,
        "check": "street_id is null or street_id = {street}",
        "update": "ended_at end_reason valid_to_on version",
    },
)

clients = Table(
    "clients",
    metadata,
    pk(),
    ref("membership_id", "memberships", index=True),
    ref("street_id", "organizations", null=True),
    ref("partner_id", "organizations", null=True),
    text("name"),
    text("secret_hash"),
    Column("scopes", ARRAY(Text), nullable=False),
    at("created_at"),
    at("revoked_at", null=True),
    version(),
    info={"rows": CLIENT_ROWS, "update": "revoked_at version"},
)
