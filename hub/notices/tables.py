"""Notices: the inbox of a membership. Texts are rendered when the notice is made and hold no personal value."""

from __future__ import annotations

from sqlalchemy import Column, Index, Table, UniqueConstraint
from sqlalchemy.dialects.postgresql import UUID

from hub.base.tables import at, metadata, pk, ref, text, version

AUDIT_FAULTS = ("GAP", "HASH", "STREET", "UNLINKED")
"""What can be wrong with a link of an audit chain: `hub.base.audit.Problem`, in capitals."""

notices = Table(
    "notices",
    metadata,
    pk(),
    ref("recipient_id", "memberships"),
    ref("street_id", "organizations"),
    text("kind"),
    text("subject_type"),
    Column("subject_id", UUID(as_uuid=True), nullable=False),
    text("subject_reference", null=True),
    text("text_zh"),
    text("text_en"),
    Column("event_id", UUID(as_uuid=True), nullable=False),
    at("created_at"),
    at("due_at", null=True),
    at("read_at", null=True),
    version(),
    UniqueConstraint("recipient_id", "event_id", "kind"),
    Index("ix_notices_recipient", "recipient_id", "id"),
    info={"rows": "recipient_id = {membership}", "update": "read_at version"},
)
