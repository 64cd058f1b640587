"""Bookkeeping tables that every command touches: audit events and their chain, outbox, idempotency keys, clock."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Sequence,
    Table,
    UniqueConstraint,
)
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import JSONB, UUID

from hub.base.tables import at, metadata, pk, ref, text

reference_numbers = Sequence("reference_numbers", metadata=metadata)
"""Numbers of human references (`C-2026-00142`), shared by all kinds: they may have gaps, and never repeat."""

audit_events = Table(
    "audit_events",
    metadata,
    pk(),
    Column("xid", BigInteger, nullable=False, server_default=sql("(pg_current_xact_id()::text)::bigint")),
    at("occurred_at"),
    text("action"),
    text("subject_type"),
    Column("subject_id", UUID(as_uuid=True), nullable=False),
    text("subject_reference", null=True),
    ref("district_id", "organizations", null=True),
    ref("street_id", "organizations", null=True),
    ref("community_id", "organizations", null=True),
    ref("partner_id", "organizations", null=True),
    ref("actor_user_id", "users", null=True),
    ref("actor_membership_id", "memberships", null=True),
    ref("actor_organization_id", "organizations", null=True),
    text("actor_role"),
    text("actor_name"),
    Column("client_id", UUID(as_uuid=True), nullable=True),
    text("purpose", null=True),
    Column("facts", JSONB, nullable=False),
    Index("ix_audit_events_street", "street_id", "id"),
    Index("ix_audit_events_subject", "subject_id", "id"),
    Index("ix_audit_events_actor", "actor_membership_id", "id"),
    info={"rows": "street_id is not distinct from {street} or actor_membership_id = {membership}"},
)

audit_chain = Table(
    "audit_chain",
    metadata,
    Column("chain_id", UUID(as_uuid=True), nullable=False),
    Column("position", BigInteger, nullable=False),
    ref("event_id", "audit_events"),
    Column("hash", LargeBinary, nullable=False),
    PrimaryKeyConstraint("chain_id", "position"),
    UniqueConstraint("event_id"),
    info={"rows": "false"},
)

audit_unlinked = Table(
    "audit_unlinked",
    metadata,
    Column("event_id", UUID(as_uuid=True), ForeignKey("audit_events.id"), primary_key=True),
    info={"rows": "false"},
)
"""Events that are in no chain yet: a trigger puts each one in, the worker takes it out (`hub.base.audit`)."""

outbox = Table(
    "outbox",
    metadata,
    pk(),
    ref("event_id", "audit_events", index=True),
    ref("street_id", "organizations", null=True),
    text("topic"),
    Column("payload", JSONB, nullable=False),
    at("created_at"),
    at("available_at"),
    at("done_at", null=True),
    Column("attempts", Integer, nullable=False, server_default="0"),
    text("last_error", null=True),
    Index("ix_outbox_pending", "available_at", "id", postgresql_where=sql("done_at is null")),
    info={"rows": "street_id is not distinct from {street}"},
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("principal_id", UUID(as_uuid=True), nullable=False),
    text("key"),
    text("command"),
    Column("request_hash", LargeBinary, nullable=False),
    Column("result", JSONB, nullable=False),
    at("created_at"),
    PrimaryKeyConstraint("principal_id", "key"),
    Index("ix_idempotency_keys_created_at", "created_at"),
    info={"rows": "principal_id = {membership}", "update": "result"},
)

demo_clock = Table(
    "demo_clock",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("offset_seconds", BigInteger, nullable=False),
    info={"rows": "false"},
)
