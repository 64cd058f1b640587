"""Documents and papers: what is known of a file beside its bytes, which lie sealed in the data folder."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Index, Integer, Table, UniqueConstraint
from sqlalchemy import text as sql

from hub.base.tables import at, metadata, one_of, pk, ref, scope_columns, text, version
from hub.documents.media import MEDIA_TYPES, PAPER_TYPES
from hub.documents.states import DOCUMENT

DOCUMENT_KINDS = (
    "PHOTO",
    "SIGNATURE",
    "SIGN_IN_SHEET",
    "REPORT",
    "CONTRACT",
    "INVOICE",
    "BANK_SLIP",
    "OTHER",
)

documents = Table(
    "documents",
    metadata,
    pk(),
    text("reference"),
    *scope_columns(community=False),
    ref("community_id", "organizations", null=True),
    ref("partner_id", "organizations", null=True),
    text("kind"),
    text("name"),
    text("media_type"),
    Column("size_bytes", Integer, nullable=False),
    text("sha256"),
    at("captured_at", null=True),
    text("status", default="PENDING"),
    ref("uploaded_by_id", "memberships"),
    # The machine client through which it was announced: once revoked, it brings nothing any more.
    ref("client_id", "clients", null=True),
    at("created_at"),
    at("upload_until_at"),
    at("stored_at", null=True),
    version(),
    one_of("kind", DOCUMENT_KINDS),
    one_of("media_type", tuple(MEDIA_TYPES)),
    one_of("status", DOCUMENT.states),
    CheckConstraint("size_bytes > 0", name="size"),
    CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="sha256"),
    CheckConstraint("name <> '' and name !~ '[/\\\\[:cntrl:]]'", name="name"),
    CheckConstraint("upload_until_at > created_at", name="upload_until"),
    CheckConstraint("(status = 'STORED') = (stored_at is not null)", name="stored"),
    UniqueConstraint("reference"),
    *(Index(f"ix_documents_{scope}", f"{scope}_id", "id") for scope in ("partner", "community", "street")),
    # A file that proves a second delivery is found by its hash, within what the asker may see.
    Index("ix_documents_sha256", "sha256"),
    Index("ix_documents_pending", "upload_until_at", "id", postgresql_where=sql("status = 'PENDING'")),
    info={"update": "status stored_at version"},
)
"""`partner_id` is the uploader's partner, if she has one. The name is as the uploader's machine had it."""

PAPER_KINDS = ("ACCEPTANCE_PACK", "PAYMENT_FILE", "PAYMENT_LIST")

papers = Table(
    "papers",
    metadata,
    pk(),
    text("kind"),
    text("name"),
    text("media_type"),
    Column("size_bytes", Integer, nullable=False),
    text("sha256"),
    *scope_columns(community=False),
    ref("made_by_id", "memberships"),
    ref("client_id", "clients", null=True),
    at("made_at"),
    one_of("kind", PAPER_KINDS),
    one_of("media_type", tuple(PAPER_TYPES)),
    CheckConstraint("size_bytes > 0", name="size"),
    CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="sha256"),
    Index("ix_papers_made_by", "made_by_id", "made_at"),
)
"""Files that the hub made for somebody. No role reads them: who had one made fetches it by the link in the answer, and
may see in it what nobody else may. The name is made of a reference or of days, never of a person."""
