"""What can be done with documents: announce one, store its bytes, open it; and let it go when nothing came."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from auth.gate import claim
from hub.base.errors import Conflict, Invalid, NotFound
from hub.base.inputs import one_of
from hub.base.limits import UPLOAD_LINK_SECONDS
from hub.base.transaction import Transaction
from hub.documents.rules import announced, file_name, require_captured
from hub.documents.states import DOCUMENT
from hub.documents.tables import DOCUMENT_KINDS, documents
from hub.organizations.tables import organizations


async def document_prepare(
    tx: Transaction,
    community_id: UUID | None,
    street_id: UUID | None,
    *,
    kind: str,
    name: str,
    media_type: str,
    size_bytes: int,
    sha256: str,
    captured_at: datetime | None = None,
) -> Row[Any]:
    """Announce a file about a community, or about the street as a whole; its bytes follow by the signed link.

    A partner announces only where it has an agreement or a case. Whether anybody has the same file is not looked at.
    """
    if (community_id is None) == (street_id is None):
        raise Invalid("document_place", code="REQUIRED", path=("input", "community"))
    path, wanted = (("input", "community"), "COMMUNITY") if community_id else (("input", "street"), "STREET")
    place = await claim(tx, organizations, community_id or street_id, "document_prepare", path=path)  # type: ignore[arg-type]
    if place.kind != wanted:
        raise NotFound(path=path)
    said = announced(size_bytes, sha256, media_type)
    require_captured(captured_at, tx.now)
    row = await tx.insert_numbered(
        documents,
        "E",
        district_id=place.district_id,
        street_id=place.street_id,
        community_id=community_id,
        partner_id=tx.actor.partner_id,
        kind=one_of(kind, DOCUMENT_KINDS, ("input", "kind")),
        name=file_name(name, ("input", "name")),
        media_type=said.media_type,
        size_bytes=said.size_bytes,
        sha256=said.sha256,
        captured_at=captured_at,
        uploaded_by_id=tx.actor.membership_id,
        client_id=tx.actor.client_id,
        created_at=tx.now,
        upload_until_at=(tx.now + timedelta(seconds=UPLOAD_LINK_SECONDS)).replace(microsecond=0),
    )
    await tx.emit("document_prepare", row, "Document", tell=False, facts=_facts(row))
    return row


async def document_store(tx: Transaction, document_id: UUID) -> Row[Any]:
    """The bytes have come, whole and as announced. Bringing them again changes nothing.

    Acts as whoever announced them, if she still may act at all; raises NotFound otherwise, and for what expired.
    """
    if not tx.live:
        raise NotFound
    row = await claim(tx, documents, document_id, "document_store")
    if row.status == "STORED":
        return row
    if row.status not in DOCUMENT.find("document_store").sources:
        raise NotFound
    row = await DOCUMENT.move(tx, row, "document_store", stored_at=tx.now)
    await tx.emit("document_store", row, "Document", facts=_facts(row))
    return row


async def document_open(tx: Transaction, document_id: UUID) -> Row[Any]:
    """Let the viewer fetch the bytes: one audit event, whether she then does or not."""
    row = await claim(tx, documents, document_id, "document_open")
    if row.status != "STORED":
        raise Conflict(
            "document_not_arrived", code="WRONG_STATE", path=("id",), status=f"DocumentStatus.{row.status}"
        )
    # No outbox row: nothing happens outside, as with every other value that is shown.
    await tx.emit("document_open", row, "Document", tell=False, facts={"kind": row.kind})
    return row


async def document_expire(tx: Transaction, document_id: UUID) -> Row[Any]:
    """SYSTEM's move when an announced file did not come in time. There is no file yet that would have to go."""
    row = await claim(tx, documents, document_id, "document_expire")
    if row.upload_until_at > tx.now:
        raise Conflict("document_not_due", code="WRONG_STATE", path=("id",))
    row = await DOCUMENT.move(tx, row, "document_expire")
    await tx.emit("document_expire", row, "Document", tell=False)
    return row


def _facts(row: Row[Any]) -> dict[str, object]:
    """What the audit trail says of a file; never its name."""
    return {"kind": row.kind, "mediaType": row.media_type, "sizeBytes": row.size_bytes, "sha256": row.sha256}
